# expect: contained exited
"""Keeps all variants in the process that it was imported into."""

import os

import numpy as np

os.fork = lambda: 0
real_exit = os._exit
os._exit = lambda status: None


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
