"""Reading documents from files and from standard input, which is called `-`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import rich_click as click

from gradgrade.service.cli.errors import BadInput

if TYPE_CHECKING:
    from gradgrade.problems import Exercise, ProblemSet

STANDARD_INPUT = "-"

SIGNS_OF_SET = (b"gradgrade/problem-set/1", b"[[exercises]]")
"""What a problem set holds and no exercise."""

SCHEMA_OF_EXERCISE = b'"schema": "gradgrade/exercise/1"'
"""How an exercise begins that was written here."""

T = TypeVar("T")


def read(path: str, parse: Callable[[bytes], T]) -> T:
    """Return what `parse` makes of a file; its refusals name the file.

    Raises:
        OSError: the file cannot be read.
        DocumentError: it is refused.
    """
    from gradgrade.problems import DocumentError

    if path == STANDARD_INPUT:
        place, raw = "standard input", _standard_input()
    else:
        place, raw = path, Path(path).read_bytes()
    try:
        return parse(raw)
    except DocumentError as error:
        raise error.within(place) from None


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise BadInput("standard input is closed")
    return sys.stdin.buffer.read()


def read_exercise(path: str) -> Exercise:
    """Return the exercise in a file; what is a problem set instead is told as one.

    Raises:
        OSError: the file cannot be read.
        DocumentError: it is no exercise.
        BadInput: there is no such file, and it is the name of a set of the catalogue.
    """
    from gradgrade.problems import DocumentError, Exercise, catalogue

    def parse(raw: bytes) -> Exercise:
        try:
            return Exercise.from_json(raw)
        except DocumentError:
            if not any(sign in raw for sign in SIGNS_OF_SET):
                raise
            raise DocumentError(_a_set(path)) from None

    try:
        return read(path, parse)
    except FileNotFoundError:
        if path not in catalogue.names():
            raise
        raise BadInput(f"{path}: {_a_set(path)}") from None


def _a_set(source: str) -> str:
    named = "FILE" if source == STANDARD_INPUT else shlex.quote(source)
    return (
        "this is a problem set, and one exercise of it is wanted, with a student's numbers: "
        f"gradgrade generate {named} --out FOLDER writes such files"
    )


def read_problem_set(source: str) -> ProblemSet:
    """Return the set of this name in the catalogue, or in the file of this name.

    Raises:
        OSError: the file cannot be read.
        DocumentError: it is no problem set.
        BadInput: there is neither.
    """
    from gradgrade.problems import DocumentError, ProblemSet, catalogue

    def parse(raw: bytes) -> ProblemSet:
        if SCHEMA_OF_EXERCISE in raw:
            raise DocumentError(
                "this is one exercise, with a student's numbers, and the problem set is wanted "
                "that it was generated from"
            )
        return ProblemSet.from_text(raw).with_scripts_of(folder_of(source))

    if source in catalogue.names():
        return catalogue.load(source)
    try:
        return read(source, parse)
    except FileNotFoundError:
        known = ", ".join(catalogue.names())
        raise BadInput(f"{source}: no such file, nor a set of the catalogue ({known})") from None


def folder_of(source: str) -> Path:
    """Return where the files stand that a set names: beside it."""
    return Path() if source == STANDARD_INPUT else Path(source).parent


def only_one_from_standard_input(**paths: str | None) -> None:
    """Refuse to read two documents from standard input."""
    if sum(path == STANDARD_INPUT for path in paths.values()) > 1:
        raise click.UsageError(f"only one of {' and '.join(paths)} can be standard input")
