"""`gradgrade audit`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.errors import BadInput, CannotGrade
from gradgrade.service.cli.options import StatedPath, Whole
from gradgrade.service.cli.output import progress
from gradgrade.service.cli.reading import folder_of, read_problem_set

if TYPE_CHECKING:
    from gradgrade.problems import ProblemSet
    from gradgrade.problems.audits.audited import Audited

SOUND, WEAK = 0, 1


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("source", metavar="SET")
@click.option("--exercise", "name", metavar="NAME", help="Whose script uses the module.")
@click.option(
    "--module", metavar="PKG.MOD", help="The dotted name that the tests import it by."
    "  [default: of the script's main file]",
)  # fmt: skip
@click.option(
    "--standin",
    metavar="FILE",
    type=StatedPath(exists=True, dir_okay=False, path_type=Path),
    help="Python that stands in where the script is not enough.  [default: the set's]",
)
@click.option(
    "--mistakes", "codes", metavar="CODE", multiple=True,
    help="Only mistakes of these codes, divided by commas.  [default: all]",
)  # fmt: skip
@click.option(
    "--runs", type=Whole(1, 100),
    help="Runs of each variant.  [default: 1; 3 where the inputs differ from run to run]",
)  # fmt: skip
@click.option(
    "--timeout", type=click.FloatRange(1), default=120.0, show_default=True, metavar="SECONDS",
    help="For one run.",
)  # fmt: skip
@click.option("--jobs", type=Whole(1), help="Runs at once.  [default: of processors]")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text",
    show_default=True, help="How the result is printed.",
)  # fmt: skip
@click.argument("command", metavar="-- COMMAND …", nargs=-1, required=True)
def audit(
    source: str,
    name: str | None,
    module: str | None,
    standin: Path | None,
    codes: tuple[str, ...],
    runs: int | None,
    timeout: float,
    jobs: int | None,
    form: str,
    command: tuple[str, ...],
) -> int:
    """Tell what somebody's tests let pass.

    COMMAND runs the tests, here and in this environment. The module that they test is stood in for
    by right and mistaken ones, made from the exercise's script; what passes is told with its
    reason and a remedy. Exits with 0 where no mistake passes and nothing right is refused, 1 for
    weaknesses, 3 where the right module is refused, never imported or never called.
    """
    from gradgrade.service.audit import auditing
    from gradgrade.service.audit.document import document_of
    from gradgrade.service.audit.running import Command, CommandNotFound
    from gradgrade.service.audit.writing import as_markdown, as_text

    problem_set = read_problem_set(source)
    name = name or _only(problem_set)
    stands_in = standin or _stated(problem_set, name, folder_of(source))
    audited = _audited(problem_set, name, scripted=stands_in is None)
    codes = tuple(code for each in codes for code in each.split(","))
    _check_codes(audited, codes)
    words = Command(
        words=command,
        module=module or _module_of(problem_set, name),
        timeout=timeout,
        folder=Path.cwd(),
    )
    try:
        with _ended_by_signals():
            found = auditing.audit(
                audited,
                words,
                standin=stands_in,
                mistakes=codes,
                runs=runs,
                jobs=jobs or auditing.default_jobs(),
                progress=progress,
            )
    except CommandNotFound as error:
        raise BadInput(str(error)) from None
    except auditing.CannotAudit as error:
        raise CannotGrade(str(error)) from None
    if form == "json":
        click.echo(document_of(found).to_json(), nl=False)
    else:
        click.echo(as_text(found) if form == "text" else as_markdown(found), nl=False)
    return SOUND if found.is_sound else WEAK


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Have whoever ends the command end the tests too, and leave no folder, as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _only(problem_set: ProblemSet) -> str:
    scripted = [each.name for each in problem_set.exercises if each.code is not None]
    if len(scripted) != 1:
        if not scripted:
            raise BadInput(
                f"no exercise of {problem_set.name} has a script, and its functions are what is "
                "audited: write [exercises.code] with script, as docs/scripts.md has it"
            )
        raise BadInput(f"write --exercise NAME; those with a script are {', '.join(scripted)}")
    return scripted[0]


def _stated(problem_set: ProblemSet, name: str, folder: Path) -> Path | None:
    code = problem_set.exercise(name).code
    if code is None or code.standin is None:
        return None
    return folder / code.standin


def _audited(problem_set: ProblemSet, name: str, *, scripted: bool) -> Audited:
    from gradgrade.problems.audits.audited import Audited
    from gradgrade.problems.scripts.statements import ScriptError

    try:
        return Audited(problem_set, name, scripted=scripted)
    except ScriptError as error:
        raise BadInput(f"the script of {name}: {error}") from None


def _module_of(problem_set: ProblemSet, name: str) -> str:
    code = problem_set.exercise(name).code
    if code is None or code.main is None or not code.main.endswith(".py"):
        raise BadInput("write --module with the dotted name that the tests import, such as pkg.mod")
    return code.main.removesuffix(".py").replace("/", ".")


def _check_codes(audited: Audited, codes: tuple[str, ...]) -> None:
    known = {each.code: each.title for each in audited.mistaken}
    for code in codes:
        if code not in known:
            raise BadInput(f"--mistakes: there is no {code!r} here; there are {', '.join(known)}")
