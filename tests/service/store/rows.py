"""Rows for tests: one of every table at every revision, from files, and their hashes."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, LargeBinary, MetaData, Table, select
from sqlalchemy.types import TypeEngine

FOLDER = Path(__file__).with_name("rows")


def tables(connection: Connection) -> dict[str, Table]:
    """The tables that are there, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return {each.name: each for each in found.sorted_tables if each.name != "alembic_version"}


def rows_of(revision: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that a database of a revision has, by its tables."""
    rows: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / f"{revision}.json").read_text())
    return rows


def insert_rows(connection: Connection, revision: str) -> None:
    """Insert the rows that `rows/REVISION.json` has."""
    rows = rows_of(revision)
    for name, table in tables(connection).items():
        for row in rows[name]:
            connection.execute(
                table.insert().values(
                    {each: _value(table.c[each].type, value) for each, value in row.items()}
                )
            )


def _value(kind: TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, LargeBinary) and value is not None:
        return bytes.fromhex(value)
    if isinstance(kind, DateTime) and value is not None:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


def columns(connection: Connection) -> dict[str, list[str]]:
    return {name: [each.name for each in table.c] for name, table in tables(connection).items()}


def row_hashes(connection: Connection, of: dict[str, list[str]]) -> dict[str, str]:
    """A hash of the rows of every table, over these columns."""
    found = tables(connection)
    hashes = {}
    for name, wanted in of.items():
        rows = connection.execute(select(*(found[name].c[each] for each in wanted))).all()
        lines = sorted(repr(tuple(_plain(each) for each in row)) for row in rows)
        hashes[name] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return hashes


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat()
    return bytes(value) if isinstance(value, memoryview) else value
