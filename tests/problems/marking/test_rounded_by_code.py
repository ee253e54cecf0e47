"""Code that rounds has decimals but for their last bits; a decimal beside them is another."""

from typing import Any

import numpy
import pytest

from gradgrade.problems import ProblemSet, generate, grade
from gradgrade.problems.documents.exercise import Exercise

SET = """
schema = "gradgrade/problem-set/1"
name = "rounded"
[[exercises]]
name = "a-line"
type = "program"
arrays = { x = [4] }
program = '''
y = log(x**2 + 0.5)
z = -x
L = sum(y * z)
'''
differentiate = "L"
draw = { x = [0.1, 3, 0.1] }
rounding = { significant = 4 }
ask = ["y", "z"]
"""
DOCUMENT = ProblemSet.from_toml(SET)


def answers(exercise: Exercise, rounded: Any) -> dict[str, Any]:
    x = numpy.array(exercise.givens()["x"], dtype=float)
    return {"y": rounded(numpy.log(rounded(rounded(x * x) + 0.5))), "z": -x}


def by_units(values: Any) -> Any:
    """To four significant digits, as round(z / u) * u: 0.010049999999999998, say."""
    units = 10.0 ** (numpy.floor(numpy.log10(numpy.abs(values))) - 3)
    return numpy.round(values / units) * units


@pytest.mark.parametrize("student", list(map(str, range(30))))
def test_what_code_rounds_is_right_to_its_last_bits(student):
    exercise = generate(DOCUMENT, "a-line", student=student, secret=b"0")
    found = {name: each.tolist() for name, each in answers(exercise, by_units).items()}
    assert grade(exercise, found).outcome == "correct"
    up = {name: numpy.nextafter(each, numpy.inf).tolist() for name, each in found.items()}
    assert grade(exercise, up).outcome == "correct"


@pytest.mark.parametrize("student", list(map(str, range(30))))
def test_a_unit_beside_what_was_reached_is_wrong(student):
    exercise = generate(DOCUMENT, "a-line", student=student, secret=b"0")
    right = answers(exercise, by_units)
    # Nothing is rounded on the way to z.
    right["z"] = right["z"] + 1e-13
    found = {name: each.tolist() for name, each in right.items()}
    assert grade(exercise, found).outcome == "partial"
