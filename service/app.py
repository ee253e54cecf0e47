"""The application: a table of routes, and every error a problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from gradgrade.service.api import catalogue, docs_page, health
from gradgrade.service.api.dispatch import Course, answering
from gradgrade.service.api.grading import grading_route
from gradgrade.service.api.openapi import describe
from gradgrade.service.api.route import Route
from gradgrade.service.bounds import MOST_COST
from gradgrade.service.contained import Contained, here
from gradgrade.service.http import logs, metrics, problem, security
from gradgrade.service.http.limits import Limiter
from gradgrade.service.http.respond import json_response
from gradgrade.service.settings import Settings
from gradgrade.service.turns import Turns

if TYPE_CHECKING:
    from gradgrade.service.course.backend import Backend


def create_app(
    *,
    backend: Backend | None = None,
    settings: Settings | None = None,
    most_cost: int = MOST_COST,
    contained: Contained = here,
) -> Flask:
    """Return the HTTP service as a WSGI application.

    Args:
        backend: of the course that is served; None: only what needs no course is.
        settings: None: the defaults.
        most_cost: the largest exercise that is graded for anybody, as `Workload.cost` counts.
        contained: whoever works for those who ask without a course, and draws and grades practice.

    >>> client = create_app().test_client()
    >>> client.get("/healthz").json
    {'status': 'ok'}
    """
    settings = settings or Settings()
    limiter = Limiter(settings)
    routes = routes_of(backend=backend, settings=settings, most_cost=most_cost, contained=contained)
    course = _course(backend, settings, contained)
    app = build_app(routes, settings=settings, course=course, limiter=limiter)
    _register_pages(app, backend, settings=settings, limiter=limiter, contained=contained)
    return app


def routes_of(
    *,
    backend: Backend | None,
    settings: Settings,
    most_cost: int = MOST_COST,
    contained: Contained = here,
) -> tuple[Route, ...]:
    """Return the table of all routes; the arguments are those of `create_app`.

    Answers are graded for anybody where there is no course, and beside one only if its settings say
    so: whoever grades states the exercise, and could state their own.
    """
    grades = backend is None or settings.public_grading
    return (
        *health.routes(backend, settings),
        *catalogue.routes(contained),
        *(
            [grading_route(most_cost=most_cost, contained=contained, backend=backend)]
            if grades
            else []
        ),
        *(_course_routes() if backend is not None else ()),
    )


def build_app(
    routes: Sequence[Route],
    *,
    settings: Settings,
    course: Course | None = None,
    limiter: Limiter | None = None,
    describes: bool = True,
) -> Flask:
    """Return an application that answers these routes.

    Args:
        routes: the table.
        settings: the longest body, the rates, the proxies.
        course: what routes with roles work on, and who may.
        limiter: counts who asks; None: one of its own.
        describes: whether it tells what it answers, in OpenAPI and on a page; that takes a while.
    """
    # No static files, and no redirects, which have bodies of their own.
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = settings.most_bytes
    limiter = limiter or Limiter(settings)
    # Whoever asks without a token waits for others like them, and keeps no instructor waiting.
    anybodys, members = (Turns(threads=settings.threads) for _ in range(2))
    for route in routes:
        turns = anybodys if route.roles is None else members
        view = answering(route, course=course, limiter=limiter, turns=turns)
        app.add_url_rule(route.flask_rule, route.name, view, methods=[route.method])
    if describes:
        document = describe(routes)
        app.add_url_rule("/openapi.json", "openapi", lambda: json_response(document))
        docs_page.register(app, document)
    limiter.register(app)
    security.register(app)
    problem.register(app)
    if course is not None:
        problem.register_constraints(app)
    logs.register(app)
    metrics.register(app)
    _trust_proxies(app, settings.proxies)
    return app


def _trust_proxies(app: Flask, count: int) -> None:
    """Take the client's address and protocol from so many proxies' headers, and nothing else."""
    if count:
        # To mypy a method; Flask's own documents set it so.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_port=0, x_prefix=0
        )


def _register_pages(
    app: Flask,
    backend: Backend | None,
    *,
    settings: Settings,
    limiter: Limiter,
    contained: Contained,
) -> None:
    from gradgrade.service.web import register

    register(app, backend, settings=settings, limiter=limiter, contained=contained)


def _course_routes() -> Sequence[Route]:
    from gradgrade.service.api.course import ROUTES

    return ROUTES


def _course(backend: Backend | None, settings: Settings, contained: Contained) -> Course | None:
    if backend is None:
        return None
    from gradgrade.service.course.people.authentication import authenticate

    return Course(
        backend=backend,
        authenticate=lambda text: authenticate(backend, text),
        contained=contained,
        public_grading=settings.public_grading,
        received_header=settings.received_header,
    )
