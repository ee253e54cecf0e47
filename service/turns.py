"""Turns: a process works on one request of much work at a time, and few threads wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

WAIT_SECONDS = 10
"""How long a request waits for its turn."""

RETRY_SECONDS = 5
"""After how long one is told to ask again."""

THREADS_A_WAITER = 8
"""Of so many threads one may wait; all others are left to whoever asks for little."""


class Occupied(Exception):
    """Another request is worked on, and as many wait as may."""


class Turns:
    """Whose turn it is.

    Args:
        threads: how many the process has.

    >>> turns = Turns(threads=3)
    >>> with turns.taken():
    ...     try:
    ...         with turns.taken():
    ...             pass
    ...     except Occupied:
    ...         print("occupied")
    occupied
    """

    def __init__(self, *, threads: int) -> None:
        self._room = BoundedSemaphore(1 + threads // THREADS_A_WAITER)
        self._turn = Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, and hold it.

        Raises:
            Occupied: too many wait, or it takes too long.
        """
        if not self._room.acquire(blocking=False):
            raise Occupied
        try:
            if not self._turn.acquire(timeout=WAIT_SECONDS):
                raise Occupied
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._room.release()
