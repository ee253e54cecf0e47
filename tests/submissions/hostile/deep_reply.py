# expect: contained malformed_reply
"""Sends a reply nested deeper than a parser can follow."""

import sys

import numpy as np

main = sys.modules["child.main"]
main._in_a_fork = lambda *arguments, **options: b"[" * 4_000


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
