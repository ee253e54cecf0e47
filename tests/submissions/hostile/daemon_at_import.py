# expect: contained
"""Forks when it is imported, and lives on between variants."""

import os
import time

import numpy as np

if os.fork() == 0:
    os.setsid()
    while True:
        time.sleep(0.05)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
