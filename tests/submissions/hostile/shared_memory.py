# expect: contained
"""Leaves memory that other processes can attach."""

import ctypes
import os

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)


def solve(exercise):
    # The namespace of its own takes what is left here with it; a file in memory would stay.
    print(LIBC.shmget(0x47524144, 4096, 0o1666))
    for path in ("/dev/shm/gradgrade-was-here", "/dev/mqueue/gradgrade-was-here"):
        try:
            open(path, "w").close()
            print("ESCAPED", path)
        except OSError as error:
            print(error)
    print(os.listdir("/dev"))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
