"""Progress: how far everybody on a set's roster is, exercise by exercise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field
from sqlalchemy import Connection, select

from gradgrade.problems.documents.base import Document, Model, Whole
from gradgrade.problems.documents.points import as_score
from gradgrade.problems.documents.verdict import Score
from gradgrade.service.course.grades.gradebook import Cell, gather_gradebook
from gradgrade.service.course.sets.policy import EXTENSION, Extension, policy_of
from gradgrade.service.course.sets.problem_sets import Held
from gradgrade.service.store.identities import ProblemSetRow, StudentId
from gradgrade.service.store.schema import enrolments, students, variants

State = Literal["not_opened", "opened", "handed_in", "full_marks"]
"""Of an exercise: whether a student has seen their numbers, handed in, and reached all of it."""


class ExerciseProgress(Model):
    """Where a student is in an exercise; `score` is what counts, null where there is nothing.

    `attempts_left` is null where there are any number; `submission` is the best attempt, null where
    nothing was handed in; `overridden` tells whether an instructor stated the score.
    """

    state: State
    score: Score | None
    attempts: Whole
    attempts_left: Whole | None
    late: bool
    submission: str | None
    overridden: bool


class StudentProgress(Model):
    """Where a student is in every exercise of the set, by its name."""

    id: str
    name: str
    exercises: dict[str, ExerciseProgress]


class ExerciseOfProgress(Model):
    """An exercise of the set as it stands now."""

    name: str
    title: str
    max_score: Score


class Progress(Document):
    """How far everybody on the roster of a set is."""

    kind: ClassVar[str] = "progress"

    schema_: Literal["gradgrade/progress/1"] = Field(alias="schema")
    problem_set: str
    title: str
    exercises: list[ExerciseOfProgress]
    students: list[StudentProgress]


def gather_progress(connection: Connection, held: Held) -> Progress:
    """Return how far everybody is in a set; the scores are those of the gradebook.

    Args:
        connection: of `Store.snapshot`, so that all is of one moment.
        held: the set.
    """
    book = gather_gradebook(connection, held.row)
    opened, extensions = _opened(connection, held.row), _extensions(connection, held.row)
    people = []
    for row in book.rows:
        policy = policy_of(held.problem_set, extensions.get(row.student, Extension()))
        found = {}
        for exercise, cell in zip(book.exercises, row.cells, strict=True):
            attempts = 0 if cell is None else cell.attempts
            is_opened = (row.student, exercise.name) in opened
            found[exercise.name] = ExerciseProgress(
                state=_state(cell, is_opened=is_opened, max_points=exercise.max_points),
                score=None if cell is None else as_score(cell.points),
                attempts=attempts,
                attempts_left=policy.attempts_left(attempts),
                late=cell is not None and cell.is_late,
                submission=None if cell is None else cell.submission,
                overridden=cell is not None and cell.override is not None,
            )
        people.append(StudentProgress(id=row.student, name=row.name, exercises=found))
    return Progress(
        schema_="gradgrade/progress/1",
        problem_set=book.problem_set,
        title=book.title,
        exercises=[
            ExerciseOfProgress(
                name=each.name, title=each.title, max_score=as_score(each.max_points)
            )
            for each in book.exercises
        ],
        students=people,
    )


def _state(cell: Cell | None, *, is_opened: bool, max_points: int) -> State:
    if cell is not None and cell.points >= max_points:
        return "full_marks"
    if cell is None or not cell.attempts:
        return "opened" if is_opened else "not_opened"
    return "handed_in"


def _opened(connection: Connection, problem_set: ProblemSetRow) -> set[tuple[StudentId, str]]:
    """Return who has their numbers of which exercise."""
    pinned = (
        select(students.c.student, variants.c.exercise)
        .join(students, students.c.id == variants.c.student_id)
        .where(variants.c.problem_set_id == problem_set)
    )
    return {(row.student, row.exercise) for row in connection.execute(pinned)}


def _extensions(
    connection: Connection, problem_set: ProblemSetRow
) -> Mapping[StudentId, Extension]:
    enrolled = (
        select(students.c.student, *EXTENSION)
        .join(students, students.c.id == enrolments.c.student_id)
        .where(enrolments.c.problem_set_id == problem_set)
    )
    return {row.student: Extension.of(row) for row in connection.execute(enrolled)}
