"""`gradgrade publish`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.course.here import is_there
from gradgrade.service.cli.course.pregenerating import GENERATING, as_line, pregenerated
from gradgrade.service.cli.course.scripts import prove_scripts
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import format_option
from gradgrade.service.cli.output import print_json, print_lines, showing
from gradgrade.service.cli.reading import folder_of, read_problem_set

if TYPE_CHECKING:
    from gradgrade.problems import ProblemSet
    from gradgrade.service.course.work.pregeneration import Pregenerated


@click.command()
@click.argument("source", metavar="SET")
@click.option(
    "--pregenerate",
    "pregenerates",
    is_flag=True,
    help="Make the variants of those on the roster who have none; a later version leaves them.",
)
@course_options
@format_option()
def publish(source: str, pregenerates: bool, place: Place, form: str) -> None:
    """Publish a problem set, or another version of one that is published.

    SET is a name of the catalogue, a file in TOML or JSON, or - for standard input. Whoever has
    numbers of an earlier version keeps them. A script of code is tried first, beside an empty file
    and beside the solution that it names, which stays on this machine. Where there is no database
    yet it is made, as by `gradgrade serve`, unless the set is refused.
    """
    if pregenerates and place.server is not None:
        raise click.UsageError("--server and --pregenerate exclude each other")
    problem_set = read_problem_set(source)
    proof = prove_scripts(problem_set, folder_of(source))
    if proof.faults:
        raise BadInput(f"{source} is refused: {'; '.join(proof.faults)}")
    if place.server is None and not is_there(database=place.database, config=place.config):
        _refuse_unpublishable(problem_set)
    with asked_course(place, makes=True) as course:
        published = course.put(problem_set)
        students = course.students(problem_set.name)
    done = None
    try:
        if pregenerates:
            run = showing(map, GENERATING)
            done = pregenerated(problem_set.name, run, database=place.database, config=place.config)
    finally:  # the set is published, whatever becomes of its variants
        warnings = [*published["warnings"], *_of_definitions(problem_set), *proof.warnings]
        published = {**published, "warnings": warnings}
        if form == "json":
            print_json(published)
        else:
            lines = _told(published, done, place, has_students=bool(students))
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


def _of_definitions(problem_set: ProblemSet) -> Iterator[str]:
    """Yield what `gradgrade check` warns of besides and no server does: it takes no draws."""
    from gradgrade.problems.templates.template import compile_template
    from gradgrade.problems.variants.idle import idle
    from gradgrade.problems.variants.report import coinciding, coinciding_factors

    for each in problem_set.exercises:
        template = compile_template(problem_set, each.name)
        if warning := coinciding(each.name, coinciding_factors(template)):
            yield warning
        yield from idle(template)


def _told(
    published: Mapping[str, Any], done: Pregenerated | None, place: Place, *, has_students: bool
) -> Iterator[str]:
    """Yield what came of it, and how to go on."""
    name = published["name"]
    yield f"{name} is published, version {published['version']}"
    holders = {each["student"] for each in published["holders"]}
    if holders:
        yield f"{len(holders)} students keep numbers of an earlier version"
    for warning in published["warnings"]:
        yield f"Warning: {warning}"
    if done is not None:
        yield as_line(done)
    yield "How to go on:"
    if not has_students:
        yield f"  gradgrade enrol {name} ROSTER.csv --tokens TOKENS.csv{place.options}"
    if place.server is None and (done is None or not has_students):
        # Who is on the roster then waits for no numbers, even where all come at once.
        yield f"  gradgrade pregenerate {name}{place.options}"
    if place.server is None:
        yield f"  gradgrade serve{place.options}"
    yield f"  gradgrade progress {name}{place.options}"
