"""Problems: every error as RFC 9457's application/problem+json, whoever raised it."""

from http import HTTPStatus

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from oracle.errors import OracleError
from problems import DocumentError, ExerciseError
from problems.documents.base import Model, Whole
from service.api.respond import json_bytes

MEDIA_TYPE = "application/problem+json"


class Problem(Model):
    """Why a request was refused, as RFC 9457 writes it."""

    type: str
    title: str
    status: Whole
    detail: str


def problem_bytes(status: int, detail: str) -> bytes:
    """Return a problem's body.

    >>> print(problem_bytes(411, "a Content-Length is needed").decode(), end="")
    {
      "type": "about:blank",
      "title": "Length Required",
      "status": 411,
      "detail": "a Content-Length is needed"
    }
    """
    title = HTTPStatus(status).phrase
    problem = Problem(type="about:blank", title=title, status=status, detail=detail)
    return json_bytes(problem.model_dump())


def register(app: Flask) -> None:
    """Make a problem of every error that a request can end in."""
    app.register_error_handler(HTTPException, _of_http)
    for refused in (DocumentError, ExerciseError, OracleError):
        app.register_error_handler(refused, _of_document)


def _of_http(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    body = problem_bytes(status, error.description or HTTPStatus(status).phrase)
    # Allow of a 405 and the like are kept.
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return Response(body, status, headers, content_type=MEDIA_TYPE)


def _of_document(error: Exception) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return Response(problem_bytes(status, str(error)), status, content_type=MEDIA_TYPE)
