"""`gradgrade check-code`."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.course.asked import TOKEN, client_of, refusal
from gradgrade.service.cli.errors import BadInput, CannotGrade
from gradgrade.service.cli.options import SHAPES, Stated, StatedPath, Whole
from gradgrade.service.cli.reading import (
    folder_of,
    only_one_from_standard_input,
    read,
    read_problem_set,
)
from gradgrade.service.cli.results import Destination, result_options
from gradgrade.service.cli.variants import secret_from_seed

if TYPE_CHECKING:
    from gradgrade.service.client.client import Client
    from gradgrade.service.client.connection import ClientError
    from gradgrade.service.code_grading.checking.source import Source

MOST_VARIANTS = 10_000


@click.command("check-code")
@click.argument("source_path", metavar="SET_OR_EXERCISE")
@click.argument("student_file", metavar="STUDENT", type=click.Path(path_type=Path))
@click.option(
    "--server",
    metavar="URL",
    type=Stated(),
    help=f"A course's server, which grades; {TOKEN} has the token.",
)
@click.option("--exercise", "name", metavar="NAME", help="One exercise of the set.  [default: all]")
@click.option(
    "--variants",
    type=Whole(1, MOST_VARIANTS),
    default=10,
    show_default=True,
    help="How many variants of each exercise.",
)
@click.option(
    "--seed",
    metavar="TEXT",
    type=Stated(),
    help="What the variants depend on.  [default: drawn; with $GRADGRADE_SECRET, of the file]",
)
@click.option("--shape", type=click.Choice(SHAPES), help="What the file defines.  [default: found]")
@click.option(
    "--files",
    metavar="DIR",
    type=StatedPath(exists=True, file_okay=False, path_type=Path),
    help="Where the course's own files lie.  [default: beside the set; of a server's, here]",
)
@click.option("--smallest/--no-smallest", default=True, help="Look for the smallest failure.")
@click.option(
    "--unsafe", is_flag=True, help="Run the file without a sandbox; marked in the result."
)
@result_options
def check_code(
    source_path: str,
    student_file: Path,
    server: str | None,
    name: str | None,
    variants: int,
    seed: str | None,
    shape: str | None,
    files: Path | None,
    smallest: bool,
    unsafe: bool,
    destination: Destination,
) -> int:
    """Grade a student's program on fresh variants, in a sandbox.

    STUDENT is what is handed in: a Python file, a notebook, or a folder or zip archive with one of
    these at its top, or the one that the set names. SET_OR_EXERCISE is a name of the catalogue, a
    problem set, or an exercise, which is its own one variant; with --server it is the name of a set
    there. Without --seed every run has other variants, and tells its seed on standard error; where
    GRADGRADE_SECRET is set, they follow from it and what is handed in. The program is given no
    right answer. It earns what it earns on every variant. Where it fails, the smallest network on
    which it does is shown. Exits with 3 where there is no sandbox, or no server answers.
    """
    from gradgrade.service.client.connection import ClientError
    from gradgrade.service.code_grading.checking.check import check_program
    from gradgrade.service.code_grading.checking.document import smallest_as_text, to_json
    from gradgrade.service.code_grading.checking.report import report_of
    from gradgrade.service.code_grading.checking.server_source import NOT_SEARCHED
    from gradgrade.service.code_grading.checking.source import OneExercise
    from gradgrade.service.code_grading.errors import CodeGradingError, SandboxUnavailable
    from gradgrade.service.code_grading.sandbox.sandbox import Bubblewrap, Unconfined

    only_one_from_standard_input(SET_OR_EXERCISE=source_path)
    used = drawn_seed(student_file) if seed is None else seed
    source = source_of(
        source_path, server=server, name=name, variants=variants, seed=used, files=files
    )
    try:
        checks = [
            check_program(
                source,
                each,
                student_file,
                sandbox=Unconfined() if unsafe else Bubblewrap(),
                shape=shape,  # type: ignore[arg-type]  # click allows no other
                search=smallest,
            )
            for each in source.names
        ]
    except SandboxUnavailable as error:
        raise CannotGrade(f"{error}; --unsafe runs it without") from None
    except CodeGradingError as error:
        raise BadInput(str(error)) from None
    except ClientError as error:
        raise _refusal(error, source) from None
    if seed is None and not isinstance(source, OneExercise):
        click.echo(f"seed {used} (--seed {used} draws the same variants)", err=True)
    report = report_of(checks, name=Path(source_path).stem, file=str(student_file))
    code = destination.publish(report, lambda: to_json(checks, file=str(student_file)))
    if destination.form == "text" and destination.out is None:
        for each in checks:
            if each.smallest is not None:
                text = smallest_as_text(each.smallest, file=str(student_file))
                click.echo(f"\n{each.name}. {text}", nl=False)
        if smallest and not source.knows_answers and not all(each.is_right for each in checks):
            click.echo(NOT_SEARCHED)
    return code


def drawn_seed(student_file: Path) -> str:
    """Return a seed that a student could not know: drawn, or of a secret and what is handed in.

    Raises:
        DocumentError: the secret is too short.
        OSError: there is a secret, and the file cannot be read.
        BadInput: there is a secret, and what is handed in is refused.
    """
    from gradgrade.service.code_grading.checking.seeds import fresh_seed, seed_of
    from gradgrade.service.code_grading.errors import CodeGradingError
    from gradgrade.service.settings import stated_secret

    secret = stated_secret()
    if secret is None:
        return fresh_seed()
    try:
        return seed_of(student_file, secret)
    except CodeGradingError as error:
        raise BadInput(str(error)) from None


def source_of(
    path: str,
    *,
    server: str | None = None,
    name: str | None,
    variants: int,
    seed: str,
    files: Path | None = None,
) -> Source:
    """Return the variants that a set or an exercise stands for.

    Args:
        path: a name of the catalogue, or a file; on a server, the name of a set.
        server: the address of a course's server; None: they are made here.
        name: the one exercise of a set that is graded, or None for all.
        variants: how many of each.
        seed: what they depend on.
        files: where the course's own files lie; None: beside the set, or, of one on a server, here.

    Raises:
        DocumentError: it is neither, or has no such exercise.
        BadInput: the server refuses it, or there is no token for it.
        CannotGrade: the server does not answer.
    """
    if not 1 <= variants <= MOST_VARIANTS:
        raise BadInput(f"variants must be from 1 to {MOST_VARIANTS} (got {variants})")
    if server is not None:
        return _on_server(server, path, name=name, variants=variants, seed=seed, files=files)
    return _made_here(path, name=name, variants=variants, seed=seed, files=files)


def _made_here(
    path: str, *, name: str | None, variants: int, seed: str, files: Path | None
) -> Source:
    from gradgrade.problems import DocumentError, Exercise
    from gradgrade.service.code_grading.checking.source import FromProblemSet, OneExercise

    try:
        problem_set = read_problem_set(path)
    except DocumentError as error:
        try:
            return OneExercise(
                exercise=read(path, Exercise.from_json), folder=files or folder_of(path)
            )
        except DocumentError:
            raise error from None
    names = [each.name for each in problem_set.exercises]
    if name is not None:
        names = [problem_set.exercise(name).name]
    return FromProblemSet(
        problem_set=problem_set,
        names=names,
        count=variants,
        secret=secret_from_seed(seed),
        folder=files or folder_of(path),
    )


def _on_server(
    address: str,
    problem_set: str,
    *,
    name: str | None,
    variants: int,
    seed: str,
    files: Path | None,
) -> Source:
    from gradgrade.problems.documents.text import check_printable
    from gradgrade.service.code_grading.checking.server_source import FromServer

    try:
        check_printable(seed)
    except ValueError as error:
        raise BadInput(f"seed: {error}") from None
    client = client_of(address)
    names = _names(client, problem_set) if name is None else [name]
    return FromServer(
        client=client,
        problem_set=problem_set,
        names=names,
        count=variants,
        seed=seed,
        folder=files or Path(),
    )


def _refusal(error: ClientError, source: Source) -> BadInput | CannotGrade:
    """Return how it ends; where the exercises are there, it is the token that sees no variants."""
    from gradgrade.service.code_grading.checking.server_source import FromServer

    if error.status == HTTPStatus.NOT_FOUND and isinstance(source, FromServer):
        there = _names(source.client, source.problem_set)
        if all(each in there for each in source.names):
            return BadInput(
                f"--server needs a token of the role ci for this set, and {TOKEN} has another: "
                f"gradgrade token create --role ci --problem-set {source.problem_set} makes one"
            )
    return refusal(error)


def _names(client: Client, problem_set: str) -> list[str]:
    from gradgrade.service.client.connection import ClientError

    try:
        return [each["name"] for each in client.problem_set(problem_set)["exercises"]]
    except ClientError as error:
        if error.status == HTTPStatus.NOT_FOUND and Path(problem_set).is_file():
            raise BadInput(
                f"{problem_set}: with --server the name of a set there is wanted, and this is a "
                "file here; leave out --server, or write the name"
            ) from None
        raise refusal(error) from None
