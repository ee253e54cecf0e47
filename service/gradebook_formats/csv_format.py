"""A gradebook as CSV: a row a student, with the points and the attempts of every exercise."""

from gradgrade.service.course.grades.course_gradebook import CourseGradebook
from gradgrade.service.course.grades.gradebook import Gradebook
from gradgrade.service.gradebook_formats.table import csv_bytes, decimals


def write_csv(gradebook: Gradebook) -> bytes:
    """Return a gradebook as CSV; a cell is empty where nothing was handed in."""
    names = [exercise.name for exercise in gradebook.exercises]
    columns = [f"{name} {what}" for name in names for what in ("points", "attempts")]
    maximum = decimals(gradebook.max_points)
    return csv_bytes(
        [
            ["id", "name", "email", *columns, "total", "max"],
            *(
                [
                    row.student,
                    row.name,
                    row.email,
                    *(
                        value
                        for cell in row.cells
                        for value in (
                            (None, None) if cell is None else (decimals(cell.points), cell.attempts)
                        )
                    ),
                    decimals(row.points),
                    maximum,
                ]
                for row in gradebook.rows
            ),
        ]
    )


def write_course_csv(gradebook: CourseGradebook) -> bytes:
    """Return a course's gradebook as CSV: a row a student, with the points of every set."""
    maximum = decimals(gradebook.max_points)
    return csv_bytes(
        [
            [
                "id",
                "name",
                "email",
                *(book.problem_set for book in gradebook.books),
                "total",
                "max",
            ],
            *(
                [
                    *(row.student, row.name, row.email),
                    *map(decimals, row.points),
                    decimals(row.total),
                    maximum,
                ]
                for row in gradebook.rows
            ),
        ]
    )
