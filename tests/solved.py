"""The right answers to exercises, each solved once in a session, whichever tests ask for it."""

from copy import deepcopy
from functools import lru_cache
from typing import Any

from gradgrade.problems import Exercise, solve

MOST = 500


def right_answers(exercise: Exercise) -> dict[str, Any]:
    """Return what full marks are given for; the caller's own, to be changed at will."""
    return deepcopy(_right_answers(exercise.to_json()))


@lru_cache(MOST)
def _right_answers(document: str) -> dict[str, Any]:
    exercise = Exercise.from_json(document)
    solution = solve(exercise)
    return {part.name: solution[part.name].float64 for part in exercise.ask}
