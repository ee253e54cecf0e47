"""Inserting what may be there already."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


def insert_unless_there(connection: Connection, table: Table) -> Insert:
    """Return an INSERT that leaves rows out which a unique constraint forbids."""
    return _insert(connection, table).on_conflict_do_nothing()


def insert_or_replace(connection: Connection, table: Table) -> Insert:
    """Return an INSERT that replaces what stands under the same primary key."""
    inserted = _insert(connection, table)
    replaced = {each.name: inserted.excluded[each.name] for each in table.c if not each.primary_key}
    return inserted.on_conflict_do_update(index_elements=[*table.primary_key], set_=replaced)


def _insert(connection: Connection, table: Table) -> Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
