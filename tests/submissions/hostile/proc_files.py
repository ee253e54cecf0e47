# expect: contained
"""Reads environment, arguments and open files of every process."""

import glob
import os

import numpy as np


def solve(exercise):
    for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
        try:
            with open(path, "rb") as file:
                text = file.read()
        except OSError:
            continue
        if b"bwrap" in text or b"gradgrade" in text or b"pytest" in text:
            print("ESCAPED", path, text)
    for path in glob.glob("/proc/*/fd/*"):
        print("ESCAPED", path, os.readlink(path))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
