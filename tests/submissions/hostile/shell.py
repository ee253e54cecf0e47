# expect: contained
"""Runs a shell, and whatever else the machine has."""

import os
import subprocess

import numpy as np


def solve(exercise):
    for command in ("/bin/sh", "/usr/bin/env", "/usr/bin/gcc", "/usr/bin/sudo", "/bin/su"):
        try:
            print("ESCAPED", subprocess.run([command, "-c", "id"], capture_output=True))
        except OSError as error:
            print(error)
    print(os.system("echo ESCAPED"))
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
