"""Databases to be measured: new, and gone afterwards."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

KINDS = ("SQLite", "PostgreSQL")
SERVER = "postgresql://postgres@127.0.0.1:5432"


@contextmanager
def new_database(kind: str, directory: Path) -> Iterator[str]:
    """Provide the address of an empty database."""
    name = f"gradgrade_benchmark_{secrets.token_hex(6)}"
    if kind == "SQLite":
        yield f"sqlite:///{directory / name}.db"
        return
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield f"{SERVER}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
