"""A gradebook as Canvas imports it: a set is one assignment.

Source: Instructure, canvas-lms, lib/gradebook_importer.rb.
"""

import re
from collections import Counter
from collections.abc import Iterator

from gradgrade.service.course.grades.course_gradebook import CourseGradebook
from gradgrade.service.course.grades.gradebook import Gradebook
from gradgrade.service.gradebook_formats.table import csv_bytes, decimals

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "Points Possible"

# Canvas takes a column for one of its own wherever its title holds such words.
_OWN_COLUMN = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")
# A number in brackets at the end is an assignment's id; a title of digits is read as a number.
_MISREAD = re.compile(r".*\s\(\d+\)|-?[\d.,]+%?")
_SUFFIX = " [gradgrade]"


def write_canvas(gradebook: Gradebook) -> bytes:
    """Return a gradebook as CSV for Canvas.

    Students match by their SIS id, then by their login. A cell is empty where nothing was handed
    in, so that a grade in Canvas stays.
    """
    return csv_bytes(
        [
            [*HEADER, _assignment(gradebook.heading)],
            [POINTS_POSSIBLE, None, None, None, None, decimals(gradebook.max_points)],
            *(
                [_name(row.name), None, row.student, row.email, None, decimals(row.points)]
                for row in gradebook.rows
            ),
        ]
    )


def write_course_canvas(gradebook: CourseGradebook) -> bytes:
    """Return a course's gradebook as CSV for Canvas: an assignment a set."""
    nothing = [None] * (len(HEADER) - 1)
    return csv_bytes(
        [
            [*HEADER, *_assignments(gradebook)],
            [POINTS_POSSIBLE, *nothing, *(decimals(book.max_points) for book in gradebook.books)],
            *(
                [_name(row.name), None, row.student, row.email, None, *map(decimals, row.points)]
                for row in gradebook.rows
            ),
        ]
    )


def _assignments(gradebook: CourseGradebook) -> Iterator[str]:
    """Yield a title for every set, none of them twice: Canvas finds assignments by theirs."""
    titles = [_assignment(book.heading) for book in gradebook.books]
    counts = Counter(titles)
    for title, book in zip(titles, gradebook.books, strict=True):
        yield title if counts[title] == 1 else f"{title} [{book.problem_set}]"


def _assignment(heading: str) -> str:
    """Return a title that Canvas takes for no column of its own, and for no assignment's id."""
    title = " ".join(heading.split())
    title = _OWN_COLUMN.sub(lambda match: f"{match[1]} {match[2].lower()}", title)
    misread = title in (*HEADER, "LastName", "FirstName", "Integration ID", "Root Account")
    return title + _SUFFIX if misread or _MISREAD.fullmatch(title) else title


def _name(name: str) -> str:
    """Return a name that does not turn a student's row into the row of points."""
    return name.replace(POINTS_POSSIBLE, POINTS_POSSIBLE.capitalize())
