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
        if not makes:
            check_database(store)
        migrate(store)
        backend = Backend(store=store, secret=secret_of(settings, makes=makes))
        with store.writing() as connection:
            actor = open_course(connection, settings.course, now=backend.clock(), makes=makes)
        yield backend, actor
    finally:
        store.close()


def check_database(store: Store) -> None:
    """Refuse a database that is not there; a database server's own is there once it has tables.

    Raises:
        BadInput: there is none.
        StoreError: it cannot be used.
    """
    from gradgrade.service.store.migrate import revision_of

    url = store.engine.url
    if store.is_sqlite:
        is_there = Path(url.database or "").is_file()
    else:
        with store.reading() as connection:
            is_there = revision_of(connection) is not None
    if not is_there:
        raise BadInput(f"{url.database}: no such database; gradgrade database migrate makes one")
