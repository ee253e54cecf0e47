"""Databases for tests: new, empty, and gone afterwards."""

import atexit
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event

from gradgrade.service.store.engine import Store
from gradgrade.service.store.migrate import migrate

SERVER = "postgresql://postgres@127.0.0.1:5432"
KINDS = ("SQLite", "PostgreSQL")

# As a new database has it.
EMPTY = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""

ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"


@contextmanager
def new_database(kind: str, directory: Path) -> Iterator[str]:
    """Provide the address of a database without tables."""
    if kind == "SQLite":
        yield f"sqlite:///{directory / _new_name()}.db"
        return
    name = _spare().pop() if _spare() else _made()
    try:
        yield f"{SERVER}/{name}"
    finally:
        _run(ALONE.format(name=name))
        _run(EMPTY, database=name)
        _spare().append(name)


def make_tables(store: Store) -> None:
    """Bring an empty database to the last revision, by the statements that the first one took.

    To work these out is most of what a migration of nothing takes.
    """
    kind = store.engine.dialect.name
    if kind not in _TAKEN:
        _TAKEN[kind] = _taken_to_migrate(store)
        return
    with store.writing() as connection:
        for statement in _TAKEN[kind]:
            connection.exec_driver_sql(statement)


_TAKEN: dict[str, list[str]] = {}


def _taken_to_migrate(store: Store) -> list[str]:
    taken: list[str] = []

    def take(_connection, _cursor, statement: str, *_) -> None:
        if statement.split()[0] not in ("PRAGMA", "SELECT", "SET", "BEGIN"):
            taken.append(statement)

    event.listen(store.engine, "before_cursor_execute", take)
    migrate(store)
    event.remove(store.engine, "before_cursor_execute", take)
    return taken


@cache
def _spare() -> list[str]:
    """The databases of PostgreSQL that no test has now: emptying is quicker than making."""
    return []


def _made() -> str:
    """Make a database, which is there until all tests of this process have ended."""
    name = _new_name()
    _run(f'CREATE DATABASE "{name}"')
    atexit.register(_run, f'DROP DATABASE "{name}" WITH (FORCE)')
    return name


def _new_name() -> str:
    return f"gradgrade_test_{secrets.token_hex(6)}"


def _run(statement: str, *, database: str = "postgres") -> None:
    try:
        connection = psycopg.connect(f"{SERVER}/{database}", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip(f"PostgreSQL does not answer at {SERVER}")
    with connection:
        connection.execute(statement)
