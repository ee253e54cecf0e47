"""The application as a WSGI server takes it: `gradgrade.service.wsgi:create()`."""

import gc
from typing import Any

from flask import Flask

from gradgrade.service.app import create_app
from gradgrade.service.bounds import MOST_PUBLISHING_SECONDS
from gradgrade.service.contained import Process
from gradgrade.service.course.backend import Backend
from gradgrade.service.http import logs
from gradgrade.service.settings import Settings, load, secret_of
from gradgrade.service.store.engine import CONNECTIONS, open_store


def build(settings: Settings) -> Flask:
    """Return the application that these settings ask for; the database is not opened yet.

    Args:
        settings: of this process.

    Raises:
        DocumentError: the secret's file is refused.
        OSError: the secret's file cannot be read or made.
        StoreError: the database's address is none.
    """
    store = open_store(settings.database, connections=max(settings.threads, CONNECTIONS))
    backend = Backend(
        store=store,
        secret=secret_of(settings),
        contained=Process(seconds=MOST_PUBLISHING_SECONDS, stays=False),
        most_ahead=settings.ahead,
    )
    return create_app(backend=backend, settings=settings, contained=Process())


def create(**stated: Any) -> Flask:
    """Return the application for a process of its own, by the file and environment it has.

    Args:
        stated: settings that stand before those; see `gradgrade.service.settings.Settings`.
    """
    settings = load(**stated)
    logs.start(settings.log_level)
    app = build(settings)
    # What is there by now stays for good, and need not be looked through for garbage.
    gc.freeze()
    return app
