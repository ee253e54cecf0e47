"""The shape `solve(exercise)`: a function from the exercise to the answers."""

from typing import Any

from ..answers import Findings, finding
from ..exercise import Exercise


def answer(module: Any, exercise: Exercise) -> tuple[Any, Findings]:
    """Return what the student's `solve` returns, and which givens it changed."""
    pristine = {name: array.copy() for name, array in exercise["given"].items()}
    # The function may put other arrays in their places: those that it was given are looked at.
    given = dict(exercise["given"])
    answers = module.solve(exercise)
    return answers, changed(pristine, given)


def changed(before: dict[str, Any], after: dict[str, Any]) -> Findings:
    """Return a finding for every array that is not what it was."""
    return [
        finding("input_changed", name)
        for name, array in before.items()
        if array.tobytes() != after[name].tobytes()
    ]
