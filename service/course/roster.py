"""The roster of a set: who works it, and what differs for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from service.course.access import create_token, replace_student_token
from service.course.actor import Actor
from service.course.audit import record
from service.course.backend import Backend
from service.course.errors import NotFound, Unprocessable
from service.course.policy import Extension
from service.course.problem_sets import find
from service.store.schema import enrolments, students, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """A student as the instructor names them.

    Args:
        id: unique in the course.
        name: as people call them.
        email: an address, or empty.
    """

    id: str
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

    row: int
    student: Student
    extension: Extension


def enrol(
    backend: Backend, actor: Actor, name: str, roster: Sequence[Student]
) -> list[tuple[Student, str | None]]:
    """Put students on a set's roster; who is on it stays there.

    Args:
        backend: the backend.
        actor: who does it.
        name: the set's.
        roster: the students; one who is known gets this name and address.

    Returns:
        Each student and their token, which nobody can tell again; None for who has one already.

    Raises:
        NotFound: there is no such set.
        Unprocessable: a student stands there twice.
    """
    twice = [each for each, count in Counter(each.id for each in roster).items() if count > 1]
    if twice:
        raise Unprocessable(f"students: the id {twice[0]!r} stands twice")
    with backend.store.writing() as connection:
        held = find(connection, actor, name)
        made = [(each, _enrol(connection, backend, actor, held.id, each)) for each in roster]
        record(
            connection,
            actor,
            now=backend.clock(),
            action="students.enrolled",
            name=name,
            students=[each.id for each in roster],
        )
    return made


def _enrol(
    connection: Connection, backend: Backend, actor: Actor, problem_set: int, student: Student
) -> str | None:
    known = select(students.c.id).where(
        students.c.course_id == actor.course, students.c.student == student.id
    )
    row = connection.execute(known).scalar_one_or_none()
    if row is None:
        made = insert(students).values(
            course_id=actor.course,
            student=student.id,
            name=student.name,
            email=student.email,
            created_at=backend.clock(),
        )
        row = connection.execute(made.returning(students.c.id)).scalar_one()
    else:
        changed = {"name": student.name, "email": student.email}
        changed = {field: value for field, value in changed.items() if value}
        if changed:
            connection.execute(update(students).where(students.c.id == row).values(**changed))
    is_on_it = select(enrolments.c.student_id).where(
        enrolments.c.problem_set_id == problem_set, enrolments.c.student_id == row
    )
    if connection.execute(is_on_it).first() is None:
        added = insert(enrolments).values(problem_set_id=problem_set, student_id=row)
        connection.execute(added)
    has_token = select(tokens.c.id).where(tokens.c.student_id == row, tokens.c.revoked_at.is_(None))
    if connection.execute(has_token.limit(1)).first() is not None:
        return None
    _, text = create_token(
        connection, actor, role="student", student=student.id, now=backend.clock()
    )
    return text


def roster(
    connection: Connection, problem_set: int, *, after: int = 0, limit: int | None = None
) -> Sequence[Enrolled]:
    """Return the students of a set from the one after row `after` on."""
    rows = connection.execute(
        select(students, enrolments.c.due, enrolments.c.late_until, enrolments.c.attempts)
        .join(enrolments, enrolments.c.student_id == students.c.id)
        .where(enrolments.c.problem_set_id == problem_set, students.c.id > after)
        .order_by(students.c.id)
        .limit(limit)
    )
    return [
        Enrolled(
            row=row.id,
            student=Student(id=row.student, name=row.name, email=row.email),
            extension=Extension(due=row.due, late_until=row.late_until, attempts=row.attempts),
        )
        for row in rows
    ]


def extend(
    backend: Backend, actor: Actor, name: str, student: str, extension: Extension
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
        row = student_on(connection, actor, held.id, student)
        connection.execute(
            update(enrolments)
            .where(enrolments.c.problem_set_id == held.id, enrolments.c.student_id == row)
            .values(**stated)
        )
        record(
            connection,
            actor,
            now=backend.clock(),
            action="student.extended",
            name=f"{name}/{student}",
            **{field: None if value is None else str(value) for field, value in stated.items()},
        )
    return extension


def replace_token(backend: Backend, actor: Actor, name: str, student: str) -> tuple[Student, str]:
    """Revoke a student's tokens and return a new one, which nobody can tell again.

    Raises:
        NotFound: there is no such set, or no such student on its roster.
    """
    with backend.store.writing() as connection:
        held = find(connection, actor, name)
        row = student_on(connection, actor, held.id, student)
        known = connection.execute(select(students).where(students.c.id == row)).one()
        text = replace_student_token(connection, actor, student=student, now=backend.clock())
    return Student(id=known.student, name=known.name, email=known.email), text


def student_on(connection: Connection, actor: Actor, problem_set: int, student: str) -> int:
    """Return the row of a student of a set.

    Raises:
        NotFound: the student is not on its roster.
    """
    found = (
        select(students.c.id)
        .join(enrolments, enrolments.c.student_id == students.c.id)
        .where(
            students.c.course_id == actor.course,
            students.c.student == student,
            enrolments.c.problem_set_id == problem_set,
        )
    )
    row = connection.execute(found).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no student {student!r} on this roster")
    return int(row)
