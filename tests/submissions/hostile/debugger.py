# expect: contained
"""Traces every line that runs after it, to answer in the grader's place."""

import sys
import threading

import numpy as np


def trace(frame, event, argument):
    for name in ("solution", "expected", "answers", "reply"):
        if name in frame.f_locals and name == "solution":
            print("ESCAPED", frame.f_locals[name])
    return trace


sys.settrace(trace)
threading.settrace(trace)
sys.setprofile(trace)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
