"""`gradgrade publish`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.course.here import is_there
from gradgrade.service.cli.course.scripts import prove_scripts
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import format_option
from gradgrade.service.cli.output import print_json, print_lines
from gradgrade.service.cli.reading import folder_of, read_problem_set

if TYPE_CHECKING:
    from gradgrade.problems import ProblemSet


@click.command()
@click.argument("source", metavar="SET")
@course_options
@format_option()
def publish(source: str, place: Place, form: str) -> None:
    """Publish a problem set, or another version of one that is published.

    SET is a name of the catalogue, a file in TOML or JSON, or - for standard input. Whoever has
    numbers of an earlier version keeps them. A script of code is tried first, beside an empty file
    and beside the solution that it names, which stays on this machine. Where there is no database
    yet it is made, as by `gradgrade serve`, unless the set is refused.
    """
    problem_set = read_problem_set(source)
    proof = prove_scripts(problem_set, folder_of(source))
    if proof.faults:
        raise BadInput(f"{source} is refused: {'; '.join(proof.faults)}")
    if place.server is None and not is_there(database=place.database, config=place.config):
        _refuse_unpublishable(problem_set)
    with asked_course(place, makes=True) as course:
        published = course.put(problem_set)
        students = course.students(problem_set.name)
    if form == "json":
        print_json(published)
    else:
        published = {**published, "warnings": [*published["warnings"], *proof.warnings]}
        lines = _told(published, place, has_students=bool(students))
        print_lines("".join(f"{each}\n" for each in lines))


def _refuse_unpublishable(problem_set: ProblemSet) -> None:
    """Refuse a set before anything is made for it.

    Raises:
        DocumentError: its exercises do not hold together, or are too large.
        ExerciseError: no variant of one of them can be issued.
    """
    from gradgrade.service.course.sets.issuable import check_issuable
    from gradgrade.service.course.sets.problem_sets import check_exercises

    check_exercises(problem_set)
    check_issuable(problem_set)


def _told(published: Mapping[str, Any], place: Place, *, has_students: bool) -> Iterator[str]:
    """Yield what came of it, and how to go on."""
    name = published["name"]
    yield f"{name} is published, version {published['version']}"
    holders = {each["student"] for each in published["holders"]}
    if holders:
        yield f"{len(holders)} students keep numbers of an earlier version"
    for warning in published["warnings"]:
        yield f"Warning: {warning}"
    yield "How to go on:"
    if not has_students:
        yield f"  gradgrade enrol {name} ROSTER.csv --tokens TOKENS.csv{place.options}"
    if place.server is None:
        # Who is on the roster then waits for no numbers, even where all come at once.
        yield f"  gradgrade pregenerate {name}{place.options}"
        yield f"  gradgrade serve{place.options}"
    yield f"  gradgrade progress {name}{place.options}"
