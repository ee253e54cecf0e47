# expect: contained
"""Tries calls in which kernels have had holes."""

import ctypes
import platform

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {
    "x86_64": {"bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "syslog": 103, "reboot": 169, "init_module": 175, "kexec_load": 246, "personality": 135, "fanotify_init": 300},
    "aarch64": {"bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "syslog": 116, "reboot": 142, "init_module": 105, "kexec_load": 104, "personality": 92, "fanotify_init": 262},
}[platform.machine()]


def call(name, *arguments):
    result = LIBC.syscall(NUMBERS[name], *arguments)
    if result != -1:
        print("ESCAPED", name, result, flush=True)
    else:
        print(name, ctypes.get_errno(), flush=True)


def solve(exercise):
    call("bpf", 0, ctypes.create_string_buffer(128), 128)
    call("perf_event_open", ctypes.create_string_buffer(128), 0, -1, -1, 0)
    call("userfaultfd", 1)
    call("syslog", 3, ctypes.create_string_buffer(64), 64)
    call("reboot", 0, 0, 0, None)
    call("init_module", None, 0, b"")
    call("kexec_load", 0, 0, None, 0)
    call("personality", 0x0040000)
    call("fanotify_init", 0, 0)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
