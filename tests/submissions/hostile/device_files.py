# expect: contained
"""Opens and makes devices."""

import os
import stat

import numpy as np


def solve(exercise):
    for path in ("/dev/mem", "/dev/kmsg", "/dev/vda", "/dev/sda", "/dev/kvm", "/dev/fuse"):
        try:
            os.open(path, os.O_RDONLY)
            print("ESCAPED", path)
        except OSError as error:
            print(error)
    try:
        os.mknod("/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0))
        print("ESCAPED mknod")
    except OSError as error:
        print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
