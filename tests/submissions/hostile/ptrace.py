# expect: contained
"""Traces its parent, and reads and writes its memory."""

import ctypes
import os
import platform

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": {"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438, "kcmp": 312},
    "aarch64": {"ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438, "kcmp": 272},
}[platform.machine()]


def call(name, *arguments):
    result = LIBC.syscall(NUMBERS[name], *arguments)
    if result != -1:
        print("ESCAPED", name, result, flush=True)
    else:
        print(name, ctypes.get_errno(), flush=True)


def solve(exercise):
    parent = os.getppid()
    call("ptrace", 16, parent, 0, 0)
    call("ptrace", 0, 0, 0, 0)
    buffer = ctypes.create_string_buffer(64)
    call("process_vm_readv", parent, buffer, 1, buffer, 1, 0)
    call("process_vm_writev", parent, buffer, 1, buffer, 1, 0)
    call("pidfd_getfd", os.pidfd_open(parent), 0, 0)
    call("kcmp", parent, os.getpid(), 0, 0, 0)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
