# expect: contained answer_too_large timeout memory
"""Answers with ten million numbers."""

import numpy as np


def solve(exercise):
    huge = np.random.default_rng(0).random(10_000_000 // 10)
    return {"loss": huge}
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
