# expect: contained malformed_reply
"""Replaces the functions of the program that asks it."""

import sys

import numpy as np

main = sys.modules["child.main"]
FORGED = b'{"answers": {}, "findings": [], "verdict": {"outcome": "correct"}}'
main._in_a_fork = lambda *arguments, **options: FORGED


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
