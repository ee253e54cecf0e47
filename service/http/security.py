"""Headers that keep a browser from doing more with a response than was meant."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask, request
from werkzeug.wrappers import Response

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content policy of what is no page."""

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": NOTHING,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
"""Of every response, unless it has its own."""


def register(app: Flask) -> None:
    """Give every response these headers; none to a request with a token is kept by anybody."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    wanted = dict(HEADERS)
    if "Authorization" in request.headers:
        wanted["Cache-Control"] = "no-store"
    own = {name.lower() for name, _ in response.headers}
    for name, value in wanted.items():
        if name.lower() not in own:
            response.headers.add(name, value)
    return response
