"""Printing or writing a report, in whichever format, as every command that grades does."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.options import StatedPath
from gradgrade.service.cli.output import aligned, print_lines, print_table
from gradgrade.service.cli.writing import append, check_result_file, write_result

if TYPE_CHECKING:
    from gradgrade.service.code_grading.results.gradescope import Visibility
    from gradgrade.service.code_grading.results.report import Report

FULL_MARKS, NOT_FULL_MARKS = 0, 1

FORMATS = (
    *("text", "json", "gradescope", "junit"),
    *("classroom50", "prairielearn", "coursera", "github"),
)
VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")

CLASSROOM50: Mapping[str, str] = MappingProxyType(
    {
        "classroom": "CLASSROOM",
        "assignment": "ASSIGNMENT",
        "owner": "OWNER",
        "assignment_type": "ASSIGNMENT_TYPE",
        "submission": "SUBMISSION_TAG",
        "commit": "COMMIT_URL",
        "release": "RELEASE_URL",
        "review": "REVIEW_URL",
    }
)
"""What a Classroom 50 result names, and the variables in which its runner tells it."""

NOT_NEEDED = frozenset({"owner", "assignment_type", "review"})
"""Of these, what a result may go without: older runners tell no owner and no type."""

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable in which GitHub's runner tells the file of the step's summary."""

COLUMNS = ("part", "outcome", "points", "feedback")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a report goes, and how it is written.

    Args:
        form: one of `FORMATS`.
        out: the file; None for standard output.
        exit_zero: whether less than full marks exits with 0 too.
        visibility: when a student sees the results on Gradescope.
        classroom50: what a Classroom 50 result names, without what is not told.
        graded_at: when the submission was graded.
    """

    form: str
    out: Path | None
    exit_zero: bool
    visibility: Visibility
    classroom50: Mapping[str, str]
    graded_at: datetime

    def publish(self, report: Report, document: Callable[[], str]) -> int:
        """Write a report once it is complete, and return the exit code.

        Args:
            report: what to write.
            document: makes what `--format json` stands for.
        """
        if self.form == "github":
            self._publish_to_github(report)
        elif self.form == "text" and self.out is None:
            print_lines("".join(f"{line}\n" for line in report.top))
            print_table(COLUMNS, _rows(report))
            print_lines(_explained(report))
            click.echo(report.summary)
        else:
            text = document() if self.form == "json" else self._text(report)
            if self.out is None:
                click.echo(text, nl=False)
            else:
                write_result(self.out, text)
        return FULL_MARKS if report.has_full_marks or self.exit_zero else NOT_FULL_MARKS

    def _text(self, report: Report) -> str:
        from gradgrade.service.code_grading import results

        match self.form:
            case "gradescope":
                return results.write_gradescope(report, visibility=self.visibility)
            case "junit":
                return results.write_junit(report)
            case "classroom50":
                submission = results.Submission(
                    **{"review": self.classroom50["commit"], **self.classroom50},
                    graded_at=self.graded_at,
                )
                return results.write_classroom50(report, submission)
            case "prairielearn":
                return results.write_prairielearn(report)
            case "coursera":
                return results.write_coursera(report)
            case _:
                top = "".join(f"{line}\n" for line in report.top)
                table = aligned(COLUMNS, _rows(report))
                return f"{top}{table}{_explained(report)}{report.summary}\n"

    def _publish_to_github(self, report: Report) -> None:
        """Print the annotations, since the runner reads them there; the summary has a file."""
        from gradgrade.service.code_grading.results import write_annotations, write_summary

        if self.out is not None:
            write_result(self.out, write_summary(report))
        elif path := os.environ.get(STEP_SUMMARY):
            append(Path(path), write_summary(report))
        click.echo(write_annotations(report), nl=False)


def result_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of a report; it is called with a `destination`."""

    @functools.wraps(command)
    def gathered(
        *,
        form: str,
        out: Path | None,
        exit_zero: bool,
        visibility: Visibility,
        graded_at: datetime | None,
        **arguments: Any,
    ) -> int:
        named = {name: arguments.pop(name) for name in CLASSROOM50}
        given = {name: value for name, value in named.items() if value}
        if form == "classroom50":
            _refuse_missing(given)
        if out is not None:
            check_result_file(out)
        destination = Destination(
            form=form,
            out=out,
            exit_zero=exit_zero,
            visibility=visibility,
            classroom50=given,
            graded_at=graded_at or datetime.now(UTC),
        )
        return command(destination=destination, **arguments)

    for option in reversed(_options()):
        gathered = option(gathered)
    return gathered


def _refuse_missing(given: Mapping[str, str]) -> None:
    for name, variable in CLASSROOM50.items():
        if name not in given and name not in NOT_NEEDED:
            raise click.UsageError(
                f"--format classroom50 needs {_option(name)}, or {variable} in the environment"
            )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _options() -> list[Callable[[Callable[..., int]], Callable[..., int]]]:
    return [
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="How the result is written.",
        ),
        click.option(
            "--out",
            type=StatedPath(path_type=Path),
            help="Write it to this file, in one step and only once graded.  [default: print it]",
        ),
        click.option(
            "--exit-zero", is_flag=True, help="Exit with 0 once graded, whatever the marks."
        ),
        click.option(
            "--visibility",
            type=click.Choice(VISIBILITIES),
            default="visible",
            show_default=True,
            help="Gradescope: when students see the result.",
        ),
        *(
            click.option(
                _option(name), name, envvar=variable, help=f"Classroom 50.  [env: {variable}]"
            )
            for name, variable in CLASSROOM50.items()
        ),
        click.option(
            "--datetime",
            "graded_at",
            metavar="TIME",
            callback=_moment,
            help="Classroom 50: ISO 8601 with a time zone; stays over regrades.  [default: now]",
        ),
    ]


def _moment(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time in ISO 8601") from None
    if moment.tzinfo is None:
        raise click.BadParameter(f"{text!r} names no time zone")
    return moment


def _explained(report: Report) -> str:
    """Return a line for each mistake, where it is named first."""
    known = {
        each.title: each.explanation
        for result in reversed(report.rows)
        for each in result.misconceptions
    }
    return "".join(f"{title}: {known[title]}\n" for title in reversed(known))


def _rows(report: Report) -> list[list[str]]:
    return [
        [each.name, each.outcome, f"{each.points}/{each.max_points}", " ".join(each.messages)]
        for each in report.rows
    ]
