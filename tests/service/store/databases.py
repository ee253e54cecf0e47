"""Databases for tests: new, empty, and gone afterwards."""

import atexit
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

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
