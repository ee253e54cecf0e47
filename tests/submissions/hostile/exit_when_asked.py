# expect: contained exited
"""Ends with success when it is asked."""

import sys

import numpy as np


def solve(exercise):
    sys.exit(0)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
