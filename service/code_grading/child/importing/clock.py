"""How long a statement may take while a module is imported."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STATEMENT_SECONDS = 3.0
LEAST_SECONDS = 0.05
AGAIN_SECONDS = 1.0
"""After so long once more, where a program goes on."""


class TookTooLong(BaseException):
    """A statement was interrupted; no `except Exception` of a student's takes it for its own."""


class Clock:
    """The time for an import: no statement has more than half of what is left of it.

    Args:
        seconds: for all of it. Whoever started this process holds it to some more.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @contextmanager
    def one_statement(self) -> Iterator[None]:
        """Interrupt what runs in here; the time of statements in it is not the outer one's.

        Raises:
            TookTooLong: it takes too long.
        """
        share = max((self._end - time.monotonic()) / 2, LEAST_SECONDS)
        seconds = min(STATEMENT_SECONDS, share)
        outer = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, *outer)


@contextmanager
def alarms() -> Iterator[None]:
    """Have statements that take too long interrupted."""
    before = signal.signal(signal.SIGALRM, _interrupt)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _interrupt(number: int, frame: Any) -> None:
    raise TookTooLong("it takes too long")
