# expect: contained exited
"""Kills the process that asks it."""

import os
import signal

import numpy as np


def solve(exercise):
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGSEGV):
        try:
            os.kill(os.getppid(), number)
        except OSError as error:
            print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
