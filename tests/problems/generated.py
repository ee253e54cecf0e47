"""Variants of one exercise, as tests of how they are drawn and issued ask for them."""

from typing import Any

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, ProblemSet, generate
from gradgrade.problems.documents.number import Number
from gradgrade.problems.generate import Search
from gradgrade.problems.templates.template import Template
from tests.strategies import dense

GATED = {
    "layers": [dense(4, "relu"), dense(2)],
    "batch": 2,
    "tolerance": "auto",
    "ask": ["gradients", "updates"],
}
"""An exercise with gates that some draws do not pass."""


def generated(problem_set: ProblemSet, **arguments: Any) -> Exercise:
    """The variant of a set's exercise, of the first student where no other is named."""
    defaults = {"student": "1", "secret": b"0"}
    return generate(problem_set, "exercise", **(defaults | arguments))


def numbers(exercise: Exercise, name: str) -> list[Number]:
    """What a variant gives for an array, entry by entry."""
    return list(flatten(exercise.given[name]))


def searches(template: Template, count: int) -> list[Search]:
    """The searches for as many students."""
    students = map(str, range(count))
    return [Search(template.key(student=each, secret=b"0", course="")) for each in students]
