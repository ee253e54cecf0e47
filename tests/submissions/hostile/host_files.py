# expect: contained
"""Searches the disk for a canary and for solutions."""

import os

import numpy as np


def solve(exercise):
    for top in ("/tmp", "/var", "/home", "/root", "/mnt", "/opt", "/srv", "/run"):
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                if "canary" in name or name.endswith(".solution.json"):
                    print("ESCAPED", path)
                    with open(path, errors="replace") as file:
                        print(file.read(200))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
