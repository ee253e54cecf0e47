"""`gradgrade check`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.course.scripts import prove_scripts
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import format_option
from gradgrade.service.cli.output import print_json, print_lines, print_table, progress
from gradgrade.service.cli.reading import folder_of, read_problem_set

if TYPE_CHECKING:
    from gradgrade.problems import DocumentError, ProblemSet
    from gradgrade.problems.errors import Fault

Preview = Mapping[str, Any]
"""What an exercise comes to, as `POST /previews` tells it."""


@click.command()
@click.argument("source", metavar="SET")
@course_options
@format_option()
def check(source: str, place: Place, form: str) -> None:
    """Tell what publishing a problem set would refuse, and what it would warn of.

    SET is a name of the catalogue, a file in TOML or JSON, or - for standard input. Of every
    exercise one variant is drawn, which no student gets; a script of code is tried beside an empty
    file and beside the solution that it names. Nothing is written or made, and a course is asked
    only where one is named. Exits with 2 where something is refused.
    """
    from gradgrade.problems.errors import Fault

    faults, problem_set = _read(source)
    found: Sequence[Preview] = ()
    if problem_set is not None and not faults:
        found = _on_course(problem_set, place) if place.is_named else _here(problem_set)
    refused = [
        each["refusal"] for each in found if each["refusal"] is not None and each["is_tried"]
    ]
    warnings: Sequence[str] = ()
    if problem_set is not None and not faults:
        proof = prove_scripts(problem_set, folder_of(source))
        faults, warnings = [Fault(said=each) for each in proof.faults], proof.warnings
    if form == "json":
        name = None if problem_set is None else problem_set.name
        shown = {"faults": [*map(str, faults)], "warnings": warnings, "exercises": found}
        print_json({"problem_set": name, **shown})
    else:
        _print(faults, warnings, found)
    if count := len(faults) + len(refused):
        # What each fault is stands on standard output, and is said once.
        raise BadInput(f"{source} would be refused: {count} fault{'s' if count > 1 else ''}")
    if form == "text":
        command = f"gradgrade publish {shlex.quote(source)}{place.options}"
        click.echo(f"{source} can be published: {command}")


def _read(source: str) -> tuple[list[Fault], ProblemSet | None]:
    """Return what is wrong with a document, and the set, where it can be read at all."""
    from gradgrade.problems import DocumentError
    from gradgrade.problems.templates.template import compile_template

    try:
        problem_set = read_problem_set(source)
    except DocumentError as error:
        return _faults(error), None
    faults = []
    for each in problem_set.exercises:
        try:
            compile_template(problem_set, each.name)
        except DocumentError as error:
            faults += _faults(error)
    return faults, problem_set


def _faults(error: DocumentError) -> list[Fault]:
    from gradgrade.problems.errors import Fault

    return [*error.faults] or [Fault(said=str(error))]


def _on_course(problem_set: ProblemSet, place: Place) -> Sequence[Preview]:
    with asked_course(place) as course:
        return course.preview(problem_set, students=1)


def _here(problem_set: ProblemSet) -> Sequence[Preview]:
    from gradgrade.service.api.previews import preview_data
    from gradgrade.service.course.sets.preview import preview_exercise

    names = [each.name for each in problem_set.exercises]
    return [
        preview_data(preview_exercise(problem_set, name)) for name in progress(names, "Checking")
    ]


def _print(faults: Sequence[Fault], warnings: Sequence[str], found: Sequence[Preview]) -> None:
    rows = (
        [
            each["exercise"],
            f"{each['points']:g}",
            " ".join(part["name"] for part in each["parts"]),
            str(each["attempts"]),
            _outcome(each),
        ]
        for each in found
    )
    if found:
        print_table(["exercise", "points", "asked", "draws", ""], rows)
    lines = [
        *(line for each in faults for line in (f"Refused: {each}", *each.shown)),
        *(f"{_outcome(each).capitalize()}: {each['refusal']}" for each in found if each["refusal"]),
        *(f"Warning: {warning}" for each in found for warning in each["warnings"]),
        *(f"Warning: {warning}" for warning in warnings),
    ]
    print_lines("".join(f"{line}\n" for line in lines))


def _outcome(each: Preview) -> str:
    if each["refusal"] is None:
        return "can be issued"
    return "refused" if each["is_tried"] else "not tried"
