# expect: contained malformed_reply
"""Writes replies into every pipe that is open."""

import os

import numpy as np


def forge():
    forged = b'{"answers": {"loss": {"shape": [], "entries": [0]}}, "findings": []}'
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, len(forged).to_bytes(4, "big") + forged)
        except OSError:
            pass


forge()


def solve(exercise):
    forge()
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
