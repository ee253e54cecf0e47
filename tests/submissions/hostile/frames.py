# expect: contained
"""Looks for the grader's variables in every frame above."""

import sys

import numpy as np


def solve(exercise):
    frame = sys._getframe()
    while frame is not None:
        for name, value in frame.f_locals.items():
            if name in ("solution", "expected", "verdict", "grader"):
                print("ESCAPED", name, value)
            if "gradgrade-canary-" in repr(value):
                print(repr(value))
        frame = frame.f_back
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
