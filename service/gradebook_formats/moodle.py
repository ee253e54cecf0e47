"""A gradebook as Moodle imports it: a set is one grade item with its feedback.

Source: Moodle, grade/import/csv/classes/load_data.php.
"""

from collections.abc import Iterator

from gradgrade.service.course.grades.course_gradebook import CourseGradebook
from gradgrade.service.course.grades.gradebook import Cell, Gradebook, GradebookRow, GradedExercise
from gradgrade.service.gradebook_formats.table import Dash, Value, csv_bytes, decimals

NO_EMAIL = "no e-mail"

ENDS = ("", " feedback")
"""Of the titles of the two columns that a set has."""


def write_moodle(gradebook: Gradebook) -> bytes:
    """Return a gradebook as CSV for Moodle.

    Students who handed in nothing are left out: an empty cell would be a 0 in a new grade item.
    Where there is no e-mail the cell says so: by an empty one Moodle would take the grade for that
    of the student before; by this it refuses the file.
    """
    title = " ".join(gradebook.heading.split())
    return csv_bytes(
        [
            ["useridnumber", "useremail", *(f"{title}{end}" for end in ENDS)],
            *(
                [
                    row.student,
                    row.email.strip() or NO_EMAIL,
                    decimals(row.points),
                    _feedback(gradebook, row),
                ]
                for row in gradebook.rows
                if row.points is not None
            ),
        ]
    )


def write_course_moodle(gradebook: CourseGradebook) -> bytes:
    """Return a course's gradebook as CSV for Moodle: a grade item and its feedback a set.

    Students who handed in nothing at all are left out. Where one handed in nothing to a set there
    is a dash, which Moodle reads as no grade, where an empty cell would be a 0 in a new item.
    """
    books = gradebook.books
    titles = [" ".join(book.heading.split()) for book in books]
    of_sets = [{row.student: row for row in book.rows} for book in books]
    return csv_bytes(
        [
            ["useridnumber", "useremail", *(f"{each}{end}" for each in titles for end in ENDS)],
            *(
                [
                    row.student,
                    row.email.strip() or NO_EMAIL,
                    *(
                        cell
                        for book, rows in zip(books, of_sets, strict=True)
                        for cell in _graded(book, rows.get(row.student))
                    ),
                ]
                for row in gradebook.rows
                if row.total is not None
            ),
        ]
    )


def _graded(gradebook: Gradebook, row: GradebookRow | None) -> Iterator[Value]:
    """Yield a student's grade in a set, and the feedback to it."""
    if row is None or row.points is None:
        yield from (Dash(), None)
    else:
        yield from (decimals(row.points), _feedback(gradebook, row))


def _feedback(gradebook: Gradebook, row: GradebookRow) -> str:
    return "; ".join(map(_told, gradebook.exercises, row.cells))


def _told(exercise: GradedExercise, cell: Cell | None) -> str:
    if cell is None:
        return f"{exercise.name}: nothing handed in"
    if cell.override is not None:
        remark = f" (set by the instructor: {cell.override.comment})"
    else:
        remark = " (late)" if cell.is_late else ""
    return f"{exercise.name}: {decimals(cell.points)} of {decimals(exercise.max_points)}{remark}"
