"""Migrations: bring the tables of a database to those of `gradgrade.service.store.schema`.

There is only forward; what leads back is a backup.
"""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from gradgrade.service.store.engine import Store
from gradgrade.service.store.errors import StoreError

REVISIONS = "gradgrade.service.store:migrations"

_LOCK = 0x67726164
"""The advisory lock that whoever migrates holds on PostgreSQL; any number that stays."""


def migrate(store: Store, *, to: str = "head") -> None:
    """Run the revisions that the database lacks, all of them or, where one fails, none.

    Of several that begin at once one works, and the others find nothing left to do.

    Args:
        store: the database; an empty one is a database that lacks them all.
        to: the revision to stop at.

    Raises:
        StoreError: the database was made by a later gradgrade, has tables of something else, or
            cannot be used.
    """
    with store.writing() as connection:
        if not store.is_sqlite:
            # A long migration is no fault, nor is waiting for one.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _refuse_strange(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def is_current(store: Store) -> bool:
    """Return whether the tables are those that this version works with.

    Raises:
        StoreError: the database cannot be used.
    """
    with store.reading() as connection:
        return revision_of(connection) == revisions()[-1]


def revision_of(connection: Connection) -> str | None:
    """Return the revision that a database is at: None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """Return all revisions, the first one first.

    >>> revisions()[0]
    '0001'
    """
    script = ScriptDirectory.from_config(_config())
    return [each.revision for each in script.walk_revisions()][::-1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", REVISIONS)
    return config


def _refuse_strange(connection: Connection) -> None:
    revision = revision_of(connection)
    if revision is None and inspect(connection).get_table_names():
        raise StoreError("the database has tables already, and they are not gradgrade's")
    if revision is not None and revision not in revisions():
        raise StoreError(f"the database is at revision {revision}, of a later gradgrade than this")
