"""What commands share that do much work on a course: who does it, and where the course is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.errors import told_job_errors
from gradgrade.service.cli.generate import MOST_WORKERS
from gradgrade.service.cli.options import (
    Decorator,
    Whole,
    config_option,
    database_option,
    format_option,
)
from gradgrade.service.cli.output import showing

if TYPE_CHECKING:
    from gradgrade.service.jobs import Run


def bulk_options() -> Decorator:
    """Return the options `--workers`, `--cluster`, `--database`, `--config` and `--format`."""
    options = (
        click.option(
            "--workers",
            type=Whole(1, MOST_WORKERS),
            help="How many processes share the work.  [default: 1]",
        ),
        click.option(
            "--cluster",
            metavar="URL",
            help="A Dask scheduler whose workers share the work, over the settings.",
        ),
        database_option(),
        config_option(),
        format_option(),
    )

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@contextmanager
def shared_work(
    description: str, *, workers: int | None, cluster: str | None, config: str | None
) -> Iterator[Run]:
    """Provide whoever works, with a bar on a terminal.

    Args:
        description: what is done, for the bar.
        workers: how many processes; None: what the settings say, or this one.
        cluster: the address of a Dask scheduler.
        config: the settings' file.

    Raises:
        BadInput: the work cannot be spread so, or a worker was lost.
    """
    from gradgrade.service import jobs
    from gradgrade.service.settings import load

    if workers is not None and cluster is not None:
        raise click.UsageError("--workers and --cluster exclude each other")
    if workers is None and cluster is None:
        cluster = load(config).cluster
    with told_job_errors(), jobs.workers(workers or 1, cluster=cluster) as run:
        yield showing(run, description)
