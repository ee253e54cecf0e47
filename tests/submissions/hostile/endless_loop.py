# expect: contained timeout
"""Never answers."""

import numpy as np


def solve(exercise):
    while True:
        pass
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
