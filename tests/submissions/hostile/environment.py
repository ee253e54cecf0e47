# expect: contained
"""Prints its environment."""

import os
import sys

import numpy as np


def solve(exercise):
    print(dict(os.environ), sys.argv, sys.orig_argv, os.getcwd())
    if "GRADGRADE_CANARY" in os.environ:
        print("ESCAPED", os.environ["GRADGRADE_CANARY"])
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
