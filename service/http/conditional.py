"""Conditional requests: what is known already is not sent, what has changed is not overwritten."""

from __future__ import annotations

from hashlib import sha256

from flask import request
from werkzeug.http import quote_etag
from werkzeug.wrappers import Response

from gradgrade.service.course.errors import PreconditionFailed


def tagged(response: Response, tag: str | None = None) -> Response:
    """Return a response with its ETag, or a 304 where the current request names it as known.

    Args:
        response: a success.
        tag: what changes whenever the body does; None: the body itself tells.
    """
    tag = sha256(response.get_data()).hexdigest() if tag is None else tag
    response.headers["ETag"] = quote_etag(tag)
    # Whoever has seen a 201 or changed something has not asked for what they know.
    is_reading = request.method in ("GET", "HEAD")
    if is_reading and request.if_none_match.contains_weak(tag):
        return Response(status=304, headers={"ETag": response.headers["ETag"]})
    return response


def expected_tag() -> str | None:
    """Return the one ETag that the current request's If-Match allows; None: any.

    Raises:
        PreconditionFailed: it does not name one, strong and in quotation marks.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    tags = list(request.if_match.as_set())
    if len(tags) == 1 and tags[0]:
        return tags[0]
    text = request.headers["If-Match"][:60]
    raise PreconditionFailed(f"If-Match: {text!r} is not the ETag of one version")
