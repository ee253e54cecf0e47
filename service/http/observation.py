"""Observation: what can be told of an answered request without telling what is in it.

Views and whoever stands before them leave two words in Flask's `g`: `g.role`, whose request it is,
and `g.outcome`, that of a submission which was stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

from flask import Flask, g, request
from werkzeug.wrappers import Response

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_LISTENERS = "gradgrade_observers"

OTHER = "other"
"""Whatever is no known method or route: a client can write anything there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """An answered request.

    Args:
        method: the HTTP method.
        route: the route's template, with its variables' names and not their values.
        status: the status of the answer.
        seconds: how long it took.
        role: of the token; None without one.
        outcome: of the submission that was stored; None of other requests.
    """

    method: str
    route: str
    status: int
    seconds: float
    role: str | None
    outcome: str | None


def observe(app: Flask, tell: Callable[[Observation], None]) -> None:
    """Have every answered request told, those that end in an error too."""
    listeners: list[Callable[[Observation], None]] = app.extensions.setdefault(_LISTENERS, [])
    listeners.append(tell)
    if len(listeners) > 1:
        return

    def answered(response: Response) -> Response:
        observed = _observation(response)
        for each in listeners:
            each(observed)
        return response

    app.before_request(_begin)
    app.after_request(answered)


def method_of_request() -> str:
    """Return the method of the current request."""
    return request.method if request.method in METHODS else OTHER


def route_of_request() -> str:
    """Return the template of the current request's route."""
    rule = request.url_rule
    return OTHER if rule is None else _template(rule.rule)


@lru_cache(maxsize=256)
def _template(rule: str) -> str:
    return rule.replace("<", "{").replace(">", "}")


def _begin() -> None:
    g.began = perf_counter()


def _observation(response: Response) -> Observation:
    return Observation(
        method=method_of_request(),
        route=route_of_request(),
        status=response.status_code,
        seconds=perf_counter() - g.began,
        role=g.get("role"),
        outcome=g.get("outcome"),
    )
