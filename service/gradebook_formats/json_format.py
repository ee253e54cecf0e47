"""A gradebook as a JSON document."""

from typing import ClassVar, Literal

from pydantic import Field

from gradgrade.problems.documents.base import Document, Model, Whole
from gradgrade.problems.documents.points import as_score
from gradgrade.problems.documents.verdict import Score
from gradgrade.service.course.grades.course_gradebook import CourseGradebook, CourseRow
from gradgrade.service.course.grades.gradebook import Cell, Gradebook, GradebookRow
from gradgrade.service.course.grades.overrides import Override


class GradebookExercise(Model):
    """An exercise of the set as it stands now."""

    name: str
    title: str
    max_score: Score


class GradebookOverride(Model):
    """Why an instructor stated a score, and what the best attempt has; null where there is none."""

    comment: str
    graded: Score | None


class GradebookScore(Model):
    """What a student has in an exercise: the best attempt, and how many there were.

    Where an instructor stated the score there is an `override`; `submission` is null where nothing
    was handed in.
    """

    score: Score
    attempts: Whole
    late: bool
    submission: str | None
    override: GradebookOverride | None


class GradebookStudent(Model):
    """A student on the roster; scores are null where nothing was handed in or stated."""

    id: str
    name: str
    email: str
    score: Score | None
    exercises: dict[str, GradebookScore | None]


class GradebookDocument(Document):
    """What everyone on a roster has in a set."""

    kind: ClassVar[str] = "gradebook"

    schema_: Literal["gradgrade/gradebook/1"] = Field(alias="schema")
    problem_set: str
    title: str
    max_score: Score
    exercises: list[GradebookExercise]
    students: list[GradebookStudent]


class GradedSet(Model):
    """A set of a course."""

    name: str
    title: str
    max_score: Score


class CourseStudent(Model):
    """A student on any roster; scores are null where nothing was handed in or stated."""

    id: str
    name: str
    email: str
    score: Score | None
    problem_sets: dict[str, Score | None]


class CourseGradebookDocument(Document):
    """What everyone has in all sets of a course."""

    kind: ClassVar[str] = "course-gradebook"

    schema_: Literal["gradgrade/course-gradebook/1"] = Field(alias="schema")
    course: str
    max_score: Score
    problem_sets: list[GradedSet]
    students: list[CourseStudent]


def document(gradebook: Gradebook) -> GradebookDocument:
    """Return a gradebook as its document."""
    return GradebookDocument(
        schema_="gradgrade/gradebook/1",
        problem_set=gradebook.problem_set,
        title=gradebook.title,
        max_score=as_score(gradebook.max_points),
        exercises=[
            GradebookExercise(name=each.name, title=each.title, max_score=as_score(each.max_points))
            for each in gradebook.exercises
        ],
        students=[_student(gradebook, row) for row in gradebook.rows],
    )


def write_json(gradebook: Gradebook) -> bytes:
    """Return a gradebook as JSON."""
    return document(gradebook).to_json().encode()


def _student(gradebook: Gradebook, row: GradebookRow) -> GradebookStudent:
    graded = zip(gradebook.exercises, row.cells, strict=True)
    return GradebookStudent(
        id=row.student,
        name=row.name,
        email=row.email,
        score=None if row.points is None else as_score(row.points),
        exercises={exercise.name: _score(cell) for exercise, cell in graded},
    )


def _score(cell: Cell | None) -> GradebookScore | None:
    if cell is None:
        return None
    return GradebookScore(
        score=as_score(cell.points),
        attempts=cell.attempts,
        late=cell.is_late,
        submission=cell.submission,
        override=None if cell.override is None else _override(cell, cell.override),
    )


def _override(cell: Cell, override: Override) -> GradebookOverride:
    graded = None if cell.graded is None else as_score(cell.graded)
    return GradebookOverride(comment=override.comment, graded=graded)


def write_course_json(gradebook: CourseGradebook) -> bytes:
    """Return a course's gradebook as JSON."""
    return (
        CourseGradebookDocument(
            schema_="gradgrade/course-gradebook/1",
            course=gradebook.course,
            max_score=as_score(gradebook.max_points),
            problem_sets=[
                GradedSet(
                    name=book.problem_set,
                    title=book.title,
                    max_score=as_score(book.max_points),
                )
                for book in gradebook.books
            ],
            students=[_course_student(gradebook, row) for row in gradebook.rows],
        )
        .to_json()
        .encode()
    )


def _course_student(gradebook: CourseGradebook, row: CourseRow) -> CourseStudent:
    points = zip(gradebook.books, row.points, strict=True)
    return CourseStudent(
        id=row.student,
        name=row.name,
        email=row.email,
        score=None if row.total is None else as_score(row.total),
        problem_sets={
            book.problem_set: None if each is None else as_score(each) for book, each in points
        },
    )
