# expect: contained exited
"""Crashes when it is imported."""

import ctypes

import numpy as np

ctypes.string_at(0)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
