"""A course on this machine, asked as its server would be: through the same routes, in this process.

So that each command is written once, and answers alike wherever the course is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from gradgrade.service.client.connection import Answer
    from gradgrade.service.course.actor import Actor
    from gradgrade.service.course.backend import Backend
    from gradgrade.service.settings import Settings

WITHOUT_END = 2**62


class InThisProcess:
    """A `gradgrade.service.client.connection.Channel` to a course that is here.

    Args:
        backend: the course's.
        actor: who asks; no token is needed.
        settings: of the course's server; its rates and its longest body hold for others.
    """

    def __init__(self, backend: Backend, actor: Actor, settings: Settings) -> None:
        self._backend, self._actor, self._settings = backend, actor, settings

    @property
    def address(self) -> str:
        """Where the course is served, if it is."""
        host = self._settings.host
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self._settings.port}"

    def ask(
        self,
        method: str,
        *place: str,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeats: bool = True,
    ) -> Answer:
        """Return the answer, a success; see `Channel.ask`."""
        from werkzeug.datastructures import Headers
        from werkzeug.test import EnvironBuilder, run_wsgi_app

        from gradgrade.service.client.connection import Answer, accepted, target

        request = EnvironBuilder(
            target(place, query),
            self.address,
            method=method,
            data=body,
            content_type=None if body is None else "application/json",
            headers=Headers({"Authorization": "Bearer whoever-is-here", **(headers or {})}),
        )
        chunks, status, found = run_wsgi_app(self._app, request.get_environ(), buffered=True)
        code, _, reason = status.partition(" ")
        return accepted(
            Answer(status=int(code), reason=reason, headers=dict(found), data=b"".join(chunks))
        )

    @cached_property
    def _app(self) -> Flask:
        from gradgrade.service.api.dispatch import Course
        from gradgrade.service.app import build_app, routes_of

        settings = self._settings.model_copy(
            update={
                "general_rate": f"{WITHOUT_END}/second",
                "most_bytes": WITHOUT_END,
                "redis": None,
                "proxies": 0,
            }
        )
        course = Course(
            backend=self._backend,
            authenticate=lambda _: self._actor,
            public_grading=settings.public_grading,
        )
        routes = routes_of(backend=self._backend, settings=settings)
        return build_app(routes, settings=settings, course=course, describes=False)
