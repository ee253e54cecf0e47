"""Probe: whether a database can be written now, told in time even where it does not answer."""

from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillRunning
from contextlib import closing
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Protocol

from sqlalchemy import bindparam, text

from gradgrade.service.store.engine import Store, open_store
from gradgrade.service.store.errors import StoreError, StoreUnavailable
from gradgrade.service.store.migrate import revision_of, revisions
from gradgrade.service.store.schema import Instant

SECONDS = 1.5
"""How long an answer is waited for."""

KEPT_SECONDS = 0.5
"""How long an answer stands, so that whoever asks without pause causes few writes. An answer that
is kept and one that is waited for are together no more than 2 seconds old."""

LOCK_SECONDS = 1
"""How long it waits for others who write."""

MOST_WAITING = 8
"""How many probes may hang at once; each is a thread that a dead database keeps."""

_BEAT = text(
    "INSERT INTO heartbeat (id, at) VALUES (1, :at) ON CONFLICT (id) DO UPDATE SET at = excluded.at"
).bindparams(bindparam("at", type_=Instant))


class Clock(Protocol):
    """Tells the time, with its zone."""

    def __call__(self) -> datetime: ...


class Probe:
    """Writes the heartbeat, over a connection of its own and in a thread of its own.

    Those who ask while one is under way wait for the same answer, and those who ask soon after it
    are told that one.

    Args:
        store: the database.
        clock: tells the time.
    """

    def __init__(self, store: Store, *, clock: Clock) -> None:
        url = store.engine.url
        self._database = url.render_as_string(hide_password=False)
        self._file = Path(url.database) if store.is_sqlite and url.database else None
        self._clock = clock
        self._revision = revisions()[-1]
        self._lock = Lock()
        self._current: Future[None] | None = None
        self._last: Future[None] | None = None
        self._stands_until = 0.0
        self._waiting = 0

    def check(self) -> None:
        """Write, and return when it is written.

        Raises:
            StoreError: the database cannot be written, is not migrated, or does not answer in time.
        """
        with self._lock:
            probe = self._current or self._standing() or self._start()
        try:
            probe.result(SECONDS)
        except StillRunning:
            with self._lock:
                if self._current is probe:
                    self._current = None
            raise StoreUnavailable("the database does not answer") from None

    def _standing(self) -> Future[None] | None:
        return self._last if monotonic() < self._stands_until else None

    def _start(self) -> Future[None]:
        if self._waiting >= MOST_WAITING:
            raise StoreUnavailable("the database does not answer")
        self._waiting += 1
        probe: Future[None] = Future()
        self._current = probe
        Thread(target=self._run, args=(probe,), name="probe", daemon=True).start()
        return probe

    def _run(self, probe: "Future[None]") -> None:
        fault: Exception | None = None
        try:
            self._write()
        except Exception as error:
            fault = error
        with self._lock:
            self._waiting -= 1
            if self._current is probe:
                self._current = None
                self._last, self._stands_until = probe, monotonic() + KEPT_SECONDS
        if fault is None:
            probe.set_result(None)
        else:
            probe.set_exception(fault)

    def _write(self) -> None:
        # Opening it would make an empty one.
        if self._file is not None and not self._file.is_file():
            raise StoreUnavailable("there is no file of the database: it is not migrated, or gone")
        database = open_store(self._database, connections=1, wait_seconds=LOCK_SECONDS)
        with closing(database), database.writing() as connection:
            if revision_of(connection) != self._revision:
                raise StoreError("the database is not migrated")
            connection.execute(_BEAT, {"at": self._clock()})
