# expect: contained
"""Makes namespaces in which it is root."""

import ctypes
import os
import platform

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": {"unshare": 272, "setns": 308, "clone3": 435, "clone": 56},
    "aarch64": {"unshare": 97, "setns": 268, "clone3": 435, "clone": 220},
}[platform.machine()]


def call(name, *arguments):
    result = LIBC.syscall(NUMBERS[name], *arguments)
    if result != -1:
        print("ESCAPED", name, result, flush=True)
    else:
        print(name, ctypes.get_errno(), flush=True)


def solve(exercise):
    for flag in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x02000000, 0x08000000):
        call("unshare", flag)
        if LIBC.syscall(NUMBERS["clone"], flag | 17, None, None, None, None) != -1:
            print("ESCAPED clone", flag, flush=True)
            os._exit(0)
    call("setns", 0, 0)
    call("clone3", ctypes.create_string_buffer((0x10000000).to_bytes(8, "little"), 64), 64)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
