"""Inserting what may be there already."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_unless_there(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that leaves rows out which a unique constraint forbids."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
