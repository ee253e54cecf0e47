"""The course that a command asks: its options, and who answers."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.course.here import opened_course
from gradgrade.service.cli.errors import BadInput, CannotGrade
from gradgrade.service.cli.options import Decorator, Stated, config_option, database_option
from gradgrade.service.cli.reading import read

if TYPE_CHECKING:
    from gradgrade.service.client.client import Client
    from gradgrade.service.client.connection import ClientError

TOKEN = "GRADGRADE_TOKEN"
"""The variable of the environment that has the token: arguments can be seen by anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a course is, as options tell: a server with a token, or a database here.

    Args:
        server: the server's address; None: it is here.
        token_file: what has the token for the server; None: the environment.
        database: over the settings.
        config: the settings' file.
    """

    server: str | None = None
    token_file: str | None = None
    database: str | None = None
    config: str | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.server is not None and self.database is not None:
            raise click.UsageError("--server and --database exclude each other")
        if self.server is None and self.token_file is not None:
            raise click.UsageError("--token-file is for --server")

    @property
    def is_named(self) -> bool:
        """Whether a course is named at all, be it the one of the settings' file."""
        return any(each is not None for each in (self.server, self.database, self.config))

    @property
    def options(self) -> str:
        """What another command is told to ask the same course, with a space before it."""
        stated = {
            "--server": self.server,
            "--token-file": self.token_file,
            "--database": self.database,
            "--config": self.config,
        }
        return "".join(
            f" {name} {shlex.quote(value)}" for name, value in stated.items() if value is not None
        )


def course_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--server`, `--token-file`, `--database` and `--config`, given as one `place`."""

    @wraps(command)
    def placed(
        *arguments: Any,
        server: str | None,
        token_file: str | None,
        database: str | None,
        config: str | None,
        **others: Any,
    ) -> Any:
        place = Place(server=server, token_file=token_file, database=database, config=config)
        return command(*arguments, place=place, **others)

    options: tuple[Decorator, ...] = (
        click.option(
            "--server",
            metavar="URL",
            type=Stated(),
            help=f"The course's server, instead of a database here; {TOKEN} has the token.",
        ),
        click.option(
            "--token-file",
            metavar="FILE",
            type=Stated(),
            help=f"What has the token, instead of {TOKEN}.",
        ),
        database_option(),
        config_option(),
    )
    decorated: Callable[..., Any] = placed
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


@contextmanager
def asked_course(place: Place, *, makes: bool = False) -> Iterator[Client]:
    """Provide the course of a place.

    Args:
        place: where it is.
        makes: whether it is made where it is not there; only one that is here can be.

    Raises:
        BadInput: it is not there, or refuses what it is asked.
        CannotGrade: no server answers.
    """
    from gradgrade.service.client.connection import ClientError

    try:
        if place.server is not None:
            yield client_of(place.server, token_file=place.token_file)
        else:
            with _course_here(place, makes=makes) as client:
                yield client
    except ClientError as error:
        raise refusal(error) from None


@contextmanager
def _course_here(place: Place, *, makes: bool) -> Iterator[Client]:
    from gradgrade.service.cli.course.channel import InThisProcess
    from gradgrade.service.client.client import Client
    from gradgrade.service.settings import load

    settings = load(place.config, database=place.database)
    with opened_course(database=place.database, config=place.config, makes=makes) as (
        backend,
        actor,
    ):
        yield Client.through(InThisProcess(backend, actor, settings))


def client_of(server: str, *, token_file: str | None = None) -> Client:
    """Return whoever asks a course's server.

    Raises:
        BadInput: there is no token, or the address is none.
    """
    from gradgrade.service.client.client import Client

    # It warns of every request that is tried again.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        return Client(server, _token(token_file))
    except ValueError as error:
        raise BadInput(f"--server: {error}") from None


def _token(file: str | None) -> str:
    if file is not None:
        from gradgrade.problems.documents.text import decoded

        token = read(file, decoded).strip()
        if not token:
            raise BadInput(f"{file}: it is empty; write the token into it, and nothing else")
        return token
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        raise BadInput(f"--server needs a token: --token-file FILE, or the variable {TOKEN}")
    return token


def refusal(error: ClientError) -> BadInput | CannotGrade:
    """Return how a command ends that the course refused, or did not answer."""
    return BadInput(error.detail) if error.is_refusal else CannotGrade(error.detail)
