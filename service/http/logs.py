"""Logs: JSON lines on standard error, one for each request, and one for each fault of ours.

A line tells neither bodies nor tokens, nor what stands in a path or a query.
"""

import logging
import logging.config
import re
import secrets
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, g, request
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict
from werkzeug.wrappers import Response

from gradgrade.service.http.observation import (
    Observation,
    method_of_request,
    observe,
    route_of_request,
)
from gradgrade.service.http.problem import problem_response

NAME = "gradgrade"
REQUEST_ID = "X-Request-ID"
LONGEST_MESSAGE = 200

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def configuration(level: str) -> dict[str, Any]:
    """Return what `logging.config.dictConfig` takes: whatever is logged becomes a line of JSON.

    Args:
        level: the least that is logged: `debug`, `info`, `warning` or `error`.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": formatter}},
        "handlers": {"standard_error": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": level.upper(), "handlers": ["standard_error"]},
        # It tells of every connection on which a revision is looked up.
        "loggers": {"alembic": {"level": "WARNING"}},
    }


def start(level: str) -> None:
    """Log from now on; for a process of its own, before it serves."""
    logging.config.dictConfig(configuration(level))


def formatter() -> ProcessorFormatter:
    """Return what makes a line of JSON of a record, ours or a library's."""
    return ProcessorFormatter(
        processors=[
            _with_origin,
            _with_fault,
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ]
    )


def register(app: Flask) -> None:
    """Log every request and every unexpected exception, and give each request an id.

    The id is the client's own where it sends a fitting `X-Request-ID`, and is in every response.
    """
    logger = logging.getLogger(NAME)
    log = structlog.wrap_logger(
        logger,
        processors=[ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )

    def tell(observed: Observation) -> None:
        if not logger.isEnabledFor(logging.INFO):
            return
        log.info(
            "request",
            request_id=g.request_id,
            method=observed.method,
            route=observed.route,
            status=observed.status,
            milliseconds=round(observed.seconds * 1000, 1),
            role=observed.role,
        )

    def fault(error: Exception) -> Response:
        log.error(
            "fault",
            request_id=g.request_id,
            method=method_of_request(),
            route=route_of_request(),
            **_told(error),
        )
        detail = "the server has made a mistake, which is logged under this request's id"
        return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, detail)

    app.before_request(_take_id)
    app.after_request(_return_id)
    observe(app, tell)
    app.register_error_handler(Exception, fault)


def _take_id() -> None:
    given = request.headers.get(REQUEST_ID, "")
    g.request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


def _return_id(response: Response) -> Response:
    response.headers.add(REQUEST_ID, g.request_id)
    return response


def _with_origin(_: Any, __: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {"time": time, "level": record.levelname.lower(), "logger": record.name, **event}


def _with_fault(_: Any, __: str, event: EventDict) -> EventDict:
    raised = event.pop("exc_info", None)
    return {**event, **_told(raised[1])} if raised else event


def _told(error: BaseException) -> dict[str, str]:
    return {"error": _named(error), "traceback": _traceback(error)}


def _named(error: BaseException) -> str:
    """Return an exception in one short line; further lines of a database's tell rows."""
    message = (str(error).splitlines() or [""])[0][:LONGEST_MESSAGE]
    return f"{type(error).__name__}: {message}"


def _traceback(error: BaseException) -> str:
    return "\n".join(
        "".join(traceback.format_tb(each.__traceback__)) + _named(each) for each in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _causes(before)
    yield error
