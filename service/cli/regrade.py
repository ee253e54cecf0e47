"""`gradgrade regrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.bulk import bulk_options, shared_work
from gradgrade.service.cli.course.here import opened_course
from gradgrade.service.cli.options import set_argument
from gradgrade.service.cli.output import print_json, print_table

if TYPE_CHECKING:
    from gradgrade.service.course.regrades.report import Report

COLUMNS = ("submission", "student", "exercise", "before", "after", "was", "is")


@click.command()
@set_argument()
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@click.option("--never-lower", is_flag=True, help="Leave verdicts whose points would fall.")
@bulk_options()
def regrade(
    name: str,
    dry_run: bool,
    never_lower: bool,
    workers: int | None,
    cluster: str | None,
    database: str | None,
    config: str | None,
    form: str,
) -> None:
    """Grade everything that was handed in to the set NAME anew, under the set as it stands.

    Students keep their numbers. Nothing changes before all is graded; then all of it does at once.
    Interrupted and run again, it goes on where it stopped.
    """
    from gradgrade.service.course.regrades.running import apply
    from gradgrade.service.course.regrades.trial import try_out

    work = try_out if dry_run else apply
    with (
        opened_course(database=database, config=config) as (backend, actor),
        shared_work("Regrading", workers=workers, cluster=cluster, config=config) as run,
    ):
        report = work(backend, actor, name, run, never_lower=never_lower)
    if form == "json":
        print_json(report.to_data())
    else:
        _print(report)


def _print(report: Report) -> None:
    from gradgrade.problems.documents.points import as_score

    rows = (
        [
            *(each.submission, each.student, each.exercise),
            *(str(as_score(each.before)), str(as_score(each.after))),
            *(each.outcome_before, each.outcome_after),
        ]
        for each in report.changes
    )
    if report.changes:
        print_table(COLUMNS, rows)
    what = "dry run" if report.regrade.id is None else f"regrade {report.regrade.id}"
    click.echo(
        f"{what} of version {report.regrade.version}: {report.submissions} submissions, "
        f"{report.changed} changed, {report.higher} higher, {report.lower} lower, "
        f"{report.kept} variants kept their own definition"
    )
    for submission in report.unreadable:
        click.echo(f"submission {submission} cannot be read: its verdict stays")
