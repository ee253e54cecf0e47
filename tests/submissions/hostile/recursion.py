# expect: contained crash timeout memory exception
"""Overflows its stack."""

import sys

import numpy as np


def solve(exercise):
    sys.setrecursionlimit(1 << 30)

    def deeper(number):
        return [deeper(number + 1)]

    deeper(0)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
