# expect: contained
"""Answers with arrays that lie about their entries."""

import numpy as np


class Evil(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    def __hash__(self):
        return 0

    def tolist(self):
        return "correct"

    def astype(self, *arguments, **options):
        return self

    def __array_ufunc__(self, *arguments, **options):
        return True


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]).view(Evil) for part in exercise["ask"]}
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
