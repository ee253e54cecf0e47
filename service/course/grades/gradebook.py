"""The gradebook of a set: everyone on its roster, and the attempt of theirs that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.points import hundredths
from gradgrade.service.course.grades.overrides import Override, counted, read_overrides
from gradgrade.service.course.sets.problem_sets import read_document
from gradgrade.service.store.identities import ProblemSetRow, StudentId, SubmissionId
from gradgrade.service.store.joins import (
    has_spent_an_attempt,
    is_current_version,
    is_standing_verdict,
)
from gradgrade.service.store.schema import (
    enrolments,
    problem_set_versions,
    problem_sets,
    students,
    submissions,
    variants,
    verdicts,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedExercise:
    """An exercise of the set as it stands now.

    Args:
        name: its name.
        title: its title, which may be empty.
        max_points: what it is worth, in hundredths.
    """

    name: str
    title: str
    max_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a student has in an exercise; of the best attempt, of equal ones the first.

    Args:
        graded: its points, in hundredths, what being late costs taken off; None: nothing was
            handed in.
        attempts: how many were spent.
        is_late: whether it was late.
        submission: its public id.
        override: what an instructor stated in place of the points; None: nothing.

    Raises:
        ValueError: nothing was handed in or stated.
    """

    graded: int | None
    attempts: int
    is_late: bool
    submission: SubmissionId | None
    override: Override | None = None

    def __post_init__(self) -> None:
        """Refuse a cell in which there is nothing."""
        if self.graded is None and self.override is None:
            raise ValueError("graded and override are both None: such a cell is None")

    @property
    def points(self) -> int:
        """What counts, in hundredths."""
        points = counted(self.graded, self.override)
        assert points is not None
        return points


@dataclass(frozen=True, slots=True, kw_only=True)
class GradebookRow:
    """A student on the roster.

    Args:
        student: the id that the instructor gave.
        name: as people call them.
        email: an address, or empty.
        cells: one for each exercise of the set, in its order; None where nothing was handed in,
            and no points were stated.
    """

    student: StudentId
    name: str
    email: str
    cells: Sequence[Cell | None]

    @property
    def points(self) -> int | None:
        """The sum over the exercises, in hundredths; None where there is nothing at all."""
        points = [cell.points for cell in self.cells if cell is not None]
        return sum(points) if points else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradebook:
    """What everyone has in a set.

    Args:
        problem_set: the set's name.
        title: its title, which may be empty.
        exercises: in the set's order.
        rows: one for each student on the roster, ordered by the student's id.
    """

    problem_set: str
    title: str
    exercises: Sequence[GradedExercise]
    rows: Sequence[GradebookRow]

    @property
    def heading(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.problem_set

    @property
    def max_points(self) -> int:
        """What the whole set is worth, in hundredths."""
        return sum(exercise.max_points for exercise in self.exercises)


def gather_gradebook(connection: Connection, problem_set: ProblemSetRow) -> Gradebook:
    """Return the gradebook of a set.

    The exercises are those of the set as it stands now. Submissions that spent no attempt, which
    are the malformed ones, never count.

    Args:
        connection: to the database.
        problem_set: the set's row.

    Raises:
        NoResultFound: there is no such row.
    """
    document = _document(connection, problem_set)
    exercises = [
        GradedExercise(name=each.name, title=each.title, max_points=hundredths(each.points))
        for each in document.exercises
    ]
    people = connection.execute(_roster(problem_set)).all()
    best = {
        (row.student_id, row.exercise): row
        for row in connection.execute(_best_attempts(problem_set))
    }
    stated = {
        (place.student, place.exercise): override
        for place, override in read_overrides(connection, problem_set=problem_set).items()
    }
    cells = {place: _cell(best.get(place), stated.get(place)) for place in best.keys() | stated}
    rows = [
        GradebookRow(
            student=person.student,
            name=person.name,
            email=person.email,
            cells=tuple(cells.get((person.id, exercise.name)) for exercise in exercises),
        )
        # Databases sort text each in its own way; this order is the same on all.
        for person in sorted(people, key=lambda person: person.student)
    ]
    return Gradebook(
        problem_set=document.name, title=document.title, exercises=exercises, rows=rows
    )


def attempts(*columns: ColumnElement[Any]) -> Select[Any]:
    """Select from all attempts, joined with their standing verdicts.

    Args:
        columns: of submissions and verdicts.
    """
    return (
        select(*columns)
        .select_from(submissions)
        .join(verdicts, is_standing_verdict())
        .where(has_spent_an_attempt())
    )


def attempts_of(problem_set: ProblemSetRow, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select from the attempts on a set as `attempts` does from all.

    Args:
        problem_set: the set's row.
        columns: of submissions and verdicts.
    """
    return attempts(*columns).where(submissions.c.problem_set_id == problem_set)


def _cell(best: Row[Any] | None, override: Override | None) -> Cell:
    if best is None:
        return Cell(graded=None, attempts=0, is_late=False, submission=None, override=override)
    return Cell(
        graded=best.points,
        attempts=best.attempts,
        is_late=best.is_late,
        submission=best.public_id,
        override=override,
    )


def _document(connection: Connection, problem_set: ProblemSetRow) -> ProblemSet:
    wanted = (
        select(problem_set_versions.c.document)
        .join(problem_sets, is_current_version())
        .where(problem_sets.c.id == problem_set)
    )
    return read_document(connection.execute(wanted).scalar_one())


def _roster(problem_set: ProblemSetRow) -> Select[Any]:
    return (
        select(students.c.id, students.c.student, students.c.name, students.c.email)
        .join(enrolments, enrolments.c.student_id == students.c.id)
        .where(enrolments.c.problem_set_id == problem_set)
    )


def _best_attempts(problem_set: ProblemSetRow) -> Select[Any]:
    """Select each student's best attempt on each exercise; of equal ones, the first."""
    variant = submissions.c.variant_id
    best_first = (verdicts.c.points.desc(), submissions.c.attempt)
    attempts = attempts_of(
        problem_set,
        variant,
        submissions.c.student_id,
        submissions.c.public_id,
        submissions.c.is_late,
        verdicts.c.points,
        func.count().over(partition_by=variant).label("attempts"),
        func.row_number().over(partition_by=variant, order_by=best_first).label("place"),
    ).subquery()
    # Joined before, each variant would be looked up for all of its attempts.
    return (
        select(variants.c.exercise, attempts)
        .join(variants, variants.c.id == attempts.c.variant_id)
        .where(attempts.c.place == 1)
    )
