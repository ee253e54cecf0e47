"""The roster of a set: its students, what differs for them, and their tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, RootModel
from werkzeug.wrappers import Response

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.base import Model, checked
from gradgrade.problems.documents.problem_set import Attempts
from gradgrade.problems.documents.text import LONGEST_ID, as_id, as_name, as_student_id
from gradgrade.service.api.described import DescribedBy
from gradgrade.service.api.paging import Page, page_response
from gradgrade.service.api.roles import INSTRUCTOR, STAFF
from gradgrade.service.api.route import CourseCall, Route
from gradgrade.service.course.people import roster
from gradgrade.service.course.people.roster import Enrolled, Student
from gradgrade.service.course.sets.policy import Extension
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.http.body import read_body, read_file
from gradgrade.service.http.moments import Moment
from gradgrade.service.http.respond import json_response
from gradgrade.service.roster_formats import RosterFault, RosterStudent, read_roster
from gradgrade.service.roster_formats.roster import LONGEST_LINE
from gradgrade.service.store.identities import StudentId

GROUP = "Roster"

MOST_STUDENTS = 5_000

FILES = (
    "text/csv",
    "text/tab-separated-values",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
"""The media types in which a roster may come as a file; which one it is, its bytes tell."""

_STATED = ("due", "late_until", "attempts")
_EXPORTED = frozenset({*_STATED, "score", "exercises"})
"""What the interface itself tells of students beside who they are."""

Line = Annotated[str, Field(max_length=LONGEST_LINE), AfterValidator(as_name)]
StudentIdField = Annotated[
    StudentId,
    Field(min_length=1, max_length=LONGEST_ID),
    AfterValidator(as_student_id),
]
"""What an instructor calls a student by."""


class RosterEntry(Model):
    """A student to be put on a roster; an empty name or address leaves what is known."""

    id: StudentIdField
    name: Line = ""
    email: Line = ""


Row = Annotated[Any, DescribedBy(RosterEntry)]
"""Each is read by itself, so that a bad one refuses no other."""


def _listed(data: Any) -> Any:
    """Return the list of students in a gradebook; anything else as it is."""
    return data["students"] if isinstance(data, dict) and "students" in data else data


class Roster(
    RootModel[Annotated[list[Row], Field(max_length=MOST_STUDENTS), BeforeValidator(_listed)]]
):
    """Students to be put on a roster."""


class Admission(Model):
    """What became of a row of a roster.

    `token` is shown this once, and null for who has one already. `error` says why a row was
    refused, which refuses no other; `warning` with whom a new student may be confused.
    """

    id: str | None
    name: str | None
    token: str | None
    error: str | None
    warning: str | None


class Admissions(RootModel[list[Admission]]):
    """What became of each row, in their order."""


class NewToken(Model):
    """A student's new token, which is shown once."""

    id: str
    name: str
    token: str


class ExtensionDocument(Model):
    """What differs for a student; null where the set's own holds."""

    due: Moment | None = None
    late_until: Moment | None = None
    attempts: Attempts | None = None


class EnrolledStudent(Model):
    """A student on a roster, and what differs for them."""

    id: str
    name: str
    email: str
    due: Moment | None
    late_until: Moment | None
    attempts: int | None


class EnrolledStudents(RootModel[list[EnrolledStudent]]):
    """The students on a roster."""


def enrol_students(call: CourseCall, name: str) -> Response:
    """Put students on a roster."""
    file = read_file(FILES)
    if file is None:
        sent = read_body(Roster).root
        rows, warnings = _read_rows(sent), list(map(_left_out, sent))
    else:
        rows = _file_rows(file)
        warnings = [None] * len(rows)
    students = [each for each in rows if isinstance(each, Student)]
    if rows and not students:
        # Nobody is put on the roster, which is no success.
        raise next(each for each in rows if isinstance(each, DocumentError))
    made = iter(roster.enrol(call.backend, call.actor, name, students))
    told = [
        _refused(row) if isinstance(row, DocumentError) else _admitted(next(made), warning)
        for row, warning in zip(rows, warnings, strict=True)
    ]
    return json_response(Admissions(told).model_dump(), status=201)


def _file_rows(file: bytes) -> list[Student | DocumentError]:
    """Return each row of a file as a student, or why it is none."""
    rows = read_roster(file).rows
    if len(rows) > MOST_STUDENTS:
        raise DocumentError(
            f"roster: it has {len(rows)} rows: send at most {MOST_STUDENTS} in a request"
        )
    return list(map(_file_row, rows))


def _file_row(row: RosterStudent | RosterFault) -> Student | DocumentError:
    if isinstance(row, RosterFault):
        return DocumentError(str(row))
    return Student(id=StudentId(row.id), name=row.name, email=row.email)


def _left_out(row: Any) -> str | None:
    """Return what an export says of a student that a roster does not take."""
    names = [each for each in _STATED if isinstance(row, dict) and row.get(each) is not None]
    if not names:
        return None
    return f"{', '.join(names)}: a roster states no extension; PUT it to the student's extension"


def _read_rows(rows: Sequence[Any]) -> list[Student | DocumentError]:
    """Return each row as a student, or why it is none."""
    read: list[Student | DocumentError] = []
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        try:
            entry = checked(RosterEntry, _without_exported(row), f"students[{index}]")
            if entry.id in first:
                raise DocumentError(
                    f"students[{index}]: id: {entry.id!r} stands in students[{first[entry.id]}] too"
                )
        except DocumentError as error:
            read.append(error)
        else:
            first[entry.id] = index
            read.append(Student(id=entry.id, name=entry.name, email=entry.email))
    return read


def _without_exported(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return {name: value for name, value in row.items() if name not in _EXPORTED}


def _refused(error: DocumentError) -> Admission:
    return Admission(id=None, name=None, token=None, error=str(error), warning=None)


def _admitted(enrolled: roster.Admitted, warning: str | None) -> Admission:
    student = enrolled.student
    if enrolled.alike:
        others = ", ".join(map(repr, enrolled.alike))
        alike = f"the id {student.id!r} looks like {others}: is it the same student?"
        warning = f"{alike} {warning}" if warning else alike
    return Admission(
        id=student.id, name=student.name, token=enrolled.token, error=None, warning=warning
    )


def list_students(call: CourseCall, name: str) -> Response:
    """Answer with the students on a roster."""
    page: Page = call.query
    with call.backend.store.reading() as connection:
        held = find(connection, call.actor, name)
        found = roster.read_roster(connection, held.row, after=page.after, limit=page.limit + 1)
    return page_response(found, page, id_of=lambda row: row.row, show=_enrolled)


def extend_student(call: CourseCall, name: str, student: str) -> Response:
    """State what differs for a student."""
    stated = read_body(ExtensionDocument)
    extension = Extension(due=stated.due, late_until=stated.late_until, attempts=stated.attempts)
    roster.extend(call.backend, call.actor, name, StudentId(as_id(student)), extension)
    return json_response(stated.model_dump())


def replace_token(call: CourseCall, name: str, student: str) -> Response:
    """Revoke a student's tokens and answer with a new one."""
    known, text = roster.replace_token(call.backend, call.actor, name, StudentId(as_id(student)))
    return json_response(
        NewToken(id=known.id, name=known.name, token=text).model_dump(), status=201
    )


def _enrolled(each: Enrolled) -> dict[str, Any]:
    return EnrolledStudent(
        id=each.student.id,
        name=each.student.name,
        email=each.student.email,
        due=each.extension.due,
        late_until=each.extension.late_until,
        attempts=each.extension.attempts,
    ).model_dump()


ROUTES = (
    Route(
        method="POST",
        path="/api/v1/problem-sets/{name}/students",
        view=enrol_students,
        summary="Put students on the roster; each new token is shown this once",
        group=GROUP,
        roles=INSTRUCTOR,
        body=Roster,
        files=FILES,
        succeeds=(201,),
        returns=Admissions,
        refuses=(409,),
    ),
    Route(
        method="GET",
        path="/api/v1/problem-sets/{name}/students",
        view=list_students,
        summary="List the students on the roster",
        group=GROUP,
        roles=STAFF,
        query=Page,
        returns=EnrolledStudents,
        headers=("Link",),
    ),
    Route(
        method="PUT",
        path="/api/v1/problem-sets/{name}/students/{student}/extension",
        view=extend_student,
        summary="State what differs for a student; null where the set's own holds",
        group=GROUP,
        roles=INSTRUCTOR,
        body=ExtensionDocument,
        returns=ExtensionDocument,
        refuses=(409,),
    ),
    Route(
        method="POST",
        path="/api/v1/problem-sets/{name}/students/{student}/token",
        view=replace_token,
        summary="Revoke a student's tokens and make a new one, shown this once",
        group=GROUP,
        roles=INSTRUCTOR,
        succeeds=(201,),
        returns=NewToken,
        refuses=(409,),
    ),
)
