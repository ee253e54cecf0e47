"""The roster of a set: who works it, and what differs for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from gradgrade.problems.documents.text import looks_like
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.audit import log_change
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import NotFound, Unprocessable
from gradgrade.service.course.people.tokens import create_student_tokens, replace_student_token
from gradgrade.service.course.sets.policy import EXTENSION, Extension
from gradgrade.service.course.sets.problem_sets import find
from gradgrade.service.store.identities import (
    ProblemSetRow,
    StudentId,
    StudentIdentity,
    StudentRow,
)
from gradgrade.service.store.schema import enrolments, students


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """A student as the instructor names them.

    Args:
        id: unique in the course.
        name: as people call them.
        email: an address, or empty.
    """

    id: StudentId
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A student of a set.

    Args:
        row: the student's row.
        student: who it is.
        extension: what differs for them.
    """

    row: StudentRow
    student: Student
    extension: Extension


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A student that was put on a roster.

    Args:
        student: who it is.
        token: which nobody can tell again; None for who has one already.
        alike: of a student who is new in the course, the ids of others that look like theirs.
    """

    student: Student
    token: str | None
    alike: Sequence[StudentId] = ()


def enrol(backend: Backend, actor: Actor, name: str, roster: Sequence[Student]) -> list[Admitted]:
    """Put students on a set's roster; who is on it stays there.

    Args:
        backend: the backend.
        actor: who does it.
        name: the set's.
        roster: the students; one who is known gets this name and address.

    Returns:
        What became of each, in their order.

    Raises:
        NotFound: there is no such set.
        Unprocessable: a student stands there twice.
    """
    twice = [each for each, count in Counter(each.id for each in roster).items() if count > 1]
    if twice:
        raise Unprocessable(f"students: the id {twice[0]!r} stands twice")
    now = backend.clock()
    with backend.store.writing() as connection:
        held = find(connection, actor, name)
        alike = _alike(connection, actor, roster)
        rows = _know(connection, actor, roster, now=now)
        _put_on(connection, held.row, list(rows.values()))
        made = create_student_tokens(connection, actor, list(rows.values()), now=now)
        tokens = {each: made[row][0] for each, row in rows.items() if row in made}
        log_change(
            connection,
            actor,
            now=now,
            action="students.enrolled",
            name=name,
            students=[each.id for each in roster],
            tokens=tokens,
        )
    texts = {row: text for row, (_, text) in made.items()}
    return [
        Admitted(student=each, token=texts.get(rows[each.id]), alike=alike.get(each.id, ()))
        for each in roster
    ]


def _alike(
    connection: Connection, actor: Actor, roster: Sequence[Student]
) -> dict[StudentId, list[StudentId]]:
    """Return the ids that look like those of students who are new, others' of the roster too."""
    known = select(students.c.student).where(students.c.course_id == actor.course_row)
    there = set(connection.execute(known).scalars())
    by_looks: dict[str, list[StudentId]] = {}
    for each in sorted(there | {each.id for each in roster}):
        by_looks.setdefault(looks_like(each), []).append(StudentId(each))
    return {
        each.id: [other for other in by_looks[looks_like(each.id)] if other != each.id]
        for each in roster
        if each.id not in there
    }


def _know(
    connection: Connection, actor: Actor, roster: Sequence[Student], *, now: datetime
) -> dict[StudentId, StudentRow]:
    """Return the rows of students by their ids, those that are new added and the others renamed."""
    wanted = select(students).where(
        students.c.course_id == actor.course_row,
        students.c.student.in_([each.id for each in roster]),
    )
    known = {row.student: row for row in connection.execute(wanted)}
    added = [
        {
            "course_id": actor.course_row,
            "student": each.id,
            "name": each.name,
            "email": each.email,
            "created_at": now,
        }
        for each in roster
        if each.id not in known
    ]
    changed = [
        {"row": row.id, "new_name": each.name or row.name, "new_email": each.email or row.email}
        for each in roster
        if (row := known.get(each.id)) is not None
        and (each.name or row.name, each.email or row.email) != (row.name, row.email)
    ]
    if changed:
        connection.execute(_RENAME, sorted(changed, key=itemgetter("row")))
    made = connection.execute(_ADD, added) if added else ()
    return {row.student: row.id for row in (*known.values(), *made)}


_ADD = insert(students).returning(students.c.id, students.c.student, sort_by_parameter_order=True)
_RENAME = (
    update(students)
    .where(students.c.id == bindparam("row"))
    .values(name=bindparam("new_name"), email=bindparam("new_email"))
)


def _put_on(connection: Connection, problem_set: ProblemSetRow, rows: Sequence[StudentRow]) -> None:
    there = select(enrolments.c.student_id).where(enrolments.c.problem_set_id == problem_set)
    standing = set(connection.execute(there).scalars())
    added = [
        {"problem_set_id": problem_set, "student_id": row} for row in rows if row not in standing
    ]
    if added:
        connection.execute(insert(enrolments), added)


def read_roster(
    connection: Connection, problem_set: ProblemSetRow, *, after: int = 0, limit: int | None = None
) -> Sequence[Enrolled]:
    """Return the students of a set from the one after row `after` on."""
    rows = connection.execute(
        _on_roster(problem_set).where(students.c.id > after).order_by(students.c.id).limit(limit)
    )
    return [_enrolled(row) for row in rows]


def find_enrolled(
    connection: Connection, problem_set: ProblemSetRow, student: StudentId
) -> Enrolled:
    """Return a student of a set with what is known of them.

    Raises:
        NotFound: the student is not on its roster.
    """
    found = _on_roster(problem_set).where(students.c.student == student)
    row = connection.execute(found).one_or_none()
    if row is None:
        raise _nobody(student)
    return _enrolled(row)


def _on_roster(problem_set: ProblemSetRow) -> Select[Any]:
    return (
        select(students, *EXTENSION)
        .join(enrolments, enrolments.c.student_id == students.c.id)
        .where(enrolments.c.problem_set_id == problem_set)
    )


def _enrolled(row: Row[Any]) -> Enrolled:
    return Enrolled(
        row=row.id,
        student=Student(id=row.student, name=row.name, email=row.email),
        extension=Extension.of(row),
    )


def _nobody(student: StudentId) -> NotFound:
    return NotFound(f"there is no student {student!r} on this roster")


def extend(
    backend: Backend, actor: Actor, name: str, student: StudentId, extension: Extension
) -> Extension:
    """State what differs for a student; what was stated before is replaced.

    Raises:
        NotFound: there is no such set, or no such student on its roster.
        Unprocessable: late work would be taken until before it is due.
    """
    if extension.due and extension.late_until and extension.late_until < extension.due:
        raise Unprocessable(f"late_until: {extension.late_until.isoformat()} is before due")
    stated = {
        "due": extension.due,
        "late_until": extension.late_until,
        "attempts": extension.attempts,
    }
    with backend.store.writing() as connection:
        held = find(connection, actor, name)
        known = student_on(connection, actor, held.row, student)
        connection.execute(
            update(enrolments)
            .where(enrolments.c.problem_set_id == held.row, enrolments.c.student_id == known.row)
            .values(**stated)
        )
        log_change(
            connection,
            actor,
            now=backend.clock(),
            action="student.extended",
            name=f"{name}/{student}",
            **{field: None if value is None else str(value) for field, value in stated.items()},
        )
    return extension


def replace_token(
    backend: Backend, actor: Actor, name: str, student: StudentId
) -> tuple[Student, str]:
    """Revoke a student's tokens and return a new one, which nobody can tell again.

    Raises:
        NotFound: there is no such set, or no such student on its roster.
    """
    with backend.store.writing() as connection:
        held = find(connection, actor, name)
        known = student_on(connection, actor, held.row, student)
        row = connection.execute(select(students).where(students.c.id == known.row)).one()
        text = replace_student_token(connection, actor, student=known, now=backend.clock())
    return Student(id=row.student, name=row.name, email=row.email), text


def student_on(
    connection: Connection, actor: Actor, problem_set: ProblemSetRow, student: StudentId
) -> StudentIdentity:
    """Return a student of a set.

    Raises:
        NotFound: the student is not on its roster.
    """
    found = (
        select(students.c.id, students.c.name)
        .join(enrolments, enrolments.c.student_id == students.c.id)
        .where(
            students.c.course_id == actor.course_row,
            students.c.student == student,
            enrolments.c.problem_set_id == problem_set,
        )
    )
    row = connection.execute(found).one_or_none()
    if row is None:
        raise _nobody(student)
    return StudentIdentity(row=row.id, id=student, name=row.name)
