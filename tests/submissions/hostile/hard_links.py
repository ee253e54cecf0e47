# expect: contained
"""Makes hard links to the submission and to Python, and changes their rights."""

import os
import sys

import numpy as np


def solve(exercise):
    for path in ("/submission/hard_links.py", sys.executable, np.__file__):
        for attack in (
            lambda: os.link(path, "/tmp/hard"),
            lambda: os.chmod(path, 0o4777),
            lambda: os.unlink(path),
            lambda: open(path, "ab").close(),
        ):
            try:
                attack()
                print("ESCAPED", path)
            except OSError as error:
                print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
