# expect: contained output_flood
"""Prints without end."""

import numpy as np


def solve(exercise):
    while True:
        print("correct " * 1000)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
