# expect: contained timeout memory crash
"""Takes memory in as many processes as it can start."""

import os
import time

import numpy as np


def solve(exercise):
    for _ in range(100):
        try:
            if os.fork() == 0:
                break
        except OSError:
            break
    taken = [bytearray(os.urandom(1 << 20)) * 64 for _ in range(3)]
    time.sleep(60)
    print(len(taken))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
