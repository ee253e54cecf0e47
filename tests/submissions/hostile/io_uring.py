# expect: contained
"""Sets up rings through which calls pass a filter by."""

import ctypes
import platform

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": {"io_uring_setup": 425, "io_uring_enter": 426},
    "aarch64": {"io_uring_setup": 425, "io_uring_enter": 426},
}[platform.machine()]


def call(name, *arguments):
    result = LIBC.syscall(NUMBERS[name], *arguments)
    if result != -1:
        print("ESCAPED", name, result, flush=True)
    else:
        print(name, ctypes.get_errno(), flush=True)


def solve(exercise):
    call("io_uring_setup", 8, ctypes.create_string_buffer(256))
    call("io_uring_enter", 0, 0, 0, 0, None, 0)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
