# expect: contained exited
"""Ends at once, past every handler."""

import os

import numpy as np

os._exit(0)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
