"""Variants of programs as they are issued, with their right answers."""

from typing import Any

from gradgrade.problems import Exercise, generate, solve
from tests.problems.programs import set_of


def variant(text: str, student: str = "ada") -> Exercise:
    """A student's variant of a program that this states."""
    return generate(set_of(text), "program", student=student, secret=b"0")


def right(exercise: Exercise) -> dict[str, Any]:
    """The right answers to all that is asked, as doubles."""
    solution = solve(exercise)
    return {part.name: solution[part.name].float64 for part in exercise.ask}


def numbers(array: Any) -> Any:
    """An array of a document as numbers."""
    return [numbers(each) for each in array] if isinstance(array, list) else float(array.text)
