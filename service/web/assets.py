"""Assets: the files that pages name, served from the package and nowhere else.

Each is named with a digest of its content, so that a browser may keep it for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType

from flask import Flask, abort, request
from werkzeug.wrappers import Response

from gradgrade.problems.documents.structures.network import MOST_LAYERS
from gradgrade.problems.drawing.graphs.program import MOST_LINES
from gradgrade.problems.drawing.style import fitting, lighting, stylesheet
from gradgrade.service.http.conditional import tagged

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "style.css": "text/css; charset=utf-8",
        "page.js": "text/javascript; charset=utf-8",
        "playground.js": "text/javascript; charset=utf-8",
        "desk.js": "text/javascript; charset=utf-8",
        "drafts.js": "text/javascript; charset=utf-8",
        "sign_in.js": "text/javascript; charset=utf-8",
        "editor.js": "text/javascript; charset=utf-8",
        "favicon.svg": "image/svg+xml",
        "gradgrade-math.woff2": "font/woff2",
    }
)
"""All that there are."""

DIGITS = 12
FOR_GOOD = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=300"


def address(name: str) -> str:
    """Return where an asset is, as it is now.

    >>> address("style.css").partition("=")[0]
    '/static/style.css?v'
    """
    return f"/static/{name}?v={_digest(name)}"


def register(app: Flask) -> None:
    """Serve the assets, and the icon that browsers ask for unasked."""

    def asset(name: str) -> Response:
        if name not in MEDIA_TYPES:
            abort(404)
        response = tagged(Response(_content(name), content_type=MEDIA_TYPES[name]))
        is_named = request.args.get("v") == _digest(name)
        response.headers["Cache-Control"] = FOR_GOOD if is_named else FOR_NOW
        return response

    app.add_url_rule("/static/<name>", "asset", asset)
    app.add_url_rule("/favicon.ico", "favicon", lambda: asset("favicon.svg"))


@lru_cache(maxsize=len(MEDIA_TYPES))
def _content(name: str) -> bytes:
    content = files("gradgrade.service.web").joinpath("static", name).read_bytes()
    if name != "style.css":
        return content
    drawings = stylesheet() + fitting() + lighting(layers=MOST_LAYERS, quantities=MOST_LINES)
    return content + drawings.encode()


@lru_cache(maxsize=len(MEDIA_TYPES))
def _digest(name: str) -> str:
    return sha256(_content(name)).hexdigest()[:DIGITS]
