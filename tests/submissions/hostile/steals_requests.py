# expect: contained incorrect timeout
"""Reads the requests for later variants before their time."""

import os
import threading

import numpy as np


def steal():
    while data := os.read(0, 1 << 16):
        if b"solution" in data or b"expected" in data:
            print("ESCAPED", data, flush=True)


threading.Thread(target=steal, daemon=True).start()


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
