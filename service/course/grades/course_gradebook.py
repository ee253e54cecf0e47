"""The gradebook of a whole course: the gradebooks of its sets, and everybody on any roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gradgrade.service.course.actor import Actor
from gradgrade.service.course.grades.gradebook import Gradebook, gather_gradebook
from gradgrade.service.store.identities import StudentId
from gradgrade.service.store.schema import problem_sets


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRow:
    """A student of the course.

    Args:
        student: the id that the instructor gave.
        name: as people call them.
        email: an address, or empty.
        points: in hundredths, one for each set; None where there are none, or the student is not
            on its roster.
    """

    student: StudentId
    name: str
    email: str
    points: Sequence[int | None]

    @property
    def total(self) -> int | None:
        """The sum over the sets, in hundredths; None where there are none at all."""
        points = [each for each in self.points if each is not None]
        return sum(points) if points else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseGradebook:
    """What everybody has in all sets of a course.

    Args:
        course: the course's name.
        books: the gradebooks of its sets, in the order in which they were published.
    """

    course: str
    books: Sequence[Gradebook]

    @property
    def max_points(self) -> int:
        """What all sets are worth together, in hundredths."""
        return sum(book.max_points for book in self.books)

    @property
    def rows(self) -> Sequence[CourseRow]:
        """Everybody on any roster, ordered by the student's id."""
        people = {row.student: row for book in self.books for row in book.rows}
        points = [{row.student: row.points for row in book.rows} for book in self.books]
        return [
            CourseRow(
                student=student,
                name=people[student].name,
                email=people[student].email,
                points=tuple(each.get(student) for each in points),
            )
            for student in sorted(people)
        ]


def gather_course_gradebook(connection: Connection, actor: Actor) -> CourseGradebook:
    """Return the gradebook of a whole course.

    Args:
        connection: of `Store.snapshot`, so that all is of one moment.
        actor: staff of the course.
    """
    rows = connection.execute(
        select(problem_sets.c.id)
        .where(problem_sets.c.course_id == actor.course_row)
        .order_by(problem_sets.c.id)
    ).scalars()
    books = [gather_gradebook(connection, row) for row in rows.all()]
    return CourseGradebook(course=actor.course, books=books)
