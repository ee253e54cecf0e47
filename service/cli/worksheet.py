"""`gradgrade worksheet`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.course.asked import Place, asked_course, course_options
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.output import print_table, progress
from gradgrade.service.cli.variants import draw, read_request, variant_options
from gradgrade.service.cli.writing import PRIVATE, PUBLIC, write

if TYPE_CHECKING:
    from gradgrade.problems import Exercise
    from gradgrade.problems.exports.sheets import SheetFile
    from gradgrade.service.roster_formats import RosterStudent

FORMATS = ("markdown", "latex", "html", "pdf", "notebook", "nbgrader", "prairielearn", "moodle")
SIGNED = ("markdown", "latex", "html", "pdf", "notebook")
"""The formats that tell whose a variant is."""

Variants = Sequence[tuple["RosterStudent", "Exercise"]]
"""Whose variant it is, and the variant."""


@click.command()
@variant_options
@click.option("--exercise", "name", metavar="NAME", help="This exercise alone.  [default: all]")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="html",
    show_default=True,
    help="What the sheets are.",
)
@course_options
def worksheet(
    source: str, directory: Path, name: str | None, form: str, place: Place, **drawing: Any
) -> None:
    """Write question sheets and answer sheets.

    SET is a name of the catalogue, a file in TOML or JSON, or - for standard input. For each
    variant there is a sheet to fill in, ID.question.html, and its worked solution with the range
    in which each entry is accepted, ID.answers.html, which only you can read; other formats have
    other endings. prairielearn makes a question folder of each exercise, nbgrader a notebook of
    each in a course's source folder, moodle one XML file of all. What does not suit a format is
    told on standard error. pdf needs the extra: pip install 'gradgrade[pdf]'. The same arguments
    always write the same bytes.

    With --database or --server, SET is the name of a set in the course, and the variants are those
    that its students have. Where there is a roster, every page tells whose it is, SET.sheets.csv
    whose each file is, and of pdf there are all questions, and all answers, in one file too.
    """
    if place.is_named:
        if any(value is not None for value in drawing.values()):
            raise click.UsageError("a course has a roster and a secret of its own")
        set_name, has_names, variants = source, True, _of_course(place, source, name)
    else:
        request = read_request(source, **drawing)
        if name is not None:
            request.problem_set.exercise(name)
        set_name, has_names = request.problem_set.name, request.is_roster
        variants = draw(request, name=name)
    directory.mkdir(parents=True, exist_ok=True)
    files = _signed(set_name, variants, form) if has_names and form in SIGNED else None
    written = [_write(directory, each) for each in files or _files(variants, form)]
    _warn([exercise for _, exercise in variants], form)
    print_table(["file", "holds answers"], written)


def _of_course(place: Place, problem_set: str, name: str | None) -> Variants:
    """Return the variants that the students of a set have; who has none yet is given theirs."""
    from gradgrade.service.roster_formats import RosterStudent

    with asked_course(place) as course:
        document = course.problem_set(problem_set)
        names = [each["name"] for each in document["exercises"]] if name is None else [name]
        people = [
            RosterStudent(row=row, id=each["id"], name=each["name"], email=each["email"])
            for row, each in enumerate(course.students(problem_set), start=1)
        ]
        if not people:
            raise BadInput(f"{problem_set}: nobody is on its roster: gradgrade enrol {problem_set}")
        wanted = [(each, person) for each in names for person in people]
        return [
            (person, course.exercise(problem_set, each, student=person.id))
            for each, person in progress(wanted, "Fetching")
        ]


def _files(variants: Variants, form: str) -> Iterator[SheetFile]:
    from gradgrade.problems.exports.sheets import batches, sheet_files

    work = batches([exercise for _, exercise in variants], form)
    for batch in progress(work, "Writing"):
        students = [person.id for person, exercise in variants if exercise.name == batch[0].name]
        yield from sheet_files(batch, form, students=students)


def _signed(set_name: str, variants: Variants, form: str) -> Iterator[SheetFile]:
    """Yield the pages of everybody, the table of whose they are, and as PDF all in one file."""
    from gradgrade.problems.exports.sheets import (
        SheetFile,
        booklets,
        page_files,
        sheet_files,
        sheets_of,
    )
    from gradgrade.service.gradebook_formats.table import csv_bytes

    people = dict.fromkeys(person.id for person, _ in variants)
    places = {identity: place for place, identity in enumerate(people)}
    by_student = sorted(variants, key=lambda each: places[each[0].id])
    table, made = [], []
    for person, exercise in progress(by_student, "Writing"):
        if form == "pdf":
            sheets = sheets_of(exercise, whose=_whose(person))
            made.append(sheets)
            files = page_files(exercise.id, sheets, form)
        else:
            files = sheet_files([exercise], form, whose=_whose(person))
        table.append([exercise.id, exercise.name, person.id, person.name, *(f.path for f in files)])
        yield from files
    heading = ["sheet", "exercise", "id", "name", "question", "answers"]
    yield SheetFile(f"{set_name}.sheets.csv", csv_bytes([heading, *table]), is_private=False)
    if made:
        yield from booklets(set_name, made)


def _whose(person: RosterStudent) -> str:
    return f"{person.name} ({person.id})" if person.name else person.id


def _warn(variants: list[Exercise], form: str) -> None:
    """Tell once of each exercise what does not suit the format."""
    from gradgrade.problems.exports.suited import warnings

    first = {each.name: each for each in reversed(variants)}
    for name in dict.fromkeys(each.name for each in variants):
        for warning in warnings(first[name], form):
            click.echo(f"Warning: {warning}", err=True)


def _write(directory: Path, file: SheetFile) -> tuple[str, str]:
    path = directory / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, file.content, mode=PRIVATE if file.is_private else PUBLIC)
    return str(path), "yes" if file.is_private else "no"
