"""The answers to an exercise, still to be filled in."""

from math import prod
from typing import Any

from gradgrade.oracle.nested import build
from gradgrade.problems.documents.exercise import Exercise


def blank_answers(exercise: Exercise) -> dict[str, Any]:
    """Return an answers document in the right shapes, with None in every place.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> blank_answers(exercise)["answers"]["dW1"]
    [[None]]
    """
    return {
        "schema": "gradgrade/answers/1",
        "exercise": exercise.id,
        "answers": {part.name: _nulls(tuple(part.shape)) for part in exercise.ask},
    }


def _nulls(shape: tuple[int, ...]) -> Any:
    return build([None] * prod(shape), shape)
