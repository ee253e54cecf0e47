"""The limits that a process can set to itself, and not take back."""

import os
import resource
from collections.abc import Mapping
from typing import Any


def become(user: int) -> None:
    """Become a user for good, with a group of the same number and no other."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def confine(limits: Mapping[str, Any], *, is_alone: bool) -> None:
    """Limit this process and all that it starts.

    Args:
        limits: `memory_bytes`, `disk_bytes`, `open_files`, `processes`.
        is_alone: whether all processes of this user are the program's own, so that their number
            can be limited.
    """
    _limit(resource.RLIMIT_AS, limits["memory_bytes"])
    _limit(resource.RLIMIT_FSIZE, limits["disk_bytes"])
    _limit(resource.RLIMIT_NOFILE, limits["open_files"])
    _limit(resource.RLIMIT_CORE, 0)
    if is_alone:
        _limit(resource.RLIMIT_NPROC, limits["processes"])


def limit_cpu(seconds: int) -> None:
    """End this process after so many more seconds of processor time."""
    used = int(sum(os.times()[:2]))
    # At the first the process gets a signal that tells why, at the second it is killed.
    _limit(resource.RLIMIT_CPU, used + seconds + 1, used + seconds + 2)


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    _, most = resource.getrlimit(which)
    hard = soft if hard is None else hard
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(which, (soft, hard))
