# expect: contained
"""Lifts its own limits."""

import resource

import numpy as np


def solve(exercise):
    for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE"):
        which = getattr(resource, name)
        soft, hard = resource.getrlimit(which)
        try:
            resource.setrlimit(which, (hard + 1, hard + 1))
            print("ESCAPED", name, soft, hard)
        except (OSError, ValueError) as error:
            print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
