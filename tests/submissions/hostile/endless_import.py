# expect: contained
"""Holds up its import: the statement is interrupted, and left out."""

import numpy as np

while True:
    pass


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
