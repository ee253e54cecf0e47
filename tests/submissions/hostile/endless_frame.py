# expect: contained answer_too_large
"""Announces a reply of four gigabytes."""

import os

import numpy as np

for descriptor in range(3, 64):
    try:
        os.write(descriptor, b"\xff\xff\xff\xff")
    except OSError:
        pass


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
