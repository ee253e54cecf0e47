# expect: contained timeout
"""Waits, without using the processor."""

import time

import numpy as np


def solve(exercise):
    time.sleep(3600)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
