"""Responses in JSON, numbers as the documents write them."""

from typing import Any

from werkzeug.wrappers import Response

from gradgrade.problems.documents import strict_json


def json_bytes(data: Any) -> bytes:
    """Return JSON text in UTF-8; half a surrogate pair, which has no UTF-8, as its escape."""
    return strict_json.dumps(data).encode("utf-8", "backslashreplace")


def json_response(
    data: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a response.

    Args:
        data: what `strict_json` writes.
        status: of success.
        headers: such as `Location`.
    """
    return Response(json_bytes(data), status, headers, content_type="application/json")


def no_content() -> Response:
    """Return the response to what is done and has no answer."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
