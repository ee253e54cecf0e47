"""The roster of a set: put on it by a file or by paste, with what became of each row."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import request
from werkzeug.wrappers import Response

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.text import as_id
from gradgrade.service.course.people import roster
from gradgrade.service.course.people.roster import Student
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.roster_formats import RosterFault, read_roster
from gradgrade.service.store.identities import StudentId
from gradgrade.service.web import entrance
from gradgrade.service.web.rendering import page
from gradgrade.service.web.texts import gettext
from gradgrade.service.web.visit import Visit

MOST_LISTED = 5_000
FILE_FIELD, TEXT_FIELD = "file", "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of a row.

    Args:
        student: who was put on the roster; None where the row was refused.
        link: signs a new student in; shown this once.
        token: the same by hand.
        said: why a row was refused, or with whom a student may be confused.
    """

    student: Student | None
    link: str | None = None
    token: str | None = None
    said: str | None = None


def show_roster(visit: Visit, name: str) -> Response:
    """Answer with who is on the roster, and a form to put others on it."""
    return _page(visit, name)


def enrol(visit: Visit, name: str) -> Response:
    """Put the students of a file, or of what was pasted, on the roster."""
    text = request.form.get(TEXT_FIELD, "")
    file = request.files.get(FILE_FIELD)
    raw = file.read() if file is not None and file.filename else text.encode()
    if not raw.strip():
        return _refused(visit, name, text, gettext("nothing is pasted, and no file is chosen"))
    try:
        rows = read_roster(raw).rows
    except DocumentError as error:
        return _refused(visit, name, text, error.one_line)
    students = [
        Student(id=StudentId(each.id), name=each.name, email=each.email)
        for each in rows
        if not isinstance(each, RosterFault)
    ]
    made = iter(roster.enrol(visit.backend, visit.actor, name, students) if students else ())
    told = [
        Told(student=None, said=str(each)) if isinstance(each, RosterFault) else _told(next(made))
        for each in rows
    ]
    return _page(visit, name, told=told)


def renew_token(visit: Visit, name: str, student: str) -> Response:
    """Revoke a student's tokens, and show a new one."""
    known, token = roster.replace_token(visit.backend, visit.actor, name, StudentId(as_id(student)))
    told = Told(student=known, token=token, link=entrance.sign_in_link(request.host_url, token))
    return _page(visit, name, told=[told])


def _told(each: roster.Admitted) -> Told:
    link = None if each.token is None else entrance.sign_in_link(request.host_url, each.token)
    alike = ", ".join(map(repr, each.alike))
    return Told(
        student=each.student,
        token=each.token,
        link=link,
        said=gettext("looks like %(others)s: is it the same student?", others=alike)
        if alike
        else None,
    )


def _refused(visit: Visit, name: str, text: str, why: str) -> Response:
    return _page(visit, name, status=HTTPStatus.UNPROCESSABLE_ENTITY, text=text, fault=why)


def _page(
    visit: Visit,
    name: str,
    *,
    status: int = HTTPStatus.OK,
    told: list[Told] | None = None,
    text: str = "",
    fault: str | None = None,
) -> Response:
    with visit.backend.store.reading() as connection:
        held = find(connection, visit.actor, name)
        enrolled = roster.read_roster(connection, held.row, after=0, limit=MOST_LISTED)
    return page(
        "roster.html",
        status=status,
        tab="roster",
        problem_set=held.problem_set,
        enrolled=enrolled,
        told=told or [],
        text=text,
        fault=fault,
        file_field=FILE_FIELD,
        text_field=TEXT_FIELD,
        may_change=visit.actor.role == "instructor",
    )
