"""Programs in which numbers are moved, and masks widen what they mask: mistakes are made there."""

from math import prod

import pytest

from gradgrade.oracle.nested import build
from gradgrade.problems import ProblemSet, generate, grade, solve

ODD = {
    "a number transposed": ({"x": [2]}, "f = sum(x * transpose(2))"),
    "a number reshaped": ({"x": [2]}, "f = sum(x * reshape(2, (1,)))"),
    "a number chosen": ({"x": [2]}, "f = sum(where(x > 0, x, reshape(0.5, (1,))))"),
    "entries of a number": ({"x": [2]}, "f = sum(x * (2)[()])"),
    "a number masked": (
        {"w": [], "m": {"shape": [3], "mask": True}, "x": [3]},
        "g = softmax(where(m, w, -inf), axis=0)\nf = sum(g * x)",
    ),
    "a vector masked by rows": (
        {"x": [3], "m": {"shape": [2, 3], "mask": True}},
        "g = softmax(where(m, x, -inf), axis=1)\nf = sum(g * g)",
    ),
    "an axis of one gained": (
        {"a": [1, 3], "d": [3]},
        "g = softmax(where(a > 0.25, d, -inf))\nf = sum(g * g * a)",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_wrong_answers_are_graded(name):
    arrays, program = ODD[name]
    definition = {
        "name": "odd",
        "type": "program",
        "arrays": arrays,
        "program": program,
        "differentiate": "f",
        "ask": ["f", "gradients"],
    }
    data = {"schema": "gradgrade/problem-set/1", "name": "odd", "exercises": [definition]}
    exercise = generate(ProblemSet.from_data(data), "odd", student="1", secret=b"0")
    solution = solve(exercise)
    right = {part.name: solution[part.name].float64 for part in exercise.ask}
    assert grade(exercise, right).outcome == "correct"
    for part in exercise.ask:
        wrong = right | {part.name: build([7.25] * prod(part.shape), tuple(part.shape))}
        assert grade(exercise, wrong).outcome == "partial"
