"""Arguments and options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

import rich_click as click

from gradgrade.service.cli.errors import BadInput

if TYPE_CHECKING:
    from gradgrade.service.store.identities import StudentId

EMPTY = "it is empty: write one, or leave it out"

SHAPES = ("solve", "functions", "layers", "torch")
"""How a student's program may answer."""


class Text(click.ParamType[str]):
    """Text that everything can hold; a terminal may send bytes that are none."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is not UTF-8."""
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail(f"{value!r} is not UTF-8", param, ctx)
        return value


TEXT = Text()


class Stated(Text):
    """Text that is there: an empty one is a variable of the shell that nobody has set."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse an empty text."""
        if not value:
            self.fail(EMPTY, param, ctx)
        return super().convert(value, param, ctx)


class StatedPath(click.Path):
    """The path of a file or a folder: an empty one, Python takes for the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty path."""
        if value == "":
            self.fail(EMPTY, param, ctx)
        return super().convert(value, param, ctx)


class Whole(click.IntRange):
    """A whole number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Refuse what is no whole number, with what to write."""
        try:
            int(value)
        except ValueError:
            self.fail(
                f"{value!r} is no whole number: write one, such as {self.min or 1}", param, ctx
            )
        return super().convert(value, param, ctx)


class SetName(Text):
    """What a set of a course is called, which its file is not."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what no set can be called."""
        text = super().convert(value, param, ctx)
        if not re.fullmatch(r"[a-z0-9-]+", text):
            self.fail(
                f"{text!r} is no set's name, which has a to z, digits and hyphens alone: write "
                "what its document has as `name`, such as week-3",
                param,
                ctx,
            )
        return text


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def format_option() -> Decorator:
    """Return the option `--format`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How the result is printed.",
    )


def exercise_argument() -> Decorator:
    """Return the argument EXERCISE."""
    return click.argument("exercise_path", metavar="EXERCISE")


def database_option() -> Decorator:
    """Return the option `--database`, over the settings."""
    return click.option(
        "--database",
        metavar="URL",
        help="A file of SQLite, or postgresql://USER@HOST/NAME; over the settings.",
    )


def config_option() -> Decorator:
    """Return the option `--config`."""
    return click.option(
        "--config",
        metavar="FILE",
        type=Stated(),
        help="The settings, in TOML; else the file that GRADGRADE_CONFIG names.",
    )


def set_argument() -> Decorator:
    """Return the argument NAME, a set of a course."""
    return click.argument("name", metavar="NAME", type=SetName())


def moment_of(option: str, text: str) -> datetime:
    """Return the moment that an option states: the end of a day (UTC), or what is written.

    Raises:
        BadInput: it is none, or has no zone.
    """
    from gradgrade.problems.documents.moments import as_moment

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option}: {text!r} is no date such as 2026-12-31") from None
    if moment.tzinfo is None:
        if len(text) > len("2026-12-31"):
            raise BadInput(f"{option}: {text!r} has no zone, such as the Z of 2026-12-31T18:00Z")
        moment = datetime.combine(moment.date(), time.max, UTC)
    try:
        return as_moment(moment)
    except ValueError as error:
        raise BadInput(f"{option}: {error}") from None


def student_of(option: str, text: str) -> StudentId:
    """Return the id of a student that an option or an argument states.

    Raises:
        BadInput: it is none.
    """
    from gradgrade.problems.documents.text import as_id
    from gradgrade.service.store.identities import StudentId

    try:
        return StudentId(as_id(text))
    except ValueError as error:
        raise BadInput(f"{option}: {error}") from None
