"""What stands before every view: who asks, how often, and with which parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import abort, g, request
from werkzeug.wrappers import Response

from gradgrade.problems import DocumentError
from gradgrade.service.api.route import Call, CourseCall, Route
from gradgrade.service.contained import Contained, here
from gradgrade.service.course.errors import Unauthenticated
from gradgrade.service.http.limits import Limiter
from gradgrade.service.http.path import check_path
from gradgrade.service.http.problem import problem_response
from gradgrade.service.http.query import read_query
from gradgrade.service.http.receiving import received_at
from gradgrade.service.turns import RETRY_SECONDS, Occupied, Turns

if TYPE_CHECKING:
    from gradgrade.service.course.actor import Actor
    from gradgrade.service.course.backend import Backend
    from gradgrade.service.store.identities import TokenRow

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course that is served.

    Args:
        backend: what its operations work on.
        authenticate: returns who a token is of, or raises Unauthenticated.
        contained: whoever computes what its routes leave to another process.
        public_grading: whether anybody may grade without a token.
        received_header: in which the reverse proxy states when it had a request.
    """

    backend: Backend
    authenticate: Callable[[str], Actor]
    contained: Contained = here
    public_grading: bool = False
    received_header: str | None = None


def answering(
    route: Route, *, course: Course | None, limiter: Limiter, turns: Turns
) -> Callable[..., Response]:
    """Return the function that Flask calls with the path's variables.

    Args:
        route: what is asked for.
        course: None where there is none; then the route must be public.
        limiter: counts who asks.
        turns: of the requests of this process that are much work.
    """
    roles = route.roles
    if roles is None:

        def answer(**path: str) -> Response:
            charge = _charging(route, limiter, token=None)
            check_path(path)
            call = Call(query=read_query(route.query), charge=charge)
            return _answered(route, turns, call, path)

        return answer
    if course is None:
        raise ValueError(f"route={route.path!r} has roles, and there is no course")

    def answer_member(**path: str) -> Response:
        received = received_at(course.backend.clock, header=course.received_header)
        actor = _authenticated(course, limiter)
        g.role = actor.role
        charge = _charging(route, limiter, token=actor.token)
        if actor.role not in roles:
            abort(HTTPStatus.NOT_FOUND)
        check_path(path)
        call = CourseCall(
            query=read_query(route.query),
            backend=course.backend,
            actor=actor,
            received_at=received,
            charge=charge,
            contained=course.contained,
            public_grading=course.public_grading,
            idempotency_key=_key(route),
        )
        return _answered(route, turns, call, path)

    return answer_member


def _charging(route: Route, limiter: Limiter, *, token: TokenRow | None) -> Callable[[int], None]:
    """Count the current request, and return what counts more of it.

    Raises:
        HTTPException: 429, the window is used up.
    """
    if route.limit is None:
        return lambda units: None
    limiter.spend(route.limit, token=token)
    return partial(limiter.charge, route.limit, token=token)


def _answered(route: Route, turns: Turns, call: Call, path: Mapping[str, str]) -> Response:
    if not route.is_heavy:
        return route.view(call, **path)
    try:
        with turns.taken():
            return route.view(call, **path)
    except Occupied:
        return _occupied()


def _occupied() -> Response:
    detail = "another request of this much work is being worked on: ask again in a few seconds"
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)


def _authenticated(course: Course, limiter: Limiter) -> Actor:
    token = _bearer_token()
    try:
        return course.authenticate(token)
    except Unauthenticated:
        limiter.spend_failure()
        raise


def _bearer_token() -> str:
    """Return the token of the current request.

    Raises:
        Unauthenticated: there is none.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("a token is needed: Authorization: Bearer TOKEN")
    return token.strip()


def _key(route: Route) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or "Idempotency-Key" not in route.request_headers:
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise DocumentError(f"Idempotency-Key: it must be 1 to {LONGEST_KEY} ASCII characters")
    return key
