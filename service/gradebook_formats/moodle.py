"""A gradebook as Moodle imports it: the set as one grade item with its feedback.

Source: Moodle, grade/import/csv/classes/load_data.php.
"""

from gradgrade.service.course.grades.gradebook import Cell, Gradebook, GradebookRow, GradedExercise
from gradgrade.service.gradebook_formats.table import csv_bytes, decimals

NO_EMAIL = "no e-mail"


def write_moodle(gradebook: Gradebook) -> bytes:
    """Return a gradebook as CSV for Moodle.

    Students who handed in nothing are left out: an empty cell would be a 0 in a new grade item.
    Where there is no e-mail the cell says so: by an empty one Moodle would take the grade for that
    of the student before; by this it refuses the file.
    """
    title = " ".join(gradebook.heading.split())
    return csv_bytes(
        [
            ["useridnumber", "useremail", title, f"{title} feedback"],
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


def _feedback(gradebook: Gradebook, row: GradebookRow) -> str:
    return "; ".join(map(_told, gradebook.exercises, row.cells))


def _told(exercise: GradedExercise, cell: Cell | None) -> str:
    if cell is None:
        return f"{exercise.name}: nothing handed in"
    late = " (late)" if cell.is_late else ""
    return f"{exercise.name}: {decimals(cell.points)} of {decimals(exercise.max_points)}{late}"
