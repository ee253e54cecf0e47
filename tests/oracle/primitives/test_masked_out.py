"""A number in the place of −∞ masks what is far above it, and is refused where it does not."""

from typing import Any

import numpy
import pytest

from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.proof.certify import CertifiedValues, certify
from gradgrade.problems import ProblemSet, generate, grade, solve
from tests.oracle.programs.compared import Program

ATTENTION = """
schema = "gradgrade/problem-set/1"
name = "masked"
[[exercises]]
name = "attention"
type = "program"
arrays = { Q = [3, 2], K = [3, 2], V = [3, 2], m = { shape = [3, 3], mask = true } }
program = '''
s = Q @ K.T / sqrt(2)
z = where(m, s, -1e9)
a = softmax(z)
out = a @ V
L = sum(out * out)
'''
differentiate = "L"
ask = ["a", "out", "L", "dz", "dQ", "dK", "dV"]
"""


def certified(text: str, **givens: Any) -> CertifiedValues:
    shapes = {name: numpy.shape(each) for name, each in givens.items()}
    program = Program(text, shapes)
    size = numpy.shape(program.graph.lines[-1].operation.shape)
    upstream = numpy.ones(program.graph.lines[-1].operation.shape).tolist() if size else 1
    return certify(program.derivation, givens | {"do": upstream}, digits=50)


@pytest.mark.parametrize("x", [[1, 1, -1], [-100_000, -2, -100_001], [1e8, 2e8, -1]])
@pytest.mark.parametrize(
    "text",
    ["o = softmax(where(x > -3, x, -1e9))", "z = where(x > -3, x, -1e9)\no = softmax(z)"],
)
def test_what_is_masked_weighs_nothing_as_numpy_has_it(x, text):
    z = numpy.where(numpy.array(x) > -3, x, -1e9)
    e = numpy.exp(z - z.max())
    numpy.testing.assert_allclose(certified(text, x=x)["o"].doubles, e / e.sum(), rtol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "z = -1e9 * x\no = softmax(where(x > 0, z, -1e9))",
        "y = -1e9 * x\nz = where(x > 0, y, -1e9)\no = softmax(z)",
        "z = -6e8 * x\no = softmax(where(x > 0, z, -1e9))",
    ],
)
def test_what_is_as_low_as_the_number_that_masks_has_no_value_and_says_what_to_write(text):
    with pytest.raises(UndefinedValue, match=r"^o is undefined: .* write -inf$"):
        certified(text, x=[1, 1, -1])


@pytest.mark.parametrize("student", ["1", "2", "3"])
def test_attention_that_is_masked_in_a_line_of_its_own_is_set_and_graded(student):
    exercise = generate(ProblemSet.from_toml(ATTENTION), "attention", student=student, secret=b"0")
    g = {name: numpy.array(each, dtype=float) for name, each in exercise.givens().items()}
    s = g["Q"] @ g["K"].T / numpy.sqrt(2)
    e = numpy.exp(numpy.where(g["m"], s, -1e9))
    a = e / e.sum(axis=1, keepdims=True)
    out = a @ g["V"]
    da = 2 * out @ g["V"].T
    dz = a * (da - (a * da).sum(axis=1, keepdims=True))
    ds = dz / numpy.sqrt(2)
    answers = {"a": a, "out": out, "L": (out * out).sum(), "dz": dz}
    answers |= {"dQ": ds @ g["K"], "dK": ds.T @ g["Q"], "dV": a.T @ (2 * out)}
    submitted = {name: numpy.asarray(each).tolist() for name, each in answers.items()}
    assert grade(exercise, submitted).outcome == "correct"
    assert solve(exercise).to_json()


def test_what_is_too_small_to_be_written_is_0_in_a_solution():
    values = certified("o = softmax(where(x > 0, x, -1e9) * 1)", x=[1, -1])
    assert values["o"].digits(3) == ["1.00", "0"]
    assert values["o"].doubles == [1.0, 0.0]
    assert values["o"].error_bound > 0
