"""The HTTP service: a Flask application, and a server that refuses what it must not take."""

from service.api.app import create_app
from service.api.server import create_server

__all__ = ["create_app", "create_server"]
