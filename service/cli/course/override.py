"""`gradgrade override`."""

from __future__ import annotations

from typing import Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import TEXT, format_option, set_argument, student_of
from gradgrade.service.cli.output import print_json


@click.command()
@set_argument()
@click.argument("student", metavar="STUDENT", type=TEXT)
@click.argument("exercise", metavar="EXERCISE", type=TEXT)
@click.option("--points", metavar="P", type=TEXT, help="What counts, exact to a hundredth.")
@click.option("--comment", metavar="TEXT", type=TEXT, help="Why, for the student to read.")
@click.option("--withdraw", is_flag=True, help="Let what is graded count again.")
@course_options
@format_option()
def override(
    name: str,
    student: str,
    exercise: str,
    points: str | None,
    comment: str | None,
    withdraw: bool,
    place: Place,
    form: str,
) -> None:
    """State the points of the STUDENT of this id in an EXERCISE of the set NAME.

    They count in place of those graded until they are withdrawn.
    """
    if withdraw == (points is not None or comment is not None):
        raise click.UsageError("say --points and --comment, or --withdraw")
    if not withdraw and (points is None or comment is None):
        raise click.UsageError("--points and --comment go together: the student reads why")
    if points is not None:
        _check_number(points)
    identity = student_of("STUDENT", student)
    with asked_course(place) as course:
        told: dict[str, Any] | None = None
        if points is None or comment is None:
            course.withdraw_override(name, identity, exercise)
        else:
            told = course.override(name, identity, exercise, points=points, comment=comment)
    if form == "json":
        print_json({"id": identity, "exercise": exercise, "override": told})
    elif told is None:
        click.echo(f"{identity}: what is graded in {exercise} counts again")
    else:
        click.echo(f"{identity}: {told['points']:g} points in {exercise}: {told['comment']}")


def _check_number(points: str) -> None:
    from gradgrade.problems import DocumentError
    from gradgrade.problems.documents.number import Number

    try:
        Number(points)
    except DocumentError:
        raise BadInput(f"--points: {points!r} is not a number: write one, such as 7.5") from None
