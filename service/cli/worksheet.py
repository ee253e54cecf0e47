"""`gradgrade worksheet`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.output import print_table, progress
from gradgrade.service.cli.variants import draw, read_request, variant_options
from gradgrade.service.cli.writing import PRIVATE, PUBLIC, write

if TYPE_CHECKING:
    from gradgrade.problems.exports.sheets import SheetFile

FORMATS = ("markdown", "latex", "html", "pdf", "notebook", "prairielearn", "moodle")


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
def worksheet(
    source: str,
    directory: Path,
    count: int | None,
    roster: str | None,
    seed: str,
    name: str | None,
    form: str,
) -> None:
    """Write question sheets and answer sheets.

    SET is a name of the catalogue, a file in TOML or JSON, or - for standard input. For each
    variant there is a sheet to fill in, ID.question.html, and its worked solution,
    ID.answers.html, which only you can read; other formats have other endings. prairielearn makes
    a question folder of each exercise, moodle one XML file of all. pdf needs the extra:
    pip install 'gradgrade[pdf]'. The same arguments always write the same bytes.
    """
    problem_set, students = read_request(source, count, roster)
    if name is not None:
        problem_set.exercise(name)
    variants = draw(problem_set, students, seed=seed, name=name)

    from gradgrade.problems.exports.sheets import batches, sheet_files

    directory.mkdir(parents=True, exist_ok=True)
    work = batches([exercise for _, exercise in variants], form)
    written = [
        _write(directory, file)
        for batch in progress(work, "Writing")
        for file in sheet_files(batch, form)
    ]
    print_table(["file", "holds answers"], written)


def _write(directory: Path, file: SheetFile) -> tuple[str, str]:
    path = directory / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, file.content, mode=PRIVATE if file.is_private else PUBLIC)
    return str(path), "yes" if file.is_private else "no"
