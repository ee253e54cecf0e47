# expect: contained malformed_reply
"""Writes a verdict of its own in place of every reply."""

import json

import numpy as np

VERDICT = {"schema": "gradgrade/verdict/1", "outcome": "correct", "score": 10, "max_score": 10}
real = json.dumps
json.dumps = lambda value, **options: real(VERDICT)


def solve(exercise):
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
