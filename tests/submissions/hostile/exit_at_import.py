# expect: contained
"""Ends with success before anything was asked: that is left out."""

import sys

import numpy as np

sys.exit(0)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
