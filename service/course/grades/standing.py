"""Standing: where one student stands in sets, without reading everybody's work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, case, func, select

from gradgrade.service.course.grades.gradebook import attempts
from gradgrade.service.course.grades.overrides import Override, counted, read_overrides
from gradgrade.service.store.identities import ProblemSetRow, StudentRow
from gradgrade.service.store.schema import submissions, variants, verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a student has reached in an exercise.

    Args:
        attempts: how many were spent.
        graded: the points of the best one, in hundredths; None where none was spent.
        is_solved: whether one of them was right as a whole, whatever being late cost.
        override: what an instructor stated in place of these points; None: nothing.
    """

    attempts: int = 0
    graded: int | None = None
    is_solved: bool = False
    override: Override | None = None

    @property
    def points(self) -> int | None:
        """What counts, in hundredths; None where there is nothing."""
        return counted(self.graded, self.override)


def read_standings(
    connection: Connection, problem_set: ProblemSetRow, student: StudentRow
) -> Mapping[str, Standing]:
    """Return a student's standing in the exercises of a set, by their names.

    Of those that they have not tried there is one only where an instructor stated points.

    Args:
        connection: to the database.
        problem_set: the set's row.
        student: the student's row.
    """
    return _standings(connection, student, problem_set)[problem_set]


def read_all_standings(
    connection: Connection, student: StudentRow
) -> Mapping[ProblemSetRow, Mapping[str, Standing]]:
    """Return a student's standing in every set; those that they never tried have none.

    Args:
        connection: to the database.
        student: the student's row.
    """
    return _standings(connection, student)


def _standings(
    connection: Connection, student: StudentRow, problem_set: ProblemSetRow | None = None
) -> defaultdict[ProblemSetRow, dict[str, Standing]]:
    tried = (
        attempts(
            variants.c.problem_set_id,
            variants.c.exercise,
            variants.c.attempts,
            func.max(verdicts.c.points).label("points"),
            func.max(case((verdicts.c.outcome == "correct", 1), else_=0)).label("solved"),
        )
        .join(variants, variants.c.id == submissions.c.variant_id)
        .where(submissions.c.student_id == student)
    )
    if problem_set is not None:
        tried = tried.where(submissions.c.problem_set_id == problem_set)
    rows = connection.execute(
        tried.group_by(
            variants.c.id, variants.c.problem_set_id, variants.c.exercise, variants.c.attempts
        )
    )
    found = defaultdict[ProblemSetRow, dict[str, Standing]](dict)
    for row in rows:
        found[row.problem_set_id][row.exercise] = Standing(
            attempts=row.attempts, graded=row.points, is_solved=bool(row.solved)
        )
    stated = read_overrides(connection, problem_set=problem_set, student=student)
    for place, override in stated.items():
        of_set = found[place.problem_set]
        of_set[place.exercise] = replace(of_set.get(place.exercise, Standing()), override=override)
    return found


def opened_exercises(
    connection: Connection, problem_set: ProblemSetRow, student: StudentRow
) -> frozenset[str]:
    """Return the names of the exercises of a set of which a student has numbers."""
    pinned = select(variants.c.exercise).where(
        variants.c.problem_set_id == problem_set, variants.c.student_id == student
    )
    return frozenset(connection.execute(pinned).scalars())


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
