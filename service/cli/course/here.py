"""The course that a command works on, on the server itself: its database, secret and name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gradgrade.service.cli.errors import BadInput

if TYPE_CHECKING:
    from gradgrade.service.course.actor import Actor
    from gradgrade.service.course.backend import Backend
    from gradgrade.service.store.engine import Store


@contextmanager
def opened_course(
    *, database: str | None = None, config: str | None = None, makes: bool = False
) -> Iterator[tuple[Backend, Actor]]:
    """Provide a course and whoever may do everything in it.

    Args:
        database: over the settings.
        config: the settings' file.
        makes: whether database, secret and course are made where they are not there.

    Raises:
        BadInput: there is no database or secret, and none is made.
        DocumentError: a setting is refused.
        StoreError: the database cannot be used.
        NotFound: there is no such course, and none is made.
        Unprocessable: the course's name is none.
    """
    from gradgrade.service.course.backend import Backend
    from gradgrade.service.course.people.courses import open_course
    from gradgrade.service.settings import load, secret_of
    from gradgrade.service.store.engine import open_store
    from gradgrade.service.store.migrate import migrate

    settings = load(config, database=database)
    store = open_store(settings.database)
    try:
        with named_file(store):
            if not makes:
                check_database(store)
            migrate(store)
            backend = Backend(store=store, secret=secret_of(settings, makes=makes))
            with store.writing() as connection:
                actor = open_course(connection, settings.course, now=backend.clock(), makes=makes)
            yield backend, actor
    finally:
        store.close()


def is_there(*, database: str | None = None, config: str | None = None) -> bool:
    """Tell whether the database of a course is there; the arguments are those of `opened_course`.

    Raises:
        StoreError: it cannot be used.
    """
    from gradgrade.service.settings import load
    from gradgrade.service.store.engine import open_store

    store = open_store(load(config, database=database).database)
    try:
        return _has_tables(store)
    finally:
        store.close()


@contextmanager
def named_file(store: Store) -> Iterator[None]:
    """Name the file of a database of SQLite that cannot be used.

    What a database tells of itself names none, since a server tells it to anybody.
    """
    from gradgrade.service.store.errors import StoreUnavailable

    try:
        yield
    except StoreUnavailable as error:
        if not store.is_sqlite:
            raise
        raise StoreUnavailable(f"{store.engine.url.database}: {error}") from None


def check_database(store: Store) -> None:
    """Refuse a database that is not there; a database server's own is there once it has tables.

    Raises:
        BadInput: there is none.
        StoreError: it cannot be used.
    """
    if not _has_tables(store):
        name = store.engine.url.database
        raise BadInput(f"{name}: no such database; gradgrade database migrate makes one")


def _has_tables(store: Store) -> bool:
    from gradgrade.service.store.migrate import revision_of

    if store.is_sqlite:
        return Path(store.engine.url.database or "").is_file()
    with store.reading() as connection:
        return revision_of(connection) is not None
