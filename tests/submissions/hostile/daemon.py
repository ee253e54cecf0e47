# expect: contained
"""Forks twice to outlive its parents, and answers."""

import os
import signal
import time

import numpy as np


def haunt():
    for number in range(1, 64):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        time.sleep(0.05)


def solve(exercise):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            haunt()
        os._exit(0)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
