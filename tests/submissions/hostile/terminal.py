# expect: contained
"""Types into the terminal of who started it."""

import fcntl
import os

import numpy as np


def solve(exercise):
    for path in ("/dev/tty", "/dev/console", "/dev/tty1"):
        try:
            descriptor = os.open(path, os.O_RDWR)
            for letter in b"touch /tmp/gradgrade-was-here\n":
                fcntl.ioctl(descriptor, 0x5412, bytes([letter]))
            print("ESCAPED", path)
        except OSError as error:
            print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
