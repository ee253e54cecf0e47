"""Overrides: points that an instructor states for a student's exercise, in place of those graded.

They hold until they are withdrawn, whatever is handed in or regraded meanwhile. Which points count
is said here, once, for all who read grades.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, select

from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.points import as_points, hundredths
from gradgrade.problems.documents.text import as_name
from gradgrade.service.course.actor import Actor
from gradgrade.service.course.audit import log_change
from gradgrade.service.course.backend import Backend
from gradgrade.service.course.errors import NotFound, Unprocessable
from gradgrade.service.course.people.roster import student_on
from gradgrade.service.course.sets.problem_sets import Held, find, no_exercise
from gradgrade.service.store.identities import ProblemSetRow, StudentId, StudentRow
from gradgrade.service.store.insert import insert_or_replace
from gradgrade.service.store.schema import overrides

LONGEST_COMMENT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What an instructor stated.

    Args:
        points: in hundredths.
        comment: why, for the student to read.
        stated_at: when.
    """

    points: int
    comment: str
    stated_at: datetime


def counted(graded: int | None, override: Override | None) -> int | None:
    """Return the points that count, in hundredths.

    Args:
        graded: of the best attempt; None: nothing was handed in.
        override: what an instructor stated; None: nothing.

    >>> from datetime import UTC
    >>> stated = Override(points=700, comment="ill", stated_at=datetime(2026, 12, 1, tzinfo=UTC))
    >>> counted(900, None), counted(900, stated), counted(None, stated), counted(None, None)
    (900, 700, 700, None)
    """
    return graded if override is None else override.points


class Place(NamedTuple):
    """What an override is of: a set's row, a student's, and an exercise's name."""

    problem_set: ProblemSetRow
    student: StudentRow
    exercise: str


def read_overrides(
    connection: Connection,
    *,
    problem_set: ProblemSetRow | None = None,
    student: StudentRow | None = None,
) -> Mapping[Place, Override]:
    """Return what was stated.

    Args:
        connection: to the database.
        problem_set: in the set of this row; None: in all.
        student: of the student of this row; None: of everybody.
    """
    wanted = select(overrides)
    if problem_set is not None:
        wanted = wanted.where(overrides.c.problem_set_id == problem_set)
    if student is not None:
        wanted = wanted.where(overrides.c.student_id == student)
    return {
        Place(row.problem_set_id, row.student_id, row.exercise): _override(row)
        for row in connection.execute(wanted)
    }


def state_override(
    backend: Backend,
    actor: Actor,
    name: str,
    student: StudentId,
    exercise: str,
    *,
    points: Number,
    comment: str,
) -> Override:
    """State a student's points in an exercise; what was stated before is replaced.

    Args:
        backend: the backend.
        actor: who does it.
        name: the set's.
        student: the student's id.
        exercise: the exercise's name.
        points: from 0 to what the exercise is worth, exact to a hundredth.
        comment: why, for the student to read.

    Raises:
        NotFound: there is no such set, exercise, or student on its roster.
        DocumentError: the points have more than two decimals.
        Unprocessable: they are out of range, or nothing is said of why.
    """
    now = backend.clock()
    with backend.store.writing() as connection:
        held = find(connection, actor, name)
        known = student_on(connection, actor, held.row, student)
        stated = Override(
            points=_checked_points(held, exercise, points),
            comment=_checked_comment(comment),
            stated_at=now,
        )
        stood = read_overrides(connection, problem_set=held.row, student=known.row)
        before = stood.get(Place(held.row, known.row, exercise))
        connection.execute(
            insert_or_replace(connection, overrides).values(
                problem_set_id=held.row,
                student_id=known.row,
                exercise=exercise,
                points=stated.points,
                comment=stated.comment,
                stated_at=now,
            )
        )
        log_change(
            connection,
            actor,
            now=now,
            action="score.overridden",
            name=f"{name}/{student}",
            exercise=exercise,
            points=as_points(stated.points).text,
            comment=stated.comment,
            before=_told(before),
        )
    return stated


def withdraw_override(
    backend: Backend, actor: Actor, name: str, student: StudentId, exercise: str
) -> None:
    """Withdraw what was stated, so that what is graded counts again.

    Raises:
        NotFound: there is no such set or student on its roster, or nothing was stated.
    """
    with backend.store.writing() as connection:
        held = find(connection, actor, name)
        known = student_on(connection, actor, held.row, student)
        stood = connection.execute(
            delete(overrides)
            .where(
                overrides.c.problem_set_id == held.row,
                overrides.c.student_id == known.row,
                overrides.c.exercise == exercise,
            )
            .returning(overrides)
        ).one_or_none()
        if stood is None:
            raise NotFound(f"no points are stated for {student!r} in {exercise!r}")
        log_change(
            connection,
            actor,
            now=backend.clock(),
            action="score.override_withdrawn",
            name=f"{name}/{student}",
            exercise=exercise,
            before=_told(_override(stood)),
        )


def _checked_points(held: Held, exercise: str, points: Number) -> int:
    worth = {each.name: each.points for each in held.problem_set.exercises}
    if exercise not in worth:
        raise no_exercise(held, exercise)
    most, stated = worth[exercise], hundredths(points)
    if not 0 <= stated <= hundredths(most):
        raise Unprocessable(
            f"points: {points.text} is refused: {exercise!r} is worth {most.text}, "
            f"so it must be from 0 to {most.text}"
        )
    return stated


def _checked_comment(comment: str) -> str:
    try:
        text = as_name(comment).strip()
    except ValueError as error:
        raise Unprocessable(f"comment: {error}") from None
    if not text:
        raise Unprocessable("comment: it is empty; say why, for the student to read")
    if len(text) > LONGEST_COMMENT:
        raise Unprocessable(f"comment: it has more than {LONGEST_COMMENT} characters")
    return text


def _override(row: Row[Any]) -> Override:
    return Override(points=row.points, comment=row.comment, stated_at=row.stated_at)


def _told(override: Override | None) -> str | None:
    return None if override is None else as_points(override.points).text
