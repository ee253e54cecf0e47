# expect: contained timeout
"""Loops in C, where no Python signal handler runs."""

import re

import numpy as np


def solve(exercise):
    re.match(r"(a+)+$", "a" * 64 + "b")
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
