# expect: contained timeout
"""Raises what never finishes to be printed."""

import numpy as np


class Evil(Exception):
    def __str__(self):
        while True:
            pass


def solve(exercise):
    raise Evil
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
