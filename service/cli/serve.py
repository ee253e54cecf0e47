"""`gradgrade serve`."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.course.here import opened_course
from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import Whole, config_option, database_option

if TYPE_CHECKING:
    from gradgrade.service.http.draining import Serving
    from gradgrade.service.settings import Settings


@click.command()
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port",
    type=Whole(0, 65535),
    help="The port; 0 picks a free one.  [default: 8000]",
)
@click.option(
    "--stateless",
    is_flag=True,
    help="Serve the catalogue and grading for anybody: no course, database or secret.",
)
@database_option()
@config_option()
def serve(
    host: str | None,
    port: int | None,
    stateless: bool,
    database: str | None,
    config: str | None,
) -> None:
    """Serve a course over HTTP until interrupted; what is under way then is still answered.

    The first start makes the database, gradgrade.db here unless said otherwise, the secret that
    variants are drawn with, and prints the instructor's token, once. With --stateless it serves no
    course and makes nothing: anybody gets variants of the catalogue, and has answers graded.
    """
    if stateless and database is not None:
        raise click.UsageError("--stateless and --database exclude each other")

    from gradgrade.service.app import create_app
    from gradgrade.service.contained import Process
    from gradgrade.service.http import logs
    from gradgrade.service.settings import load
    from gradgrade.service.wsgi import build

    settings = load(config, host=host, port=port, database=database)
    serving = listening(settings)
    token = None if stateless else _prepare(settings, config)
    logs.start(settings.log_level)
    app = create_app(settings=settings, contained=Process()) if stateless else build(settings)
    stop_on_signals(serving)
    for each in addresses(serving, settings):
        click.echo(f"gradgrade serves {each}")
    if token is not None:
        click.echo(f"The instructor's token, shown this once: {token}")
    serving.run(app)


def _prepare(settings: Settings, config: str | None) -> str | None:
    """Make the tables and the course where they are not there; return the first token of all."""
    from gradgrade.service.course.people.courses import has_instructor
    from gradgrade.service.course.people.tokens import create_token

    with (
        opened_course(database=settings.database, config=config, makes=True) as (backend, actor),
        backend.store.writing() as connection,
    ):
        if has_instructor(connection, actor):
            return None
        _, text = create_token(connection, actor, role="instructor", now=backend.clock())
    return text


def stop_on_signals(serving: Serving) -> None:
    """Have a server end, what is under way answered, when the process is interrupted."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: serving.stop())


def addresses(serving: Serving, settings: Settings) -> list[str]:
    """Return where a server can be opened."""
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    return [f"http://{shown}:{port}" for port in serving.ports]


def listening(settings: Settings) -> Serving:
    """Return a server that listens, and answers once it is run.

    Raises:
        BadInput: it cannot listen there.
    """
    from gradgrade.service.http.draining import Serving

    host, port = settings.host, settings.port
    try:
        return Serving(host=host, port=port, threads=settings.threads)
    except OSError as error:
        raise BadInput(f"cannot listen on {host}:{port}: {error.strerror}") from None
    except ValueError:
        raise BadInput(f"cannot listen on {host}:{port}: no such address") from None
