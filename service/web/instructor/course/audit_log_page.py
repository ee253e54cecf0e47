"""The audit log: who changed what and when, in sentences, filtered and in pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request
from markupsafe import Markup
from werkzeug.wrappers import Response

from gradgrade.service.course.audit import Entry
from gradgrade.service.course.audit_search import NAMED, Wanted, makers, search_log
from gradgrade.service.course.sets.problem_sets import list_problem_sets
from gradgrade.service.http.query import MOST_DIGITS
from gradgrade.service.store.identities import AuditRow, StudentId, TokenRow
from gradgrade.service.web.entrance import MOST_SETS
from gradgrade.service.web.instructor.course.log_sentences import (
    Course,
    actions,
    maker,
    sentence,
    who,
)
from gradgrade.service.web.rendering import page
from gradgrade.service.web.visit import Visit

SHOWN = 50

BY_COMMAND = "command-line"
"""What stands for the command line among those who make changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as it is shown.

    Args:
        entry: what the log has.
        who: who made the change.
        what: what it was.
    """

    entry: Entry
    who: str
    what: Markup


def show_audit_log(visit: Visit) -> Response:
    """Answer with the latest changes that are asked for, and links to those before."""
    asked = {name: request.args.get(name, "").strip() for name in ("who", "what", "set", "student")}
    before = _row(request.args.get("before", ""))
    course = read_course(visit)
    with visit.backend.store.reading() as connection:
        found = search_log(
            connection,
            visit.actor,
            _wanted(asked),
            before=None if before is None else AuditRow(before),
            limit=SHOWN + 1,
        )
    shown = found[:SHOWN]
    filters = {name: value for name, value in asked.items() if value}
    earlier = filters | {"before": str(shown[-1].row)} if len(found) > SHOWN else None
    return page(
        "audit_log.html",
        at="audit-log",
        lines=lines_of(shown, course),
        asked=asked,
        whos={str(token): maker(token, role) for token, role in course.makers.items()},
        by_command=BY_COMMAND,
        whats=actions(),
        sets=course.sets,
        earlier=earlier and f"/audit-log?{urlencode(earlier)}",
        latest=before is not None and f"/audit-log?{urlencode(filters)}",
    )


def read_course(visit: Visit) -> Course:
    """Return what the sentences of a course's log are about."""
    with visit.backend.store.reading() as connection:
        sets = list_problem_sets(connection, visit.actor, after=0, limit=MOST_SETS)
        known = makers(connection, visit.actor)
    return Course(
        sets=[each.problem_set.name for each in sets],
        makers={each.token: each.role for each in known},
    )


def lines_of(entries: Sequence[Entry], course: Course) -> list[Line]:
    """Return entries as they are shown."""
    return [
        Line(entry=each, who=who(each, course), what=sentence(each, course)) for each in entries
    ]


def _wanted(asked: dict[str, str]) -> Wanted:
    """Return what a form asks for; what it cannot have meant, nobody made."""
    token = _row(asked["who"])
    return Wanted(
        problem_set=asked["set"] or None,
        student=StudentId(asked["student"]) if asked["student"] else None,
        action=asked["what"] if asked["what"] in NAMED else None,
        token=None if token is None else TokenRow(token),
        by_command=asked["who"] == BY_COMMAND,
    )


def _row(text: str) -> int | None:
    return int(text) if re.fullmatch(rf"[0-9]{{1,{MOST_DIGITS}}}", text) else None
