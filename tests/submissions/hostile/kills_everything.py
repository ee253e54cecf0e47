# expect: contained exited
"""Sends a signal to every process that it can reach."""

import os
import signal

import numpy as np


def solve(exercise):
    os.kill(-1, signal.SIGTERM)
    os.kill(-1, signal.SIGKILL)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
