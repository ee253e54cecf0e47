# expect: contained malformed_reply
"""Sends a number of four thousand digits."""

import sys

import numpy as np

main = sys.modules["child.main"]
HUGE = b'{"answers": {"loss": {"shape": [], "entries": [' + b"9" * 4_000 + b"]}}}"
main._in_a_fork = lambda *arguments, **options: HUGE


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
