"""Every address that a person may type is answered by a page, also where something is wrong."""

from __future__ import annotations

import json
from http import HTTPStatus
from urllib.parse import quote

from flask import Flask, g, request
from werkzeug.wrappers import Response

from gradgrade.service.web.rendering import headers_of, is_problem, page
from gradgrade.service.web.texts import gettext

PAGES = (
    *("/sets", "/submissions", "/sign-in", "/sign-out", "/guides", "/new-set"),
    *("/gradebook", "/audit-log", "/tokens", "/settings", "/playground"),
)
"""What the addresses of pages begin with; `/` is one too."""

PROGRAMS = ("/api/", "/docs", "/healthz", "/metrics", "/openapi.json", "/readyz", "/static/")
"""What the addresses of programs begin with; at all others a browser is answered by a page."""

NOTHING_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
"""Where a page says in its own words what is wrong with an address."""


def register(app: Flask) -> None:
    """Put a page in the place of a problem, where the address is a person's.

    Args:
        app: makes problems of errors already.
    """

    def as_page(response: Response) -> Response:
        if not (is_problem(response) and _is_a_persons()):
            return response
        told = json.loads(response.get_data())
        return page(
            "error.html",
            status=response.status_code,
            headers=headers_of(response),
            title=_title(response.status_code),
            # What is said of an address that is none is written for programs.
            detail="" if response.status_code in NOTHING_THERE else told["detail"],
            code=response.status_code,
            request_id=g.get("request_id", ""),
            path=quote(request.path),
        )

    app.after_request(as_page)


def _is_a_persons() -> bool:
    """Tell whether a person is answered: at a page's address, or anywhere in a browser."""
    if request.path == "/" or request.path.startswith(PAGES):
        return True
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith(
        PROGRAMS
    )


def _title(status: int) -> str:
    """Return what is wrong, as a heading."""
    titles = {
        400: gettext("This form cannot be read"),
        403: gettext("This page is for others"),
        404: gettext("There is no page here"),
        405: gettext("This address takes forms alone"),
        409: gettext("This cannot be done now"),
        413: gettext("This is too large"),
        414: gettext("This is too large"),
        415: gettext("This form cannot be read"),
        429: gettext("Too much at once"),
        503: gettext("The server is busy"),
    }
    return titles.get(status, gettext("This did not work"))
