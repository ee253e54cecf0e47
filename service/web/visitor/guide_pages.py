"""The guides: their list with a search, and each as a page."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, abort, request
from werkzeug.wrappers import Response

from gradgrade.service.http.conditional import tagged
from gradgrade.service.web import guides
from gradgrade.service.web.rendering import page

LONGEST_QUERY = 200


def register(app: Flask) -> None:
    """Serve the guides to anybody."""
    app.add_url_rule("/guides", "page_guides", show_guides)
    app.add_url_rule("/guides/<name>", "page_guide", show_guide)
    app.add_url_rule(f"/guides/{guides.FOLDER}/<name>", "page_guide_picture", show_picture)


def show_guides() -> Response:
    """Answer with the list of guides, or with what a search finds in them."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    return page(
        "guides.html",
        at="guides",
        query=query,
        found=guides.search(query),
        shelves=guides.shelves(),
    )


def show_guide(name: str) -> Response:
    """Answer with a guide, or with a picture of one."""
    picture = guides.read_picture(name)
    if picture is not None:
        return _as_response(*picture)
    guide = guides.read_guide(name)
    if guide is None:
        abort(HTTPStatus.NOT_FOUND, f"there is no guide {name[:60]!r}")
    return page("guide.html", at="guides", guide=guide, anchor=guides.anchor)


def show_picture(name: str) -> Response:
    """Answer with a picture that does not stand beside the guides."""
    picture = guides.read_picture(name, folder=guides.FOLDER)
    if picture is None:
        abort(HTTPStatus.NOT_FOUND, f"there is no picture {name[:60]!r}")
    return _as_response(*picture)


def _as_response(picture: bytes, media_type: str) -> Response:
    return tagged(Response(picture, content_type=media_type))
