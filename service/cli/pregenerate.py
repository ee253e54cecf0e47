"""`gradgrade pregenerate`."""

from __future__ import annotations

from dataclasses import asdict

import rich_click as click

from gradgrade.service.cli.bulk import bulk_options, shared_work
from gradgrade.service.cli.course.pregenerating import GENERATING, as_line, pregenerated
from gradgrade.service.cli.options import set_argument
from gradgrade.service.cli.output import print_json


@click.command()
@set_argument()
@bulk_options()
def pregenerate(
    name: str,
    workers: int | None,
    cluster: str | None,
    database: str | None,
    config: str | None,
    form: str,
) -> None:
    """Make the variants of everybody on the roster of the set NAME who has none.

    They are those that the students would be given anyway, made before all come at once.
    Interrupted and run again, it goes on where it stopped.
    """
    with shared_work(GENERATING, workers=workers, cluster=cluster, config=config) as run:
        done = pregenerated(name, run, database=database, config=config)
    if form == "json":
        print_json(asdict(done))
    else:
        click.echo(as_line(done))
