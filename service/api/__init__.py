"""The HTTP service: a Flask application, and a server that refuses what it must not take."""

from gradgrade.service.app import create_app
from gradgrade.service.http.server import create_server

__all__ = ["create_app", "create_server"]
