"""The variants that a command is asked for: its options, its students, its exercises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.options import TEXT, Stated, StatedPath, Whole
from gradgrade.service.cli.output import progress
from gradgrade.service.cli.reading import only_one_from_standard_input, read, read_problem_set

if TYPE_CHECKING:
    from gradgrade.problems import Exercise, ProblemSet
    from gradgrade.service.roster_formats import RosterStudent

MOST_STUDENTS = 1_000_000

SEED = "0"

COURSE = "course"
"""What a server's course is called where its settings do not say."""

Command = Callable[..., Any]


def variant_options(command: Command) -> Command:
    """Add to a command SET, `--out`, for whom variants are, and what they are drawn with."""
    options = (
        click.argument("source", metavar="SET"),
        click.option(
            "--out",
            "directory",
            metavar="DIR",
            type=StatedPath(file_okay=False, path_type=Path),
            required=True,
            help="Where the files go; made where there is none.",
        ),
        click.option(
            "--count", type=Whole(1, MOST_STUDENTS), help="Students 1 to N.  [default: 1]"
        ),
        click.option(
            "--roster",
            metavar="CSV",
            type=Stated(),
            help="The students: CSV or .xlsx with a column `id`, or an export of Canvas or Moodle.",
        ),
        click.option("--seed", type=Stated(), help="Another seed, other numbers.  [default: 0]"),
        click.option(
            "--secret-file",
            metavar="FILE",
            type=Stated(),
            help="A server's secret, instead of a seed: the variants are those that it gives.",
        ),
        click.option(
            "--course",
            metavar="NAME",
            type=TEXT,
            help=f"That server's course.  [default: {COURSE}, as a server's]",
        ),
    )
    return reduce(lambda decorated, option: option(decorated), reversed(options), command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The variants that a command is asked for.

    Args:
        problem_set: the set.
        people: the students, in order.
        secret: what the variants are drawn with.
        course: the course on a server whose variants they are; empty offline.
        is_roster: whether the students are those of a roster, and have names.
    """

    problem_set: ProblemSet
    people: Sequence[RosterStudent]
    secret: bytes = field(repr=False)
    course: str
    is_roster: bool

    @property
    def students(self) -> list[str]:
        """The ids of the students."""
        return [each.id for each in self.people]


def read_request(
    source: str,
    *,
    count: int | None,
    roster: str | None,
    seed: str | None,
    secret_file: str | None,
    course: str | None,
) -> Request:
    """Return what a command is asked for by its options.

    Raises:
        UsageError: options that exclude each other.
        DocumentError: the set, the roster or the secret is refused.
    """
    if count is not None and roster is not None:
        raise click.UsageError("--count and --roster exclude each other")
    if seed is not None and secret_file is not None:
        raise click.UsageError("--seed and --secret-file exclude each other")
    if course is not None and secret_file is None:
        raise click.UsageError("--course is for --secret-file")
    only_one_from_standard_input(SET=source, roster=roster)
    if secret_file is None:
        secret, of_course = secret_from_seed(SEED if seed is None else seed), ""
    else:
        secret, of_course = _secret_of_server(secret_file), course or COURSE
    return Request(
        problem_set=read_problem_set(source),
        people=_people(count, roster),
        secret=secret,
        course=of_course,
        is_roster=roster is not None,
    )


def draw(request: Request, *, name: str | None = None) -> list[tuple[RosterStudent, Exercise]]:
    """Return every student's variant of every exercise, or of the one of this name.

    As `gradgrade generate` issues them: nobody's equals that of somebody before on the roster.
    """
    from gradgrade.problems.generate import fingerprint, generate

    problem_set = request.problem_set
    names = [each.name for each in problem_set.exercises] if name is None else [name]
    wanted = [(each, person) for each in names for person in request.people]
    drawn, taken = [], {each: set[bytes]() for each in names}
    for each, person in progress(wanted, "Generating"):
        exercise = generate(
            problem_set,
            each,
            student=person.id,
            secret=request.secret,
            course=request.course,
            avoiding=taken[each],
        )
        taken[each].add(fingerprint(exercise))
        drawn.append((person, exercise))
    return drawn


def secret_from_seed(seed: str) -> bytes:
    """Return the secret that a seed stands for."""
    # An argument that is not UTF-8 arrives with surrogates; its bytes are the seed.
    return seed.encode("utf-8", "surrogateescape")


def _secret_of_server(file: str) -> bytes:
    from gradgrade.service.settings import Settings, secret_of

    return secret_of(Settings(secret_file=file), makes=False)


def _people(count: int | None, roster: str | None) -> list[RosterStudent]:
    from gradgrade.service.roster_formats import RosterStudent, read_roster

    if roster is None:
        return [RosterStudent(row=each, id=str(each)) for each in range(1, (count or 1) + 1)]
    return list(read(roster, lambda raw: read_roster(raw).without_faults()))
