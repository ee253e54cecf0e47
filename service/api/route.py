"""Route: one entry of the table from which the application and its OpenAPI document are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel
from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model
from gradgrade.service.contained import Contained, here
from gradgrade.service.http.limits import Limit

if TYPE_CHECKING:
    # Where there is no course, nothing of it is loaded.
    from gradgrade.service.course.actor import Actor
    from gradgrade.service.course.backend import Backend
    from gradgrade.service.store.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the view of a public route is given.

    Args:
        query: the route's model of query parameters, filled in; None where it has none.
        charge: counts work that was done, in units of cost, towards the route's limit.
    """

    query: Any = None
    charge: Callable[[int], None] = lambda units: None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCall(Call):
    """What the view of a route with roles is given.

    Args:
        backend: what every operation of the core works on.
        actor: who asks; one of the route's roles.
        received_at: when the request came, before anything was done about it.
        contained: whoever computes what a route leaves to another process.
        public_grading: whether anybody may grade without a token on this server.
        idempotency_key: the header of that name, where the route takes it and it was sent.
    """

    backend: Backend
    actor: Actor
    received_at: datetime
    contained: Contained = here
    public_grading: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path, who may ask, who answers, and what goes in and comes out.

    What follows from these for the OpenAPI document is not repeated: a body can be refused with
    400, 411, 413, 415 and 422, a query with 422, a token with 401 and 404, a limit with 429.

    Args:
        method: the HTTP method.
        path: as OpenAPI writes it: `/api/v1/catalogue/{name}`.
        view: answers a request; is given a `Call`, or a `CourseCall` where there are roles, and
            the path's variables by name.
        summary: one line for the OpenAPI document.
        group: the heading under which it is described.
        roles: who may ask, with a token; None: anybody, without one. For all others the path
            does not exist.
        limit: the rate limit that it counts towards; None: as often as one likes.
        query: the model of the query's parameters, each a string or a type of `query.py`.
        request_headers: the headers that it heeds: `Idempotency-Key`, `If-Match`, `If-None-Match`.
        body: the model of the request's body, where there is one.
        files: the media types, other than JSON, in which the body may come.
        succeeds: the statuses of success.
        returns: the model of the body of a success; None: it has no JSON body.
        media_types: the media types, other than JSON, in which a success may come.
        headers: the headers of a success: `ETag`, `Link`, `Location`.
        refuses: the statuses of further problems to expect.
        is_heavy: whether it may work for seconds; a process works on one such request at a time,
            and the others are a 503, so that threads stay free for all who ask for little.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    view: Callable[..., Response]
    summary: str
    group: str
    returns: type[BaseModel] | None
    roles: frozenset[Role] | None = None
    limit: Limit | None = "general"
    query: type[Model] | None = None
    request_headers: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    files: tuple[str, ...] = ()
    succeeds: tuple[int, ...] = (200,)
    media_types: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    refuses: tuple[int, ...] = ()
    is_heavy: bool = False

    @property
    def name(self) -> str:
        """The name of the view, which is the operation's too."""
        return self.view.__name__

    @property
    def flask_rule(self) -> str:
        """The path as Flask writes it."""
        return self.path.replace("{", "<").replace("}", ">")
