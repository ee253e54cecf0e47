"""`gradgrade students`."""

from __future__ import annotations

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.options import format_option, set_argument
from gradgrade.service.cli.output import print_json, print_table

COLUMNS = ("id", "name", "email", "due", "late_until", "attempts")


@click.command()
@set_argument()
@course_options
@format_option()
def students(name: str, place: Place, form: str) -> None:
    """List the students on the roster of the set NAME, and what differs for them."""
    with asked_course(place) as course:
        found = course.students(name)
    if form == "json":
        print_json(found)
    else:
        rows = ([str(each[column] or "") for column in COLUMNS] for each in found)
        print_table(COLUMNS, rows)
