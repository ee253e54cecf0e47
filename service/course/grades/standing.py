"""Standing: where one student stands in a set, without reading everybody's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from gradgrade.service.course.grades.gradebook import attempts_of
from gradgrade.service.store.identities import ProblemSetRow, StudentRow
from gradgrade.service.store.schema import submissions, variants, verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a student has reached in an exercise.

    Args:
        attempts: how many were spent.
        points: of the best one, in hundredths; None where none was spent.
    """

    attempts: int = 0
    points: int | None = None


def read_standings(
    connection: Connection, problem_set: ProblemSetRow, student: StudentRow
) -> Mapping[str, Standing]:
    """Return a student's standing in the exercises of a set that they have tried, by their names.

    Args:
        connection: to the database.
        problem_set: the set's row.
        student: the student's row.
    """
    tried = attempts_of(
        problem_set,
        variants.c.exercise,
        variants.c.attempts,
        func.max(verdicts.c.points).label("points"),
    )
    rows = connection.execute(
        tried.where(submissions.c.student_id == student).group_by(
            variants.c.id, variants.c.exercise, variants.c.attempts
        )
    )
    return {row.exercise: Standing(attempts=row.attempts, points=row.points) for row in rows}


def before_last(
    connection: Connection,
    problem_set: ProblemSetRow,
    student: StudentRow,
    exercise: str,
    *,
    count: int,
) -> int:
    """Return the row of the submission before a student's last ones to an exercise; 0: none."""
    rows = (
        select(submissions.c.id)
        .join(variants, variants.c.id == submissions.c.variant_id)
        .where(
            submissions.c.problem_set_id == problem_set,
            submissions.c.student_id == student,
            variants.c.exercise == exercise,
        )
        .order_by(submissions.c.id.desc())
        .offset(count)
        .limit(1)
    )
    return connection.execute(rows).scalar_one_or_none() or 0
