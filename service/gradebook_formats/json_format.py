"""A gradebook as a JSON document."""

from typing import ClassVar, Literal

from pydantic import Field

from gradgrade.problems.documents.base import Document, Model, Whole
from gradgrade.problems.documents.points import as_score
from gradgrade.problems.documents.verdict import Score
from gradgrade.service.course.grades.gradebook import Cell, Gradebook, GradebookRow


class GradebookExercise(Model):
    """An exercise of the set as it stands now."""

    name: str
    title: str
    max_score: Score


class GradebookScore(Model):
    """What a student has in an exercise: the best attempt, and how many there were."""

    score: Score
    attempts: Whole
    late: bool
    submission: str


class GradebookStudent(Model):
    """A student on the roster; scores are null where nothing was handed in."""

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
    )
