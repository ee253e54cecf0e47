"""`gradgrade generate`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from service.cli.options import format_option
from service.cli.output import print_json, print_table, progress
from service.cli.reading import only_one_from_standard_input, read, read_problem_set
from service.cli.writing import PRIVATE, write

if TYPE_CHECKING:
    from problems import Exercise, ProblemSet

MOST_STUDENTS = 100_000


@dataclass(frozen=True)
class Written:
    """A variant and its two files."""

    student: str
    exercise: str
    id: str
    file: str
    solution: str


@click.command()
@click.argument("source", metavar="SET")
@click.option(
    "--out",
    "directory",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the files go; made where there is none.",
)
@click.option(
    "--count", type=click.IntRange(1, MOST_STUDENTS), help="Students 1 to N.  [default: 1]"
)
@click.option("--roster", metavar="CSV", help="A file whose column `id` names the students.")
@click.option("--seed", default="0", show_default=True, help="Another seed, other numbers.")
@format_option()
def generate(
    source: str, directory: Path, count: int | None, roster: str | None, seed: str, form: str
) -> None:
    """Write a variant of every exercise, and its solution, for every student.

    SET is a name of the catalogue, a file in TOML or JSON, or - for standard input. For each
    variant there is ID.exercise.json, for the student, and ID.solution.json, which only you can
    read. The same arguments always write the same bytes.
    """
    if count is not None and roster is not None:
        raise click.UsageError("--count and --roster exclude each other")
    only_one_from_standard_input(SET=source, roster=roster)
    problem_set = read_problem_set(source)
    variants = _variants(problem_set, _students(count, roster), _secret(seed))
    directory.mkdir(parents=True, exist_ok=True)
    written = [
        _write(directory, student, exercise) for student, exercise in progress(variants, "Solving")
    ]
    if form == "json":
        print_json([asdict(each) for each in written])
    else:
        rows = ([each.student, each.exercise, each.id, each.file] for each in written)
        print_table(["student", "exercise", "id", "file"], rows)


def _students(count: int | None, roster: str | None) -> list[str]:
    if roster is None:
        return [str(number) for number in range(1, (count or 1) + 1)]

    from service.cli.roster import parse_roster

    return read(roster, parse_roster)


def _secret(seed: str) -> bytes:
    # An argument that is not UTF-8 arrives with surrogates; its bytes are the seed.
    return seed.encode("utf-8", "surrogateescape")


def _variants(
    problem_set: ProblemSet, students: list[str], secret: bytes
) -> list[tuple[str, Exercise]]:
    """Generate every variant before the first file is written."""
    from problems import generate as generate_variant

    wanted = [(each.name, student) for each in problem_set.exercises for student in students]
    return [
        (student, generate_variant(problem_set, name, student=student, secret=secret))
        for name, student in progress(wanted, "Generating")
    ]


def _write(directory: Path, student: str, exercise: Exercise) -> Written:
    from problems import solve

    file = directory / f"{exercise.id}.exercise.json"
    solution = directory / f"{exercise.id}.solution.json"
    write(solution, solve(exercise).to_json(), mode=PRIVATE)
    write(file, exercise.to_json())
    return Written(student, exercise.name, exercise.id, str(file), str(solution))
