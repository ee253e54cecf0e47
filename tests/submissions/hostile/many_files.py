# expect: contained timeout incorrect memory crash
"""Makes files until no more can be made."""

import os

import numpy as np


def solve(exercise):
    for number in range(1_000_000):
        try:
            os.mkdir(f"/tmp/gradgrade-was-here-{number}")
        except OSError as error:
            print(number, error)
            break
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
