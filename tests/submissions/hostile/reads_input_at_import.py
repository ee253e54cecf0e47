# expect: contained
"""Reads what is sent to it while it is imported."""

import os
import sys

import numpy as np

data = os.read(0, 1 << 16) + sys.stdin.read().encode()
if data:
    print("ESCAPED", data)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
