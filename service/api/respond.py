"""Responses in JSON, numbers as the documents write them."""

from typing import Any

from werkzeug.wrappers import Response

from problems import strict_json


def json_bytes(data: Any) -> bytes:
    """Return JSON text in UTF-8; half a surrogate pair, which has no UTF-8, as its escape."""
    return strict_json.dumps(data).encode("utf-8", "backslashreplace")


def json_response(data: Any) -> Response:
    """Return a response of status 200."""
    return Response(json_bytes(data), content_type="application/json")
