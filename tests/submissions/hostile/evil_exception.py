# expect: contained exception
"""Raises what cannot be printed, and what should not."""

import numpy as np


class Evil(Exception):
    def __str__(self):
        return "\x1b[2J\x00correct\r\n" * 100_000


def solve(exercise):
    raise Evil
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
