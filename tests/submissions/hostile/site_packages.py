# expect: contained
"""Overwrites numpy, the standard library and the harness."""

import json
import os
import sys

import numpy as np


def solve(exercise):
    for path in (np.__file__, json.__file__, os.__file__, sys.modules["child.main"].__file__):
        for attack in (
            lambda: open(path, "w").close(),
            lambda: os.replace("/submission/site_packages.py", path),
            lambda: open(os.path.join(os.path.dirname(path), "gradgrade-was-here"), "w").close(),
        ):
            try:
                attack()
                print("ESCAPED", path)
            except OSError as error:
                print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
