# expect: contained
"""Looks for the grader among the loaded modules."""

import sys

import numpy as np


def solve(exercise):
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("problems", "oracle", "service", "gradgrade", "pydantic"):
            print("ESCAPED", name)
        for key, value in list(vars(module).items() if module else ()):
            if key.lower() in ("solution", "expected", "secret", "canary"):
                print("ESCAPED" if isinstance(value, (dict, list)) else "-", key)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
