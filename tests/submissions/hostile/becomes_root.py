# expect: contained
"""Becomes root, or anybody else."""

import os

import numpy as np


def solve(exercise):
    for attack in (
        lambda: os.setuid(0),
        lambda: os.setgid(0),
        lambda: os.setresuid(0, 0, 0),
        lambda: os.setgroups([0]),
        lambda: os.seteuid(1000),
        lambda: os.chroot("/tmp"),
        lambda: os.nice(-5),
    ):
        try:
            attack()
            print("ESCAPED", os.getresuid())
        except OSError as error:
            print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
