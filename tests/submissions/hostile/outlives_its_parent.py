# expect: contained timeout
"""Takes back the signal that ends it with its parent, at import."""

import ctypes
import signal

import numpy as np

LIBC = ctypes.CDLL(None)
LIBC.prctl(1, 0, 0, 0, 0)
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    pass


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
