# expect: contained exception
"""Starts threads without end."""

import threading
import time

import numpy as np


def solve(exercise):
    while True:
        threading.Thread(target=time.sleep, args=[60], daemon=True).start()
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
