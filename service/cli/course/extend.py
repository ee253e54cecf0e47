"""`gradgrade extend`."""

from __future__ import annotations

from typing import Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import (
    TEXT,
    Whole,
    format_option,
    moment_of,
    set_argument,
    student_of,
)
from gradgrade.service.cli.output import print_json

FIELDS = ("due", "late_until", "attempts")


@click.command()
@set_argument()
@click.argument("student", metavar="STUDENT", type=TEXT)
@click.option(
    "--due", metavar="TIME", help="A day, until its end (UTC), or a moment with its zone."
)
@click.option("--late-until", metavar="TIME", help="Until when late work is taken, likewise.")
@click.option("--attempts", type=Whole(min=1), help="How many an exercise has.")
@click.option("--clear", is_flag=True, help="Let what the set says hold, but for what is stated.")
@course_options
@format_option()
def extend(
    name: str,
    student: str,
    due: str | None,
    late_until: str | None,
    attempts: int | None,
    clear: bool,
    place: Place,
    form: str,
) -> None:
    """State what differs for the STUDENT of this id in the set NAME.

    What is not stated stays as it is.
    """
    stated: dict[str, Any] = {
        "due": None if due is None else moment_of("--due", due).isoformat(),
        "late_until": (
            None if late_until is None else moment_of("--late-until", late_until).isoformat()
        ),
        "attempts": attempts,
    }
    stated = {field: value for field, value in stated.items() if value is not None}
    if not stated and not clear:
        raise click.UsageError("say what differs: --due, --late-until or --attempts; or --clear")
    identity = student_of("STUDENT", student)
    with asked_course(place) as course:
        known = {each["id"]: each for each in course.students(name)}
        if identity not in known:
            raise BadInput(
                f"{identity!r} is not on the roster of {name!r}: gradgrade students {name}"
            )
        before = {} if clear else {field: known[identity][field] for field in FIELDS}
        extension = course.extend(name, identity, before | stated)
    if form == "json":
        print_json({"id": identity, **extension})
    else:
        told = ", ".join(f"{field} {value}" for field, value in extension.items() if value)
        click.echo(f"{identity}: {told or 'what the set says holds'}")
