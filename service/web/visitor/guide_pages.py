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
    if name.endswith(guides.PICTURE):
        picture = guides.read_picture(name)
        if picture is not None:
            return tagged(Response(picture, content_type="image/svg+xml"))
    guide = guides.read_guide(name)
    if guide is None:
        abort(HTTPStatus.NOT_FOUND, f"there is no guide {name[:60]!r}")
    return page("guide.html", at="guides", guide=guide, anchor=guides.anchor)
