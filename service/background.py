"""Background: work that nobody waits for, in one thread of a process that serves.

Threads of one process take turns at its interpreter, so work comes in steps, and after each the
thread rests for as long as that took: whoever asks meanwhile is slowed down for less.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from threading import Lock, Thread, main_thread
from time import thread_time

MOST_WAITING = 8
"""How many pieces of work wait; another one is dropped."""

Steps = Callable[[], Iterator[object]]
"""Work, done step by step as the steps are taken."""

_log = logging.getLogger(__name__)


class Background:
    """A thread that is begun when there is work, and ends with it or with the process.

    What work raises is logged, and reaches nobody.

    >>> background, done = Background(), []
    >>> background.ask(lambda: map(done.append, "abc"))
    True
    >>> background.wait()
    >>> done
    ['a', 'b', 'c']
    """

    def __init__(self) -> None:
        self._waiting: deque[Steps] = deque()
        self._thread: Thread | None = None
        self._is_at_work = False
        self._lock = Lock()

    def ask(self, work: Steps) -> bool:
        """Have work done some time, or drop it where too much waits; tell which."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return False
            if not self._is_at_work:
                thread = Thread(target=self._run, name="background")
                try:
                    thread.start()
                except RuntimeError:  # the system has no more threads, or the process ends
                    return False
                self._thread, self._is_at_work = thread, True
            self._waiting.append(work)
        return True

    def wait(self) -> None:
        """Return once all work is done and its thread is gone: to look at what came of it."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                _do(work)
            except Exception:
                _log.exception("work in the background failed")

    def _next(self) -> Steps | None:
        with self._lock:
            if self._waiting and main_thread().is_alive():
                return self._waiting.popleft()
            self._is_at_work = False
        return None


def _do(work: Steps) -> None:
    began = thread_time()
    for _ in work():
        # A rest, cut short where the process ends, which waits for this thread.
        main_thread().join(thread_time() - began)
        if not main_thread().is_alive():
            return
        began = thread_time()
