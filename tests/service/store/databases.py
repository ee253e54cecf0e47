"""Databases for tests: new, empty, and gone afterwards."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

SERVER = "postgresql://postgres@127.0.0.1:5432"
KINDS = ("SQLite", "PostgreSQL")


@contextmanager
def new_database(kind: str, directory: Path) -> Iterator[str]:
    """Provide the address of a database without tables."""
    name = f"gradgrade_test_{secrets.token_hex(6)}"
    if kind == "SQLite":
        yield f"sqlite:///{directory / name}.db"
        return
    _run(f'CREATE DATABASE "{name}"')
    try:
        yield f"{SERVER}/{name}"
    finally:
        _run(f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(statement: str) -> None:
    try:
        connection = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip(f"PostgreSQL does not answer at {SERVER}")
    with connection:
        connection.execute(statement)
