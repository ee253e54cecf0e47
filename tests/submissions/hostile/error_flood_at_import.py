# expect: contained output_flood
"""Prints to standard error without end, when it is imported."""

import sys

import numpy as np

while True:
    sys.stderr.write("correct " * 1000)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
