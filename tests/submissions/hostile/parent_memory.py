# expect: contained
"""Reads the memory of the processes above."""

import os

import numpy as np


def solve(exercise):
    for process in {1, os.getppid(), os.getpid() - 1}:
        try:
            with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb") as memory:
                for line in maps:
                    start = int(line.split("-")[0], 16)
                    memory.seek(start)
                    print("ESCAPED", process, memory.read(16))
                    break
        except OSError as error:
            print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
