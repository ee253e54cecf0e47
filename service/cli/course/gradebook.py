"""`gradgrade gradebook`."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import SetName, StatedPath
from gradgrade.service.cli.writing import PRIVATE, write

FORMATS = ("csv", "canvas", "moodle", "xlsx", "json")


@click.command()
@click.argument("name", metavar="[NAME]", type=SetName(), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="csv",
    show_default=True,
    help="Whose file it is.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=StatedPath(dir_okay=False, path_type=Path),
    help="Where it goes, readable by you alone.  [default: standard output]",
)
@course_options
def gradebook(name: str | None, form: str, out: Path | None, place: Place) -> None:
    """Write the gradebook of the set NAME, or without NAME that of the whole course."""
    if form == "xlsx" and out is None and sys.stdout.isatty():
        raise BadInput("xlsx is no text, which a terminal could show: name a file with --out")
    with asked_course(place) as course:
        content = course.gradebook(name, form=form)  # type: ignore[arg-type]  # click allows no other
    if out is None:
        click.echo(content, nl=False)
    else:
        write(out, content, mode=PRIVATE)
        click.echo(f"the gradebook is in {out}")
