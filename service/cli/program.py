"""The program: its commands, and what becomes of an error.

Exit codes: 0 done (and, for grading, full marks), 1 graded and not full marks, 2 usage or bad
input, 3 cannot be graded. A command returns its code, or None for 0.
"""

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import rich_click as click

from gradgrade.service.cli.answers import answers
from gradgrade.service.cli.audit import audit
from gradgrade.service.cli.catalogue import catalogue
from gradgrade.service.cli.check_code import check_code
from gradgrade.service.cli.course.check import check
from gradgrade.service.cli.course.enrol import enrol
from gradgrade.service.cli.course.extend import extend
from gradgrade.service.cli.course.gradebook import gradebook
from gradgrade.service.cli.course.override import override
from gradgrade.service.cli.course.progress import progress
from gradgrade.service.cli.course.publish import publish
from gradgrade.service.cli.course.statistics import statistics
from gradgrade.service.cli.course.students import students
from gradgrade.service.cli.database import database
from gradgrade.service.cli.draw import draw
from gradgrade.service.cli.errors import BadInput, CannotGrade
from gradgrade.service.cli.generate import generate
from gradgrade.service.cli.grade import grade
from gradgrade.service.cli.new import new
from gradgrade.service.cli.pregenerate import pregenerate
from gradgrade.service.cli.regrade import regrade
from gradgrade.service.cli.schema import schema
from gradgrade.service.cli.serve import serve
from gradgrade.service.cli.solve import solve
from gradgrade.service.cli.token import token
from gradgrade.service.cli.try_out import try_out
from gradgrade.service.cli.verify import verify
from gradgrade.service.cli.worksheet import worksheet

NAME = "gradgrade"
INTERRUPTED = 130

GARBAGE = 20_000
"""How many more objects there are before garbage is looked for: hardly any of what is made is."""


class Program(click.RichGroup):
    """A group of commands that answers every refusal with a line a fault and an exit code."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command, what it refuses turned into click's own kind of error."""
        try:
            return super().invoke(context)
        except Exception as error:
            refusal = _refusal(error)
            if refusal is None:
                raise
            raise refusal from None

    # click's own is overloaded by `standalone_mode`, which is fixed here.
    def main(self, args: Sequence[str] | None = None, **options: Any) -> NoReturn:  # type: ignore[override]
        """Run the program and exit."""
        options |= {"prog_name": NAME, "standalone_mode": False}
        try:
            code = super().main(args, **options)
        except click.Abort:
            code = INTERRUPTED
        except click.ClickException as error:
            code = _told(error)
        except OSError as error:
            # Of help, which click prints before anything is invoked.
            code = _told(_of_machine(error))
        sys.exit(code or 0)


def _told(error: click.ClickException) -> int:
    """Tell of an error, with the lines below it, and return the exit code."""
    from gradgrade.problems.documents.text import printable

    message = " ".join(error.format_message().split())
    click.echo(f"{NAME}: error: {printable(message)}", err=True)
    for line in getattr(error, "below", ()):
        click.echo(printable(line), err=True)
    return error.exit_code


def _of_machine(error: OSError) -> BadInput:
    """Return what to tell of a file or a stream that cannot be read or written."""
    if isinstance(error, BrokenPipeError):
        return BadInput("standard output was closed before everything was written")
    place = error.filename if error.filename is not None else "input or output"
    return BadInput(f"{os.fsdecode(place)}: {error.strerror or error}")


def _refusal(error: Exception) -> click.ClickException | None:
    """Return what to tell of an error that the input or the machine caused, not the program."""
    if isinstance(error, OSError):
        return _of_machine(error)
    if isinstance(error, RecursionError):
        return BadInput("the input is nested too deeply")
    if not isinstance(error, (ValueError, RuntimeError)):
        return None

    from gradgrade.oracle.errors import NotCertified, OracleError
    from gradgrade.problems import DocumentError, ExerciseError
    from gradgrade.service.course.errors import CourseError
    from gradgrade.service.store.errors import StoreError

    if isinstance(error, NotCertified):
        return CannotGrade(str(error))
    if isinstance(error, DocumentError):
        first, *below = error.lines
        return BadInput(first, below)
    if isinstance(error, (ExerciseError, OracleError, CourseError, StoreError)):
        return BadInput(str(error))
    return None


@click.group(
    cls=Program,
    name=NAME,
    commands=[
        *(catalogue, new, check, generate, draw, worksheet, solve, answers),
        *(grade, check_code, audit, serve, token, database, verify, schema),
        *(publish, enrol, students, progress, gradebook, extend, override, statistics),
        *(pregenerate, regrade, try_out),
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name=NAME, prog_name=NAME, message="%(prog)s %(version)s")
def program() -> None:
    """Set, solve and grade exercises in backpropagation."""


def main() -> NoReturn:
    """Run `gradgrade`, the entry point of the command line."""
    # As Python has it, a tenth of a command's start is looking for garbage in what it imports.
    gc.set_threshold(GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            # Typed as TextIO, which need not have it; the interpreter's own streams do.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        program.main()
    except Exception:
        # A fault of ours; exit code 1 would say that something was graded.
        traceback.print_exc()
        sys.exit(CannotGrade.exit_code)
    finally:
        _discard_unwritable()
        # Nor does the interpreter, as it exits, look through all that ends with it.
        gc.freeze()


def _discard_unwritable() -> None:
    """Let the interpreter exit in silence where standard output cannot be written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
