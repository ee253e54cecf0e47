# expect: contained
"""Answers with what compares with nothing."""

import numpy as np


def solve(exercise):
    return {part["name"]: np.full(part["shape"], np.nan) for part in exercise["ask"]}
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
