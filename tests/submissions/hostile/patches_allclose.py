# expect: contained
"""Makes every comparison true."""

import builtins
import math

import numpy as np


def always(*arguments, **options):
    return True


for module in (np, np.testing, builtins, math):
    for name in ("allclose", "isclose", "array_equal", "assert_allclose", "isfinite", "all", "abs"):
        if hasattr(module, name):
            setattr(module, name, always)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
