"""Arguments and options that several commands share."""

from collections.abc import Callable
from typing import Any

import rich_click as click

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
        help="postgresql://USER@HOST/NAME or sqlite:///FILE, over the settings.",
    )


def config_option() -> Decorator:
    """Return the option `--config`."""
    return click.option(
        "--config",
        metavar="FILE",
        help="The settings, in TOML; else the file that GRADGRADE_CONFIG names.",
    )
