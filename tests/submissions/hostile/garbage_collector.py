# expect: contained
"""Searches all living objects for what looks like a secret."""

import gc
import re

import numpy as np


def solve(exercise):
    secret = re.compile("gradgrade-canary-[0-9a-f]{8}")
    for thing in gc.get_objects():
        if isinstance(thing, (dict, list, tuple)):
            for value in list(thing.values() if isinstance(thing, dict) else thing):
                if isinstance(value, str) and secret.search(value):
                    print("ESCAPED", value)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
