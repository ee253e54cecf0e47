# expect: contained
"""Answers while its threads go on."""

import threading

import numpy as np


def loop():
    while True:
        pass


def solve(exercise):
    for _ in range(4):
        threading.Thread(target=loop, daemon=True).start()
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
