# expect: contained timeout
"""Forks without end."""

import os

import numpy as np


def solve(exercise):
    while True:
        try:
            os.fork()
        except OSError:
            pass
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
