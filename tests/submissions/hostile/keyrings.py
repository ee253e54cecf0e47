# expect: contained
"""Puts a key into the kernel's keyrings, and looks for others'."""

import ctypes
import platform

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": {"add_key": 248, "request_key": 249, "keyctl": 250},
    "aarch64": {"add_key": 217, "request_key": 218, "keyctl": 219},
}[platform.machine()]


def call(name, *arguments):
    result = LIBC.syscall(NUMBERS[name], *arguments)
    if result != -1:
        print("ESCAPED", name, result, flush=True)
    else:
        print(name, ctypes.get_errno(), flush=True)


def solve(exercise):
    call("add_key", b"user", b"gradgrade", b"secret", 6, ctypes.c_int(-4))
    call("request_key", b"user", b"gradgrade", None, ctypes.c_int(-4))
    call("keyctl", 0, ctypes.c_int(-3), 0)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
