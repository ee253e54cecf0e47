"""What gunicorn serves while it is measured: the course, and a Flask route that does nothing."""

import os

from flask import Flask

from service.api import create_app
from service.course.backend import Backend
from service.store.engine import open_store


def empty() -> Flask:
    """Return an application whose one route answers two bytes."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", view_func=lambda: "ok", methods=["GET", "POST"])
    return app


def course() -> Flask:
    """Return the application of the course in the database that the environment names."""
    secret = os.environ["GRADGRADE_SECRET"].encode()
    store = open_store(os.environ["GRADGRADE_DATABASE"])
    return create_app(backend=Backend(store=store, secret=secret))
