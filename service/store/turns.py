"""Turns: how the threads of a process write to a file of SQLite, which takes one writer at a time.

Those who wait for their turn at the same moment are done in one transaction. So they share what
costs most of a short one: the wait for other processes, the pages that all of them change, and
the disk (docs/course-at-scale.md).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
Writing = Callable[[], AbstractContextManager[Connection]]


class _Waiting:
    """Somebody's work; once it is done, what it returned or why nothing of it was kept."""

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.is_done = False
        self._returned: Any = None
        self._raised: BaseException | None = None

    def end(self, returned: Any = None, *, raised: BaseException | None = None) -> None:
        self._returned, self._raised, self.is_done = returned, raised, True

    def result(self) -> Any:
        if self._raised is not None:
            raise self._raised
        return self._returned


class Turns:
    """Who writes next."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._waiting: deque[_Waiting] = deque()

    def take(self, writing: Writing, work: Work[Result]) -> Result:
        """Have work done in a transaction, and return what it returns once that is committed.

        Args:
            writing: provides a connection in a transaction, committed where nothing is raised.
            work: may be done in another thread, and again where another beside it raised.

        Raises:
            Exception: what the work raised, or the transaction; then nothing of the work is kept.
        """
        mine = _Waiting(work)
        self._waiting.append(mine)
        with self._turn:
            if not mine.is_done:
                _do(writing, [self._waiting.popleft() for _ in range(len(self._waiting))])
        result: Result = mine.result()
        return result


def _do(writing: Writing, together: Sequence[_Waiting]) -> None:
    has_begun = False
    try:
        with writing() as connection:
            has_begun = True
            returned = [each.work(connection) for each in together]
    except BaseException as error:
        # Where no transaction begins, or the process ends, none would begin for anybody alone.
        if len(together) == 1 or not has_begun or not isinstance(error, Exception):
            for each in together:
                each.end(raised=error)
        else:
            for each in together:
                _do(writing, [each])
    else:
        for each, value in zip(together, returned, strict=True):
            each.end(value)
