# expect: contained exited
"""Leaves hooks for when the interpreter ends, and for every error."""

import atexit
import os
import sys

import numpy as np


def boom(*arguments):
    print("correct", flush=True)
    os._exit(0)


atexit.register(boom)
sys.excepthook = sys.unraisablehook = boom
sys.breakpointhook = boom


def solve(exercise):
    boom()
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
