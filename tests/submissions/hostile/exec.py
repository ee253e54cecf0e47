# expect: contained exited
"""Replaces itself by another program that answers for it."""

import os
import sys

import numpy as np


def solve(exercise):
    print("correct", flush=True)
    os.execv(sys.executable, [sys.executable, "-c", "print('ESCAPED' if 0 else 'correct')"])
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
