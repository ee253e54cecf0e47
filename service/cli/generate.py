"""`gradgrade generate`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.errors import told_job_errors
from gradgrade.service.cli.generation import Generation
from gradgrade.service.cli.options import Whole, format_option
from gradgrade.service.cli.output import print_json, print_table
from gradgrade.service.cli.reports import print_reports
from gradgrade.service.cli.variants import read_request, variant_options

if TYPE_CHECKING:
    from gradgrade.problems.documents.solution import Check

MOST_WORKERS = 256


@click.command()
@variant_options
@click.option(
    "--workers",
    type=Whole(1, MOST_WORKERS),
    help="How many processes share the work.  [default: 1]",
)
@click.option("--cluster", metavar="URL", help="A Dask scheduler whose workers share the work.")
@click.option(
    "--report", "reports", is_flag=True, help="Tell how many draws were rejected, and why."
)
@click.option(
    "--check",
    type=click.Choice(["full", "fast"]),
    default="full",
    show_default=True,
    help="Whether the reference is walked for every variant, or for some beside running errors.",
)
@format_option()
def generate(
    source: str,
    directory: Path,
    count: int | None,
    roster: str | None,
    seed: str | None,
    secret_file: str | None,
    course: str | None,
    workers: int | None,
    cluster: str | None,
    reports: bool,
    check: Check,
    form: str,
) -> None:
    """Write a variant of every exercise, and its solution, for every student.

    SET is a name of the catalogue, a file in TOML or JSON, or - for standard input. For each
    variant there is ID.exercise.json, for the student, and ID.solution.json, which only you can
    read. The same arguments always write the same bytes, whoever shares the work. Interrupted and
    run again, it goes on where it stopped. With --report, what is printed is not the files but how
    many draws were rejected and why, and what no draw can show. With a server's --secret-file they
    are the variants that the server gives these students. With --check fast the numbers are the
    same, and each solution says that it was checked so; docs/proof.md tells what could go unseen.
    """
    if workers is not None and cluster is not None:
        raise click.UsageError("--workers and --cluster exclude each other")
    request = read_request(
        source, count=count, roster=roster, seed=seed, secret_file=secret_file, course=course
    )

    from gradgrade.service import jobs

    generation = Generation(
        request.problem_set,
        request.students,
        request.secret,
        directory,
        course=request.course,
        check=check,
        workers=(workers or 1) if cluster is None else None,
    )
    generation.check_set()
    with told_job_errors(), jobs.workers(workers or 1, cluster=cluster) as run:
        written = generation.run(run)
    if reports:
        print_reports(generation.reports(), form)
    elif form == "json":
        print_json([asdict(each) for each in written])
    else:
        rows = ([each.student, each.exercise, each.id, each.file] for each in written)
        print_table(["student", "exercise", "id", "file"], rows)
