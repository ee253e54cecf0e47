"""Work spread over this process, over processes of this machine, or over a Dask cluster.

All three are the same thing, `run(function, tasks)`: results in the order of the tasks, whoever
worked them out, with no more tasks under way than keep everyone busy. Functions and tasks cross to
other processes, so a function must be one that can be imported.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, ProcessPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing import get_context, parent_process
from typing import Any, Protocol, TypeVar

DISTRIBUTION = "gradgrade"
CLUSTER_TIMEOUT = 10
"""Seconds in which a scheduler must answer."""

_ADDRESS = re.compile(r"[a-z]+://[^/]+:[0-9]+")

TASKS_PER_WORKER = 2
"""Under way at once: one that is worked on, and one that waits, so that nobody idles."""

Task = TypeVar("Task")
Result = TypeVar("Result")


class JobError(RuntimeError):
    """Work cannot be spread as asked; the message is one line that says why."""


class WorkersLost(JobError):
    """Whoever worked was lost on the way."""


class Run(Protocol):
    """Whoever works: `run(function, tasks)` yields results in the order of the tasks."""

    def __call__(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], /
    ) -> Iterator[Result]: ...


@contextmanager
def workers(count: int = 1, *, cluster: str | None = None) -> Iterator[Run]:
    """Provide whoever works, and send them home in the end.

    Args:
        count: how many processes; with 1 the work is done in this one.
        cluster: the address of a Dask scheduler, whose workers are used instead.

    Raises:
        JobError: there is no Dask here, no scheduler there, or another version of this program.
        WorkersLost: a worker or the cluster ended before the work.

    >>> with workers(1) as run:
    ...     list(run(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    if cluster is not None:
        with _cluster(cluster) as run:
            yield run
    elif count == 1:
        yield map
    else:
        with _processes(count) as run:
            yield run


@contextmanager
def _processes(count: int) -> Iterator[Run]:
    # Spawned, not forked: numpy's and this program's threads do not survive a fork.
    executor = ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin)

    def run(function: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
        return _in_order(executor, function, tasks, TASKS_PER_WORKER * count)

    try:
        yield run
    except BrokenExecutor:
        raise WorkersLost("a worker was ended from outside, for want of memory it may be") from None
    finally:
        executor.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave interrupts to the parent, which ends its workers, and never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def _cluster(address: str) -> Iterator[Run]:
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.core import CommClosedError
    except ModuleNotFoundError:
        raise JobError(
            f"a cluster needs Dask: install it with pip install '{DISTRIBUTION}[cluster]'"
        ) from None
    if not _ADDRESS.fullmatch(address):
        raise JobError(f"{address}: no address of a Dask scheduler, such as tcp://host:8786")
    try:
        # distributed has types, but its client has none.
        client: Any = Client(address, timeout=CLUSTER_TIMEOUT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise JobError(f"{address}: no Dask scheduler answers: {reason}") from None
    with client:
        workers = _checked_workers(client, address)
        executor = client.get_executor(pure=False)
        lost = (CancelledError, CommClosedError, KilledWorker)

        def run(function: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
            return _in_order(executor, function, tasks, TASKS_PER_WORKER * workers)

        try:
            yield run
        except lost as error:
            raise WorkersLost(f"{address}: the cluster was lost: {type(error).__name__}") from None


def _checked_workers(client: Any, address: str) -> int:
    """Return how many threads the cluster has, all of them with this program's version."""
    try:
        found = client.run(this_version)
    except Exception as error:  # whatever a worker without this program raises reaches us here
        raise JobError(f"{address}: its workers cannot run {DISTRIBUTION}: {error}") from None
    if not found:
        raise JobError(f"{address}: the cluster has no workers")
    others = sorted(set(found.values()) - {this_version()})
    if others:
        raise JobError(
            f"{address}: its workers have {DISTRIBUTION} {others[0]}, here is {this_version()}: "
            "they would write other bytes"
        )
    return sum(client.nthreads().values())


def this_version() -> str:
    """Return this program's version."""
    return version(DISTRIBUTION)


def _in_order(
    executor: Executor,
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    most: int,
) -> Iterator[Result]:
    """Yield results in the order of the tasks, with at most so many under way."""
    under_way: deque[Any] = deque()
    for task in tasks:
        under_way.append(executor.submit(function, task))
        if len(under_way) >= most:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()
