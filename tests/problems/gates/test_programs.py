"""No variant of a program is issued that its own point's mistake would pass."""

from typing import Any

import numpy
import pytest

from gradgrade.problems import Exercise, ProblemSet, generate, grade
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.templates.template import compile_template

SET = """
schema = "gradgrade/problem-set/1"
name = "points"

[[exercises]]
name = "dropout"
type = "program"
arrays = { X = [3, 4], W1 = [2, 3], D1 = { shape = [2, 4], mask = true } }
program = '''
Z1 = W1 @ X
A1 = relu(Z1)
out = A1 * D1
'''
upstream = "out"
ask = ["out", "dA1", "dZ1", "dW1"]

[[exercises]]
name = "three-uses"
type = "program"
arrays = { x = [], y = [], w = [] }
program = '''
a = x * y
b = np.sin(a) + w
c = a * b
L = c**2 + a
'''
differentiate = "L"
rounding = { decimals = 3 }
ask = ["a", "b", "c", "L", "dc", "db", "da", "dw", "dx", "dy"]
"""
POINTS = ProblemSet.from_toml(SET)
STUDENTS = list(map(str, range(40)))


def given(exercise: Exercise) -> dict[str, Any]:
    return {name: numpy.array(each, dtype=float) for name, each in exercise.givens().items()}


def dropped(exercise: Exercise, *, forgets: str = "") -> dict[str, Any]:
    """Answers to the one with a mask; who forgets leaves out ReLU's derivative, or the mask."""
    g = given(exercise)
    mask = 1 if forgets == "mask" else g["D1"]
    z = g["W1"] @ g["X"]
    a = numpy.maximum(z, 0)
    da = g["dout"] * mask
    dz = da * (1 if forgets == "derivative" else z > 0)
    return {"out": a * mask, "dA1": da, "dZ1": dz, "dW1": dz @ g["X"].T}


def used_three_times(
    exercise: Exercise, *, forgotten: int | None = None, forgets_cosine: bool = False
) -> dict[str, Any]:
    """Answers to the other; a path of a may be forgotten: by sine, by the product, by the sum."""
    x, y, w = (float(given(exercise)[name]) for name in "xyw")
    a = x * y
    b = numpy.sin(a) + w
    c = a * b
    dc = 2 * c
    db = dc * a
    paths = [db * (1 if forgets_cosine else numpy.cos(a)), dc * b, 1.0]
    da = sum(each for place, each in enumerate(paths) if place != forgotten)
    values = {"a": a, "b": b, "c": c, "L": c**2 + a, "dc": dc, "db": db, "da": da}
    return values | {"dw": db, "dx": da * y, "dy": da * x}


def outcome(exercise: Exercise, answers: dict[str, Any]) -> str:
    lists = {name: numpy.asarray(each).tolist() for name, each in answers.items()}
    return str(grade(exercise, lists).outcome)


@pytest.mark.parametrize("student", STUDENTS)
def test_relu_and_a_mask_are_told_apart_in_every_variant(student):
    exercise = generate(POINTS, "dropout", student=student, secret=b"0")
    assert outcome(exercise, dropped(exercise)) == "correct"
    for forgets in ("derivative", "mask"):
        assert outcome(exercise, dropped(exercise, forgets=forgets)) != "correct"


@pytest.mark.parametrize("student", STUDENTS)
def test_each_path_of_three_is_told_in_every_variant(student):
    exercise = generate(POINTS, "three-uses", student=student, secret=b"0")
    assert outcome(exercise, used_three_times(exercise)) == "correct"
    for path in range(3):
        assert outcome(exercise, used_three_times(exercise, forgotten=path)) != "correct"


@pytest.mark.parametrize("student", STUDENTS)
def test_the_derivative_of_a_function_is_told_in_every_variant(student):
    exercise = generate(POINTS, "three-uses", student=student, secret=b"0")
    assert outcome(exercise, used_three_times(exercise, forgets_cosine=True)) != "correct"


@pytest.mark.parametrize("name", ["dropout", "three-uses"])
def test_nothing_of_it_is_left_to_chance(name):
    findings = rules_of(compile_template(POINTS, name)).findings
    assert [each.subject for each in findings if each.kind in ("rare", "hidden")] == []
