# expect: contained exception
"""Fills every disk that it can write to."""

import os

import numpy as np


def solve(exercise):
    for folder in ("/dev/shm", "/var/tmp", "/", "/submission", "/packages"):
        try:
            with open(f"{folder}/gradgrade-was-here", "wb") as file:
                file.write(b"0" * (1 << 20))
            print("ESCAPED", folder)
        except OSError as error:
            print(error)
    for number in range(1000):
        with open(f"/tmp/gradgrade-was-here-{number}", "wb") as file:
            file.write(os.urandom(1 << 20))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
