# expect: contained
"""Leaves through directories that were left open."""

import os
import stat

import numpy as np


def solve(exercise):
    for descriptor in range(1024):
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            continue
        if stat.S_ISDIR(mode) or stat.S_ISSOCK(mode):
            print("ESCAPED", descriptor, os.listdir(descriptor))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
