# expect: contained
"""Mounts, unmounts, and leaves its root directory."""

import ctypes
import platform

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": {"mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "open_tree": 428, "fsopen": 430, "open_by_handle_at": 304},
    "aarch64": {"mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "open_tree": 428, "fsopen": 430, "open_by_handle_at": 265},
}[platform.machine()]


def call(name, *arguments):
    result = LIBC.syscall(NUMBERS[name], *arguments)
    if result != -1:
        print("ESCAPED", name, result, flush=True)
    else:
        print(name, ctypes.get_errno(), flush=True)


def solve(exercise):
    call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
    call("umount2", b"/tmp", 2)
    call("pivot_root", b"/tmp", b"/tmp")
    call("chroot", b"/tmp")
    call("open_tree", -100, b"/", 1)
    call("fsopen", b"proc", 0)
    call("open_by_handle_at", 0, ctypes.create_string_buffer(64), 0)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
