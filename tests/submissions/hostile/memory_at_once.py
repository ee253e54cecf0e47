# expect: contained memory
"""Asks for a terabyte."""

import numpy as np


def solve(exercise):
    np.ones((1 << 20, 1 << 17))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
