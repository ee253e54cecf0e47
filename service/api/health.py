"""Routes of operations: whether the process is up, whether it can work, and its metrics."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model
from gradgrade.service.api.route import Call, Route
from gradgrade.service.http import metrics
from gradgrade.service.http.problem import problem_response
from gradgrade.service.http.respond import json_response
from gradgrade.service.store.errors import StoreError

if TYPE_CHECKING:
    from gradgrade.service.course.backend import Backend

GROUP = "Operations"
RETRY_SECONDS = 5


class Health(Model):
    """That it is well."""

    status: Literal["ok"]


def health(_: Call) -> Response:
    """Answer that the process is up."""
    return json_response(Health(status="ok").model_dump())


def exposition(_: Call) -> Response:
    """Answer with the metrics."""
    return Response(metrics.exposition(), content_type=metrics.MEDIA_TYPE)


def readiness(backend: Backend | None) -> Route:
    """Return the route that tells whether the database can be written.

    Args:
        backend: of the course; None: there is no database, and the process is always ready.
    """
    if backend is None:
        check = None
    else:
        # Where there is no course, the database's code is not loaded.
        from gradgrade.service.store.probe import Probe

        check = Probe(backend.store, clock=backend.clock).check

    def ready(call: Call) -> Response:
        try:
            if check is not None:
                check()
        except StoreError as error:
            headers = {"Retry-After": str(RETRY_SECONDS)}
            return problem_response(
                HTTPStatus.SERVICE_UNAVAILABLE, f"not ready: {error}", headers=headers
            )
        return health(call)

    return Route(
        method="GET",
        path="/readyz",
        view=ready,
        summary="Tell whether requests can be served: the database is there, and can be written",
        group=GROUP,
        limit=None,
        returns=Health,
        refuses=(503,),
    )


def routes(backend: Backend | None) -> tuple[Route, ...]:
    """Return the routes of operations.

    Args:
        backend: of the course that is served, if one is.
    """
    return (
        Route(
            method="GET",
            path="/healthz",
            view=health,
            summary="Tell that the process is up",
            group=GROUP,
            limit=None,
            returns=Health,
        ),
        readiness(backend),
        Route(
            method="GET",
            path="/metrics",
            view=exposition,
            summary="Tell how many requests there were, for Prometheus",
            group=GROUP,
            limit=None,
            returns=None,
            media_types=("text/plain",),
        ),
    )
