"""Work contained: in a process of its own, so much of the processor and no more.

Threads of one process take turns at its interpreter. Whoever computes for seconds would slow down
everybody who hands in meanwhile, and cannot be stopped. Another process can be, it runs at a lower
priority, and a deadline elsewhere does not feel it.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any, ParamSpec, Protocol, TypeVar

from gradgrade.service.bounds import MOST_PROCESSOR_SECONDS

NICENESS = 10
START_SECONDS = 60
"""How long the process may take to begin, besides what its work takes."""

CLOCK_TIMES = 4
"""On a busy machine the clock runs faster than processor time: so many times as long at most."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Exhausted(Exception):
    """The work took more of the processor than it may; nothing came of it."""


class Contained(Protocol):
    """Whoever works: `contained(function, …)` returns what `function(…)` does, or raises that."""

    def __call__(
        self,
        function: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result: ...


def here(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """Work in this thread, without a limit: for whoever serves nobody else."""
    return function(*arguments, **named)


class Process:
    """A process that works for others, one piece after another; it is begun when it is needed.

    Args:
        seconds: of processor time for a piece.
        stays: whether it waits for the next piece, or is begun anew for it: what is asked for
            seldom needs no process that lies idle.
    """

    def __init__(self, *, seconds: int = MOST_PROCESSOR_SECONDS, stays: bool = True) -> None:
        self._seconds = seconds
        self._stays = stays
        self._lock = Lock()
        self._process: Any = None
        self._pipe: Connection | None = None

    def __call__(
        self,
        function: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Work there; functions, arguments and results cross to another process.

        Raises:
            Exhausted: it took longer than it may, or the process was ended.
        """
        with self._lock:
            pipe = self._begun()
            try:
                pipe.send((function, arguments, named))
                if not pipe.poll(START_SECONDS + CLOCK_TIMES * self._seconds):
                    raise EOFError
                result, error = pipe.recv()
            except (EOFError, OSError):
                self._end()
                raise Exhausted(f"it takes more than {self._seconds} s of processor time") from None
            if not self._stays:
                self._end()
        if error is not None:
            raise error
        found: Result = result
        return found

    def _begun(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._pipe is None:
            self._end()
            # Spawned, not forked: this process has threads and locks.
            context = get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=_serve, args=(theirs, self._seconds), name="gradgrade-contained", daemon=True
            )
            self._process.start()
            theirs.close()
        return self._pipe

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _serve(pipe: Connection, seconds: int) -> None:
    """Work until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(NICENESS)
    while True:
        try:
            function, arguments, named = pipe.recv()
        except EOFError:
            return
        _limit(seconds)
        done: tuple[Any, Exception | None]
        try:
            done = (function(*arguments, **named), None)
        except Exception as error:  # whatever the work raises is its answer
            done = (None, error)
        pipe.send(done)


def _limit(seconds: int) -> None:
    """End this process where it uses so many more seconds of the processor."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + 1, hard))
