# expect: contained memory timeout crash
"""Takes memory without end."""

import numpy as np


def solve(exercise):
    taken = []
    while True:
        taken.append(np.ones(1 << 22))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
