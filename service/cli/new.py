"""`gradgrade new`."""

import re
from importlib.resources import files
from pathlib import Path

import rich_click as click

from gradgrade.service.cli.errors import BadInput
from gradgrade.service.cli.options import SHAPES
from gradgrade.service.cli.reading import read_problem_set
from gradgrade.service.cli.writing import write

NAME = "my-problem-set"
"""What the starter calls itself."""


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("exercise", metavar="[EXERCISE]", required=False)
@click.option(
    "--code",
    "code",
    metavar="SHAPE|SET",
    help="Write what a student starts from instead: a program of this shape "
    f"({', '.join(SHAPES)}), or what the script of a set's EXERCISE uses.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE where it exists.")
def new(path: Path, exercise: str | None, code: str | None, force: bool) -> None:
    """Write a commented problem set to start from, or a program.

    gradgrade new student.py --code SET EXERCISE writes the file that the exercise's script uses,
    with everything in it still to do; where one exercise alone of the set has a script, EXERCISE
    can be left out.
    """
    if path.exists() and not force:
        raise BadInput(f"{path}: there is such a file already (--force overwrites it)")
    if code is None and exercise is not None:
        raise BadInput(f"{exercise}: an exercise is of a set; write --code SET {exercise}")
    write(path, _problem_set(path.stem) if code is None else _program(code, exercise))
    click.echo(f"wrote {path}")


def _problem_set(stem: str) -> str:
    """Return the starter, called what the file is called where a set can be called so."""
    text = (files(__package__) / "starter.toml").read_text("utf-8")
    name = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")
    return text.replace(f'"{NAME}"', f'"{name}"') if name else text


def _program(code: str, exercise: str | None) -> str:
    from gradgrade.problems import generate
    from gradgrade.problems.scripts.starter import starter_of
    from gradgrade.service.code_grading.starters import starter

    if code in SHAPES and exercise is None:
        return starter(code)
    problem_set = read_problem_set(code)
    scripted = [each.name for each in problem_set.exercises if each.code is not None]
    name = exercise or _only(scripted, code)
    if problem_set.exercise(name).code is None:
        listed = ", ".join(scripted) or "none"
        raise BadInput(f"{code}: exercise {name!r} has no script; those that have one: {listed}")
    return starter_of(generate(problem_set, name, student="1", secret=b"starter"))


def _only(scripted: list[str], code: str) -> str:
    if len(scripted) != 1:
        listed = ", ".join(scripted) or "none"
        raise BadInput(f"{code}: name the exercise; those with a script: {listed}")
    return scripted[0]
