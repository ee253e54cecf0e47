"""Routes of operations: whether the process is up, whether it can work, and its metrics."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal

from flask import abort, request
from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model
from gradgrade.service.api.route import Call, Route
from gradgrade.service.http import metrics
from gradgrade.service.http.problem import problem_response
from gradgrade.service.http.respond import json_response
from gradgrade.service.settings import Settings, networks_of
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


def metrics_route(told: str | None) -> Route:
    """Return the route that tells the metrics.

    Args:
        told: the networks of those who are, as the setting names them; to all others there is no
            such path.
    """
    networks = () if told is None else networks_of(told)

    def exposition(_: Call) -> Response:
        """Answer with the metrics."""
        address = ip_address(request.remote_addr or "0.0.0.0")
        address = getattr(address, "ipv4_mapped", None) or address
        if not any(address in each for each in networks):
            abort(HTTPStatus.NOT_FOUND)
        return Response(metrics.exposition(), content_type=metrics.MEDIA_TYPE)

    return Route(
        method="GET",
        path="/metrics",
        view=exposition,
        summary="Tell how many requests there were, for Prometheus, to whom the settings name",
        group=GROUP,
        limit=None,
        returns=None,
        media_types=("text/plain",),
        refuses=(404,),
    )


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


def routes(backend: Backend | None, settings: Settings) -> tuple[Route, ...]:
    """Return the routes of operations.

    Args:
        backend: of the course that is served, if one is.
        settings: whom the metrics are told.
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
        metrics_route(settings.metrics_from),
    )
