"""The application: a table of routes, and every error a problem."""

from typing import Literal

from flask import Flask
from werkzeug.wrappers import Response

from problems.documents.base import Model
from service.api import catalogue, problem
from service.api.grading import grading
from service.api.openapi import describe
from service.api.respond import json_response
from service.api.route import Route

MOST_BYTES = 2**20
MOST_COST = 100_000


class Health(Model):
    """That the process answers."""

    status: Literal["ok"]


def health() -> Response:
    """Answer that the process is up."""
    return json_response(Health(status="ok").model_dump())


def create_app(
    *, public_grading: bool = True, most_bytes: int = MOST_BYTES, most_cost: int = MOST_COST
) -> Flask:
    """Return the HTTP service as a WSGI application.

    Args:
        public_grading: whether anybody may `POST /api/v1/grade`.
        most_bytes: the longest body that is read.
        most_cost: the largest exercise that is graded for anybody, as `Workload.cost` counts.

    >>> client = create_app().test_client()
    >>> client.get("/healthz").json
    {'status': 'ok'}
    """
    # No static files, and no redirects, which have bodies of their own.
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = most_bytes
    routes = [
        Route(
            method="GET",
            path="/healthz",
            view=health,
            summary="Tell that the process is up",
            returns=Health,
        ),
        *catalogue.ROUTES,
        *([grading(most_cost=most_cost)] if public_grading else []),
    ]
    for route in routes:
        app.add_url_rule(route.flask_rule, view_func=route.view, methods=[route.method])
    document = describe(routes)
    app.add_url_rule("/openapi.json", "openapi", lambda: json_response(document))
    problem.register(app)
    return app
