# expect: contained memory timeout
"""Answers with a sequence that has no end."""

import numpy as np


class Endless:
    def __len__(self):
        return 1 << 40

    def __getitem__(self, index):
        return self


def solve(exercise):
    return {part["name"]: Endless() for part in exercise["ask"]}
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
