"""The audit log: who changed what and when."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue, RootModel
from werkzeug.wrappers import Response

from gradgrade.problems.documents.base import Model, Whole
from gradgrade.service.api.paging import Page, page_response
from gradgrade.service.api.roles import INSTRUCTOR
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.course.audit import Entry, entries
from gradgrade.service.http.moments import Moment


class AuditEntry(Model):
    """A change; `token` is the id of the token that was used, null for the command line."""

    id: Whole
    at: Moment
    token: Whole | None
    action: str
    object: str
    detail: dict[str, JsonValue]


class AuditLog(RootModel[list[AuditEntry]]):
    """What was changed in a course, the oldest first."""


def read_audit_log(call: CourseCall) -> Response:
    """Answer with what was changed in the course."""
    page: Page = call.query
    with call.backend.store.reading() as connection:
        found = entries(connection, call.actor, after=page.after, limit=page.limit + 1)
    return page_response(found, page, id_of=lambda entry: entry.row, show=_shown)


def _shown(entry: Entry) -> dict[str, Any]:
    return AuditEntry(
        id=entry.row,
        at=entry.at,
        token=entry.token,
        action=entry.action,
        object=entry.object,
        detail=entry.detail,
    ).model_dump()


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/audit-log",
        view=read_audit_log,
        summary="Read who changed what and when",
        group="Operations",
        roles=INSTRUCTOR,
        query=Page,
        returns=AuditLog,
        headers=("Link",),
    ),
)
