"""`gradgrade check-code`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from service.cli.errors import BadInput, CannotGrade
from service.cli.options import SHAPES
from service.cli.reading import only_one_from_standard_input, read, read_problem_set
from service.cli.results import Destination, result_options
from service.cli.variants import secret_of

if TYPE_CHECKING:
    from service.code_grading.source import Source

MOST_VARIANTS = 10_000


@click.command("check-code")
@click.argument("source_path", metavar="SET_OR_EXERCISE")
@click.argument("student_file", metavar="STUDENT.PY", type=click.Path(path_type=Path))
@click.option("--exercise", "name", metavar="NAME", help="One exercise of the set.  [default: all]")
@click.option(
    "--variants",
    type=click.IntRange(1, MOST_VARIANTS),
    default=10,
    show_default=True,
    help="How many variants of each exercise.",
)
@click.option("--seed", default="0", show_default=True, help="Another seed, other numbers.")
@click.option("--shape", type=click.Choice(SHAPES), help="What the file defines.  [default: found]")
@click.option("--smallest/--no-smallest", default=True, help="Look for the smallest failure.")
@click.option(
    "--unsafe", is_flag=True, help="Run the file without a sandbox; marked in the result."
)
@result_options
def check_code(
    source_path: str,
    student_file: Path,
    name: str | None,
    variants: int,
    seed: str,
    shape: str | None,
    smallest: bool,
    unsafe: bool,
    destination: Destination,
) -> int:
    """Grade a student's program on fresh variants, in a sandbox.

    SET_OR_EXERCISE is a name of the catalogue, a problem set, or an exercise, which is its own one
    variant. The program is given no right answer. It earns what it earns on every variant. Where it
    fails, the smallest network on which it does is shown. Exits with 3 where there is no sandbox.
    """
    from service.code_grading.check import check
    from service.code_grading.code_check import smallest_as_text, to_json
    from service.code_grading.errors import CodeGradingError, SandboxUnavailable
    from service.code_grading.report import report_of
    from service.code_grading.sandbox import Bubblewrap, Unconfined

    only_one_from_standard_input(SET_OR_EXERCISE=source_path)
    source = source_of(source_path, name=name, variants=variants, secret=secret_of(seed))
    try:
        checks = list(
            check(
                source,
                student_file,
                sandbox=Unconfined() if unsafe else Bubblewrap(),
                shape=shape,  # type: ignore[arg-type]  # click allows no other
                search=smallest,
            )
        )
    except SandboxUnavailable as error:
        raise CannotGrade(f"{error}; --unsafe runs it without") from None
    except CodeGradingError as error:
        raise BadInput(str(error)) from None
    report = report_of(checks, name=Path(source_path).stem, file=str(student_file))
    code = destination.publish(report, lambda: to_json(checks))
    if destination.form == "text" and destination.out is None:
        for each in checks:
            if each.smallest is not None:
                click.echo(f"\n{each.name}. {smallest_as_text(each.smallest)}", nl=False)
    return code


def source_of(path: str, *, name: str | None, variants: int, secret: bytes) -> Source:
    """Return the variants that a set or an exercise stands for.

    Args:
        path: a name of the catalogue, or a file.
        name: the one exercise of a set that is graded, or None for all.
        variants: how many of each.
        secret: what they depend on.

    Raises:
        DocumentError: it is neither, or has no such exercise.
    """
    from problems import DocumentError, Exercise
    from service.code_grading.source import FromProblemSet, OneExercise

    if not 1 <= variants <= MOST_VARIANTS:
        raise BadInput(f"variants must be from 1 to {MOST_VARIANTS} (got {variants})")
    try:
        problem_set = read_problem_set(path)
    except DocumentError as error:
        try:
            return OneExercise(exercise=read(path, Exercise.from_json))
        except DocumentError:
            raise error from None
    chosen = [each.name for each in problem_set.exercises]
    if name is not None:
        chosen = [problem_set.exercise(name).name]
    return FromProblemSet(problem_set=problem_set, chosen=chosen, count=variants, secret=secret)
