# expect: contained timeout
"""Ignores all signals, and loops."""

import signal

import numpy as np


def solve(exercise):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        pass
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
