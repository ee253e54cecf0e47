# expect: contained
"""Links from its folder to the host's files, and writes through the links."""

import os

import numpy as np


def solve(exercise):
    for number, target in enumerate(("/etc/passwd", "/tmp/../etc/shadow", "/proc/1/root/etc/passwd")):
        link = f"/tmp/link{number}"
        os.symlink(target, link)
        for attack in (lambda: open(link, "a").write("x"), lambda: os.chown(link, 0, 0)):
            try:
                attack()
                print("ESCAPED", target)
            except OSError as error:
                print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
