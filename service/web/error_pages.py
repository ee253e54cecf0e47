"""Every address that a person may type is answered by a page, also where something is wrong."""

from __future__ import annotations

import json

from flask import Flask, g, request
from werkzeug.wrappers import Response

from gradgrade.service.course.backend import Backend
from gradgrade.service.store.errors import StoreError
from gradgrade.service.web import session
from gradgrade.service.web.rendering import headers_of, is_problem, page

PAGES = ("/sets", "/submissions", "/sign-in", "/sign-out", "/guides", "/new-set")
"""What the addresses of pages begin with; `/` is one too."""

PROGRAMS = ("/api/", "/docs", "/healthz", "/metrics", "/openapi.json", "/readyz", "/static/")
"""What the addresses of programs begin with; at all others a browser is answered by a page."""


def register(app: Flask, backend: Backend | None) -> None:
    """Put a page in the place of a problem, where the address is a person's.

    Args:
        app: makes problems of errors already.
        backend: tells who is signed in; None: nobody can be.
    """

    def as_page(response: Response) -> Response:
        if not (is_problem(response) and _is_a_persons()):
            return response
        if backend is not None and "actor" not in g:
            _recognize(backend)
        told = json.loads(response.get_data())
        return page(
            "error.html",
            status=response.status_code,
            headers=headers_of(response),
            title=told["title"],
            detail=told["detail"],
        )

    app.after_request(as_page)


def _is_a_persons() -> bool:
    """Tell whether a person is answered: at a page's address, or anywhere in a browser."""
    if request.path == "/" or request.path.startswith(PAGES):
        return True
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith(
        PROGRAMS
    )


def _recognize(backend: Backend) -> None:
    """Find out who is signed in, so that an error does not look as if nobody were."""
    try:
        session.signed_in(backend)
    except StoreError:
        g.actor = None
