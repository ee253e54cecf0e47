"""The database: SQLite in one file, or PostgreSQL; the same tables and the same code.

On SQLite a commit is on the disk when it is acknowledged (WAL, synchronous=FULL), and whoever
writes says so at the start (BEGIN IMMEDIATE), so that two never find out in the middle.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic, sleep
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from gradgrade.service.store.errors import StoreError
from gradgrade.service.store.faults import told_faults
from gradgrade.service.store.turns import Result, Turns, Work

WAIT_SECONDS = 10
"""How long a write waits for others before it is turned away."""

FIRST_TURN_SECONDS, LONGEST_TURN_SECONDS = 0.00025, 0.004
"""How often a write asks SQLite whether others are done; it waits twice as long every time.

SQLite's own waiting begins with a millisecond, in which two others have come and gone.
"""

CONNECT_SECONDS = 2

CHECKPOINT_PAGES = 8000
"""How long SQLite's log grows, in pages of 4 KiB, before it is put into the file."""

CONNECTIONS = 8
"""How many connections a process holds at most: one for each of its threads."""

_LOST_AFTER = MappingProxyType(
    {
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
    }
)
"""A connection whose other end has vanished is given up after 25 s, not after hours."""


@dataclass(frozen=True, slots=True)
class Store:
    """A database with the tables of `gradgrade.service.store.schema`.

    Args:
        engine: its connections.
        wait_seconds: how long a write waits for others.
        turns: which of this process's threads writes to SQLite.
    """

    engine: Engine
    wait_seconds: float = WAIT_SECONDS
    turns: Turns = field(default_factory=Turns, repr=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Provide a connection on which every statement sees what is committed.

        Raises:
            StoreBusy: no connection became free in time.
            StoreUnavailable: the database does not answer.
        """
        with told_faults():
            connection = self.engine.connect()
            try:
                if not self.is_sqlite:  # there nothing begins unless somebody writes
                    connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                yield connection
            finally:
                connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Provide a connection on which all statements see one moment of the database.

        Raises:
            StoreBusy: no connection became free in time.
            StoreUnavailable: the database does not answer.
        """
        with told_faults(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                if self.is_sqlite:
                    connection.exec_driver_sql("BEGIN")
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Provide a connection in a transaction, committed where nothing is raised.

        Raises:
            StoreBusy: others wrote for too long.
            StoreUnavailable: the database does not answer, or has no room.
        """
        with told_faults(), self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                _begin_writing(connection, self.wait_seconds)
            yield connection

    def write(self, work: Work[Result]) -> Result:
        """Have short work done in a transaction, and return what it returns once it is committed.

        On SQLite those who wait for one another share a transaction.

        Args:
            work: given the connection; it may be done in another thread, and more than once.

        Raises:
            StoreBusy: others wrote for too long.
            StoreUnavailable: the database does not answer, or has no room.
            Exception: what the work raised; then nothing of it is kept.
        """
        if self.is_sqlite:
            return self.turns.take(self.writing, work)
        with self.writing() as connection:
            return work(connection)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_store(
    database: str, *, connections: int = CONNECTIONS, wait_seconds: float = WAIT_SECONDS
) -> Store:
    """Return the store of a database; nothing is opened before it is used.

    Args:
        database: `postgresql://user@host/name`, `sqlite:///file`, or a file's path.
        connections: how many are held at most.
        wait_seconds: how long to wait for a connection or for others who write.

    Raises:
        StoreError: it is no such address.

    >>> open_store("course.db").is_sqlite
    True
    """
    url = _url(database)
    options: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": wait_seconds,
        "hide_parameters": True,  # of a fault's message, which is logged: they are people's
    }
    if url.get_backend_name() == "sqlite":
        engine = _engine(url, connect_args={"timeout": wait_seconds}, **options)
        event.listen(engine, "do_connect", _make_private)
        event.listen(engine, "connect", _prepare_sqlite)
        return Store(engine, wait_seconds)
    milliseconds = int(wait_seconds * 1000)
    connect = {
        "connect_timeout": CONNECT_SECONDS,
        **_LOST_AFTER,
        "options": f"-c lock_timeout={milliseconds} -c statement_timeout={6 * milliseconds}",
    }
    engine = _engine(url, connect_args=connect, pool_pre_ping=False, **options)
    return Store(engine, wait_seconds)


_NO_ADDRESS = "the database's address is no URL, or has a port or an option that there is not"


def _url(database: str) -> URL:
    if "\0" in database:
        raise StoreError(_NO_ADDRESS)
    try:
        is_path = "://" not in database
        url = URL.create("sqlite", database=database) if is_path else make_url(database)
    except (ArgumentError, ValueError):
        raise StoreError(_NO_ADDRESS) from None
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    # What is kept in memory would be another database for every connection.
    in_memory = url.database in (None, "", ":memory:") or url.query.get("mode") == "memory"
    if url.drivername == "sqlite" and not in_memory:
        return url
    raise StoreError(
        "the database must be postgresql://…, sqlite:///FILE or a file's path "
        f"(got {':memory:' if is_path else f'{url.drivername}://…'})"
    )


def _engine(url: URL, **options: Any) -> Engine:
    """Return an engine; what its driver would refuse at the first connection is refused here."""
    try:
        engine = create_engine(url, **options)
        _, stated = engine.dialect.create_connect_args(url)
        if engine.dialect.name == "postgresql":
            _check_connection_options(stated)
    except ImportError:
        raise StoreError(
            "PostgreSQL needs the extra: pip install 'gradgrade[postgresql]'"
        ) from None
    except (ArgumentError, ValueError):
        raise StoreError(_NO_ADDRESS) from None
    return engine


def _check_connection_options(stated: Mapping[str, Any]) -> None:
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    try:
        make_conninfo(**{name: stated[name] for name in stated if name != "context"})
    except ProgrammingError as error:
        raise ValueError(str(error)) from None


def _make_private(_: Any, __: Any, arguments: list[Any], ___: Any) -> None:
    # A file that is made is its owner's alone, and so are those that SQLite keeps beside it.
    with suppress(OSError):  # it is there already, or SQLite will tell why it cannot be
        os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL, 0o600))


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # Transactions begin where we say so, not where the driver guesses.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    # Pages that are written again and again go from the log to the file more seldom.
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")


def _begin_writing(connection: Connection, wait_seconds: float) -> None:
    """Begin a transaction that writes to SQLite, as soon as nobody else does.

    Raises:
        OperationalError: others wrote for too long, or it cannot be written.
    """
    driver: Any = connection.connection.driver_connection
    turn, deadline = FIRST_TURN_SECONDS, monotonic() + wait_seconds
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while monotonic() < deadline:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    break
                sleep(turn)
                turn = min(2 * turn, LONGEST_TURN_SECONDS)
            else:
                return
        # The last time, so that what is wrong is told as it is of every statement.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(1000 * wait_seconds)}")
