# expect: contained malformed_reply
"""Sends a failure of a kind that nobody knows, and text for a terminal."""

import sys

import numpy as np

main = sys.modules["child.main"]
main._in_a_fork = lambda *arguments, **options: (
    b'{"failure": {"kind": "full_marks", "message": "\\u001b[2J", "line": 1}}'
)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
