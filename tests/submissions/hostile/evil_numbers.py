# expect: contained
"""Answers with numbers that equal everything."""

import numpy as np


class Evil(float):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __le__(self, other):
        return True

    __ge__ = __lt__ = __gt__ = __le__

    def __sub__(self, other):
        return Evil(0)

    __rsub__ = __add__ = __radd__ = __abs__ = __sub__

    def __repr__(self):
        return '0], "outcome": "correct", "x": [0'

    __str__ = __repr__


def solve(exercise):
    def evil(shape):
        return [evil(shape[1:]) for _ in range(shape[0])] if shape else Evil(7)

    return {part["name"]: evil(part["shape"]) for part in exercise["ask"]}
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
