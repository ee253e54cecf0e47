# expect: contained malformed_reply
"""Sends a shape of a billion entries with one."""

import sys

import numpy as np

main = sys.modules["child.main"]
main._in_a_fork = lambda *arguments, **options: (
    b'{"answers": {"loss": {"shape": [1000000000, 1000000000], "entries": [1]}}}'
)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
