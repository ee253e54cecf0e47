# expect: contained
"""Signals to another sandbox over files that both are shown: by locks, leases, watches and hints."""

import ctypes
import fcntl
import os
import struct

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
IN_OPEN, IN_CLOEXEC, AT_FDCWD = 0x20, 0o2000000, -100
GET_LOCK, SET_LOCK, SET_LOCK_WAIT, SET_OPEN_FILE_LOCK = 5, 6, 7, 37
SET_LEASE, GET_LEASE, NOTIFY, SET_HINT, GET_HINT = 1024, 1025, 1026, 1036, 1035
WHOLE = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)


def attempts(file):
    yield "flock", lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    for command in (GET_LOCK, SET_LOCK, SET_LOCK_WAIT, SET_OPEN_FILE_LOCK):
        yield f"lock {command}", lambda command=command: fcntl.fcntl(file, command, WHOLE)
    yield "lockf", lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    yield "lease", lambda: fcntl.fcntl(file, SET_LEASE, fcntl.F_RDLCK)
    yield "whose lease", lambda: fcntl.fcntl(file, GET_LEASE)
    yield "dnotify", lambda: fcntl.fcntl(os.open("/tmp", os.O_RDONLY), NOTIFY, 1)
    yield "hint", lambda: fcntl.fcntl(file, SET_HINT, struct.pack("q", 2))
    yield "whose hint", lambda: fcntl.fcntl(file, GET_HINT, struct.pack("q", 0))
    yield "inotify", lambda: called(LIBC.inotify_init1(IN_CLOEXEC))
    yield "watch", lambda: called(LIBC.inotify_add_watch(0, np.__file__.encode(), IN_OPEN))
    yield "fanotify", lambda: called(LIBC.fanotify_init(0, 0))
    yield "mark", lambda: called(LIBC.fanotify_mark(0, 1, ctypes.c_uint64(IN_OPEN), AT_FDCWD, b"/"))


def called(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def solve(exercise):
    # Of numpy both sandboxes see the same file.
    with open(np.__file__, "rb") as file:
        for name, attempt in attempts(file):
            try:
                attempt()
                print("ESCAPED", name)
            except PermissionError as error:
                print(name, error)
            except OSError as error:
                print("ESCAPED", name, error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
