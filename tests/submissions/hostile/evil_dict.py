# expect: contained
"""Answers with a dict that has every key and no end."""

import numpy as np


class Evil(dict):
    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return self

    def __len__(self):
        return 1

    def __iter__(self):
        while True:
            yield 1.0

    keys = values = items = __iter__


def solve(exercise):
    return Evil()
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
