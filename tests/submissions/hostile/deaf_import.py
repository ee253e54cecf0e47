# expect: contained timeout
"""Is never imported: it takes every interruption for its own."""

import time

import numpy as np

while True:
    try:
        time.sleep(60)
    except BaseException:
        pass


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
