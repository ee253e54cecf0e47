"""Problems: every error as RFC 9457's application/problem+json, whoever raised it."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from flask import Flask
from pydantic import ConfigDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from gradgrade.oracle.errors import OracleError
from gradgrade.problems import DocumentError, ExerciseError
from gradgrade.problems.documents.base import Model, Whole
from gradgrade.problems.errors import Fault
from gradgrade.service.course.errors import (
    Busy,
    Closed,
    Conflict,
    CourseError,
    InFlight,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Withheld,
)
from gradgrade.service.http.body import BadJson
from gradgrade.service.http.respond import json_bytes
from gradgrade.service.store.errors import StoreBusy, StoreError

MEDIA_TYPE = "application/problem+json"

STATUSES: tuple[tuple[type[CourseError], HTTPStatus], ...] = (
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Withheld, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (Closed, HTTPStatus.CONFLICT),
    (InFlight, HTTPStatus.CONFLICT),
    (PreconditionFailed, HTTPStatus.PRECONDITION_FAILED),
    (Busy, HTTPStatus.SERVICE_UNAVAILABLE),
    (CourseError, HTTPStatus.UNPROCESSABLE_ENTITY),
)
"""What the core's errors are in HTTP: the first of these that an error is one of."""

SAID: Mapping[int, str] = MappingProxyType(
    {
        HTTPStatus.NOT_FOUND: (
            "there is nothing at this path, or nothing for this token: check both; "
            "GET /openapi.json lists every path and who may ask"
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            "this path does not take this method: the header Allow lists those that it takes"
        ),
    }
)
"""What is said of a request that nobody refused in words of their own.

What is not there and what is for others are told alike, or a student could ask which is which.
"""

BUSY_SECONDS = 1
UNAVAILABLE_SECONDS = 5


class FaultOfDocument(Model):
    """One thing that is wrong with a document: where, as it was written, and what to write."""

    pointer: str
    place: str
    field: str
    written: str
    said: str


class Problem(Model):
    """Why a request was refused, as RFC 9457 writes it; some problems have further members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: Whole
    detail: str
    faults: list[FaultOfDocument] | None = None


def problem_bytes(status: int, detail: str, **members: Any) -> bytes:
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
    return json_bytes(problem.model_dump(exclude_none=True) | members)


def problem_response(
    status: int, detail: str, *, headers: dict[str, str] | None = None, **members: Any
) -> Response:
    """Return a problem.

    Args:
        status: the HTTP status.
        detail: one line.
        headers: such as `Retry-After`.
        members: what a program wants to know beside the line, ready for JSON.
    """
    body = problem_bytes(status, detail, **members)
    return Response(body, status, headers, content_type=MEDIA_TYPE)


def register(app: Flask) -> None:
    """Make a problem of every error that a request can end in."""
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(CourseError, _of_course)
    app.register_error_handler(StoreError, _of_store)
    app.register_error_handler(BadJson, _of_json)
    for refused in (DocumentError, ExerciseError, OracleError):
        app.register_error_handler(refused, _of_document)


def register_constraints(app: Flask) -> None:
    """Make a problem of a row that a constraint forbids too; for who serves a database."""
    # Where there is no course, the database's code is not loaded.
    from sqlalchemy.exc import IntegrityError

    app.register_error_handler(IntegrityError, _of_constraint)


def _of_http(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    # What the class itself says is written for somebody in a browser.
    is_own = error.description != type(error).description
    said = error.description if is_own else SAID.get(status, error.description)
    body = problem_bytes(status, said or HTTPStatus(status).phrase)
    # Allow of a 405 and the like are kept.
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return Response(body, status, headers, content_type=MEDIA_TYPE)


def _of_document(
    error: Exception, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    faults = [_fault(each).model_dump() for each in getattr(error, "faults", ())]
    members: dict[str, Any] = {"faults": faults} if faults else {}
    detail = error.one_line if isinstance(error, DocumentError) else str(error)
    return problem_response(status, detail, **members)


def _fault(fault: Fault) -> FaultOfDocument:
    return FaultOfDocument(
        pointer=fault.pointer,
        place=fault.place,
        field=fault.field,
        written=fault.written,
        said=fault.said,
    )


def _of_json(error: BadJson) -> Response:
    return _of_document(error, HTTPStatus.BAD_REQUEST)


def _of_course(error: CourseError) -> Response:
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return _unavailable(str(error), BUSY_SECONDS)
    is_unknown = status is HTTPStatus.UNAUTHORIZED
    headers = {"WWW-Authenticate": "Bearer"} if is_unknown else None
    return problem_response(status, str(error), headers=headers)


def _of_store(error: StoreError) -> Response:
    seconds = BUSY_SECONDS if isinstance(error, StoreBusy) else UNAVAILABLE_SECONDS
    return _unavailable(str(error), seconds)


def _of_constraint(_: Exception) -> Response:
    detail = "another request changed the same things at the same time; send it again"
    return problem_response(HTTPStatus.CONFLICT, detail)


def _unavailable(detail: str, seconds: int) -> Response:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return problem_response(status, detail, headers={"Retry-After": str(seconds)})
