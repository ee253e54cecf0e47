# expect: contained
"""Answers under names that nobody asked for, and that are no names."""

import numpy as np


def solve(exercise):
    answers = {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
    return answers | {"verdict": "correct", 7: 1, ("a",): 2, None: 3, "x" * 100_000: 4, "\ud800": 5}
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
