"""A gradebook as Canvas imports it: the set as one assignment.

Source: Instructure, canvas-lms, lib/gradebook_importer.rb.
"""

import re

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


def _assignment(heading: str) -> str:
    """Return a title that Canvas takes for no column of its own, and for no assignment's id."""
    title = " ".join(heading.split())
    title = _OWN_COLUMN.sub(lambda match: f"{match[1]} {match[2].lower()}", title)
    misread = title in (*HEADER, "LastName", "FirstName", "Integration ID", "Root Account")
    return title + _SUFFIX if misread or _MISREAD.fullmatch(title) else title


def _name(name: str) -> str:
    """Return a name that does not turn a student's row into the row of points."""
    return name.replace(POINTS_POSSIBLE, POINTS_POSSIBLE.capitalize())
