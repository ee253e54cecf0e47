# expect: contained timeout
"""Is never imported."""

import numpy as np

while True:
    pass


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
