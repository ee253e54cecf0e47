"""The course that a command works on, on the server itself: its database, secret and name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradgrade.service.course.actor import Actor
    from gradgrade.service.course.backend import Backend


@contextmanager
def opened_course(
    *, database: str | None = None, config: str | None = None
) -> Iterator[tuple[Backend, Actor]]:
    """Provide a course and whoever may do everything in it; tables and course are made if need be.

    Args:
        database: over the settings.
        config: the settings' file.

    Raises:
        DocumentError: a setting is refused.
        StoreError: the database cannot be used.
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
        migrate(store)
        backend = Backend(store=store, secret=secret_of(settings))
        with store.writing() as connection:
            actor = open_course(connection, settings.course, now=backend.clock())
        yield backend, actor
    finally:
        store.close()
