# expect: contained
"""Leaves traces for later runs, and strikes when it finds some."""

import os

import numpy as np

PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/submission", os.path.dirname(np.__file__))
for place in PLACES:
    if os.path.exists(f"{place}/gradgrade-was-here"):
        print("ESCAPED", place, flush=True)


def solve(exercise):
    for place in PLACES:
        try:
            with open(f"{place}/gradgrade-was-here", "w") as file:
                file.write("boom")
        except OSError as error:
            print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
