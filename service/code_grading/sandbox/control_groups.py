"""A control group for one submission, where the kernel lets one be made: bounds on the whole tree.

Limits of a process bound each process; a control group bounds all of them together. It is used in
either version, and done without where none can be made: containers and ordinary users seldom may.
"""

import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from gradgrade.service.code_grading.sandbox.limits import Limits

ROOT = Path("/sys/fs/cgroup")
PREFIX = "gradgrade-"
SECONDS_TO_EMPTY = 2.0


@contextmanager
def new_control_groups(limits: Limits) -> Iterator[tuple[Path, ...]]:
    """Provide new control groups that bound memory and processes; none where none can be made.

    They are removed in the end, when their last process has ended; those of a process that was
    killed before it could, by the next one.
    """
    name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(8)}"
    made = tuple(_made(name, limits))
    try:
        yield made
    finally:
        for group in made:
            _remove(group)


def enter(groups: tuple[Path, ...], process: int) -> None:
    """Put a process into control groups; what it starts from then on is in them too."""
    for group in groups:
        (group / "cgroup.procs").write_text(str(process))


def _made(name: str, limits: Limits) -> Iterator[Path]:
    # The sandbox's own processes count as well, and so do its files, which are in memory.
    processes = str(limits.processes + 8)
    memory = str(2 * limits.memory_bytes)
    if (ROOT / "cgroup.controllers").is_file():
        bounds = {"memory.max": memory, "memory.swap.max": "0", "pids.max": processes}
        yield from _first(_parents(ROOT, ""), name, bounds)
        return
    yield from _first(_parents(ROOT / "pids", "pids"), name, {"pids.max": processes})
    yield from _first(_parents(ROOT / "memory", "memory"), name, {"memory.limit_in_bytes": memory})


def _first(parents: Iterator[Path], name: str, bounds: Mapping[str, str]) -> Iterator[Path]:
    """Make one group, in the first place that takes it."""
    for parent in parents:
        _remove_abandoned(parent)
        group = parent / name
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            for file, value in bounds.items():
                if (group / file).is_file() or file != "memory.swap.max":
                    _write(group / file, value)
        except OSError:
            group.rmdir()
            continue
        yield group
        return


def _remove_abandoned(parent: Path) -> None:
    """Remove what processes left behind that are no more."""
    for group in parent.glob(f"{PREFIX}*"):
        owner = group.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            with suppress(OSError):
                group.rmdir()


def _write(path: Path, value: str) -> None:
    """Write a bound into a file that the kernel made: never make one."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)


def _parents(root: Path, controller: str) -> Iterator[Path]:
    """Yield where a group may be made: in this process's own, or in one above it."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controller in controllers.split(","):
                own = root / path.lstrip("/")
                yield own
                yield from (each for each in own.parents if each.is_relative_to(root))


def _remove(group: Path) -> None:
    end = time.monotonic() + SECONDS_TO_EMPTY
    while time.monotonic() < end:
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.005)  # the kernel has yet to let go of the last process
        else:
            return
