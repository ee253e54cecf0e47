"""The variants that a command is asked for: its options, its students, its exercises."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.output import progress
from gradgrade.service.cli.reading import only_one_from_standard_input, read, read_problem_set

if TYPE_CHECKING:
    from gradgrade.problems import Exercise, ProblemSet

MOST_STUDENTS = 1_000_000

Command = Callable[..., Any]


def variant_options(command: Command) -> Command:
    """Add SET, `--out`, `--count`, `--roster` and `--seed` to a command."""
    options = (
        click.argument("source", metavar="SET"),
        click.option(
            "--out",
            "directory",
            metavar="DIR",
            type=click.Path(file_okay=False, path_type=Path),
            required=True,
            help="Where the files go; made where there is none.",
        ),
        click.option(
            "--count", type=click.IntRange(1, MOST_STUDENTS), help="Students 1 to N.  [default: 1]"
        ),
        click.option(
            "--roster",
            metavar="CSV",
            help="The students: CSV or .xlsx with a column `id`, or an export of Canvas or Moodle.",
        ),
        click.option("--seed", default="0", show_default=True, help="Another seed, other numbers."),
    )
    return reduce(lambda decorated, option: option(decorated), reversed(options), command)


def read_request(
    source: str, count: int | None, roster: str | None
) -> tuple[ProblemSet, list[str]]:
    """Return the problem set and the students that a command names.

    Raises:
        UsageError: options that exclude each other.
        DocumentError: the set or the roster is refused.
    """
    if count is not None and roster is not None:
        raise click.UsageError("--count and --roster exclude each other")
    only_one_from_standard_input(SET=source, roster=roster)
    return read_problem_set(source), _students(count, roster)


def draw(
    problem_set: ProblemSet, students: list[str], *, seed: str, name: str | None = None
) -> list[tuple[str, Exercise]]:
    """Return every student's variant of every exercise, or of the one of this name.

    As `gradgrade generate` issues them: nobody's equals that of somebody before on the roster.
    """
    from gradgrade.problems.generate import fingerprint, generate

    secret = secret_from_seed(seed)
    names = [each.name for each in problem_set.exercises] if name is None else [name]
    wanted = [(each, student) for each in names for student in students]
    drawn, taken = [], {each: set[bytes]() for each in names}
    for each, student in progress(wanted, "Generating"):
        exercise = generate(problem_set, each, student=student, secret=secret, avoiding=taken[each])
        taken[each].add(fingerprint(exercise))
        drawn.append((student, exercise))
    return drawn


def secret_from_seed(seed: str) -> bytes:
    """Return the secret that a seed stands for."""
    # An argument that is not UTF-8 arrives with surrogates; its bytes are the seed.
    return seed.encode("utf-8", "surrogateescape")


def _students(count: int | None, roster: str | None) -> list[str]:
    if roster is None:
        return [str(number) for number in range(1, (count or 1) + 1)]

    from gradgrade.service.roster_formats import read_roster

    listed = read(roster, lambda raw: read_roster(raw).without_faults())
    return [each.id for each in listed]
