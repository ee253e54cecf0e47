"""`gradgrade enrol`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import StatedPath, format_option, set_argument
from gradgrade.service.cli.output import print_json, print_lines, print_table, progress
from gradgrade.service.cli.reading import read
from gradgrade.service.cli.writing import new_private

if TYPE_CHECKING:
    from gradgrade.service.roster_formats import RosterStudent

AT_ONCE = 500
"""How many students are enrolled in one step."""

COLUMNS = ("id", "name", "email", "token", "link")

Admission = Mapping[str, Any]
"""What became of a row of the roster, as `POST …/students` tells it; with `email` and `link`."""


@click.command()
@set_argument()
@click.argument("roster", metavar="ROSTER")
@click.option(
    "--tokens",
    metavar="FILE",
    type=StatedPath(dir_okay=False, path_type=Path),
    help="Where the new tokens go, in CSV for a mail merge, readable by you alone.",
)
@click.option(
    "--address",
    metavar="URL",
    help="Where students open the course.  [default: the server's own]",
)
@course_options
@format_option()
def enrol(
    name: str, roster: str, tokens: Path | None, address: str | None, place: Place, form: str
) -> None:
    """Put the students of ROSTER on the roster of the set NAME.

    ROSTER is a table with a column `id`, and `name` and `email` where you have them: CSV, .xlsx,
    JSON, or what Canvas or Moodle export; - is standard input. Whoever is new in the course gets a
    token, which is told this once: to FILE, with a link that signs them in, or else here. Who is on
    the roster stays there, and keeps their token. A row that cannot be taken refuses the roster,
    before anything is made.
    """
    from gradgrade.service.roster_formats import read_roster
    from gradgrade.service.web.entrance import sign_in_link

    if address is not None:
        _check(address)
    people = read(roster, lambda raw: read_roster(raw).without_faults())
    keeping = nullcontext(None) if tokens is None else new_private(tokens)
    admitted: list[Admission] = []
    with asked_course(place) as course, keeping as keep:
        where = address or course.address
        pieces = [people[start : start + AT_ONCE] for start in range(0, len(people), AT_ONCE)]
        try:
            for piece in progress(pieces, "Enrolling"):
                told = course.enrol(name, list(map(_row, piece)))
                made = list(_with_people(told, piece, lambda token: sign_in_link(where, token)))
                if keep is not None:
                    _keep(made, keep, is_first=not any(each["token"] for each in admitted))
                admitted += made
        finally:
            # Also of the steps before one that fails: tokens are told this once.
            if admitted:
                _tell(admitted, tokens, form)
    # By a server of another version: what is refused here refuses the roster.
    if refused := [each["error"] for each in admitted if each["error"]]:
        raise BadInput(f"{len(refused)} of {len(people)} rows were refused: {refused[0]}")


def _check(address: str) -> None:
    """Refuse what no link can begin with, before tokens are told that cannot be told again."""
    from gradgrade.service.client.connection import parsed_address

    try:
        parsed_address(address)
    except ValueError as error:
        raise BadInput(f"--{error}") from None


def _row(student: RosterStudent) -> Mapping[str, str]:
    return {"id": student.id, "name": student.name, "email": student.email}


def _with_people(
    told: Sequence[Admission], people: Sequence[RosterStudent], link: Callable[[str], str]
) -> Iterator[Admission]:
    for each, person in zip(told, people, strict=True):
        token = each["token"]
        yield {**each, "email": person.email, "link": None if token is None else link(token)}


def _keep(admitted: Sequence[Admission], keep: Callable[[bytes], None], *, is_first: bool) -> None:
    """Write the new tokens of a step, before anything else is done."""
    from gradgrade.service.gradebook_formats.table import csv_bytes

    rows = [[each[column] for column in COLUMNS] for each in admitted if each["token"]]
    if rows:
        keep(csv_bytes([COLUMNS, *rows] if is_first else rows))


def _without_token(each: Admission) -> Admission:
    return {key: value for key, value in each.items() if key not in ("token", "link")}


def _tell(admitted: Sequence[Admission], tokens: Path | None, form: str) -> None:
    if form == "text":
        _print(admitted, tokens)
        return
    print_json(admitted if tokens is None else [_without_token(each) for each in admitted])


def _print(admitted: Sequence[Admission], tokens: Path | None) -> None:
    new = [each for each in admitted if each["token"]]
    if new and tokens is None:
        print_table(COLUMNS, [[str(each[column] or "") for column in COLUMNS] for each in new])
    kept = sum(each["error"] is None for each in admitted) - len(new)
    students = "student" if len(new) == 1 else "students"
    have = "has" if kept == 1 else "have"
    lines = [f"{len(new)} new {students}, {kept} who {have} a token already"]
    lines += [f"Warning: {each['warning']}" for each in admitted if each["warning"]]
    if new and tokens is not None:
        lines.append(f"their tokens are in {tokens}, and nowhere else")
    print_lines("".join(f"{line}\n" for line in lines))
