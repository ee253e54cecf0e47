"""`gradgrade new`."""

import re
from importlib.resources import files
from pathlib import Path

import rich_click as click

from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import SHAPES
from gradgrade.service.cli.writing import write

NAME = "my-problem-set"
"""What the starter calls itself."""


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--code",
    "shape",
    type=click.Choice(SHAPES),
    help="Write what a student starts from instead: a program of this shape.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE where it exists.")
def new(path: Path, shape: str | None, force: bool) -> None:
    """Write a commented problem set to start from, or a program."""
    if path.exists() and not force:
        raise BadInput(f"{path}: there is such a file already (--force overwrites it)")
    write(path, _problem_set(path.stem) if shape is None else _program(shape))
    click.echo(f"wrote {path}")


def _problem_set(stem: str) -> str:
    """Return the starter, called what the file is called where a set can be called so."""
    text = (files(__package__) / "starter.toml").read_text("utf-8")
    name = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")
    return text.replace(f'"{NAME}"', f'"{name}"') if name else text


def _program(shape: str) -> str:
    from gradgrade.service.code_grading.starters import starter

    return starter(shape)
