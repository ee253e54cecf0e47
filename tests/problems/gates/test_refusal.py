"""A refusal names the part, its share of the draws, and advice that helps."""

import re
from typing import Any

import pytest

from gradgrade.problems import Exercise, ExerciseError, ProblemSet, generate
from tests.problems.documents.structures.issued import variant
from tests.strategies import dense, problem_set

SMALL = {
    "inputs": 2,
    "layers": [dense(3, "tanh", "none"), dense(2)],
    "ask": ["gradients"],
    "tolerance": "auto",
    "arithmetic": "decimal",
}
POSITIVE = {"low": 0.5, "high": 1, "step": 0.1}


def issued(**fields: Any) -> Exercise:
    return generate(problem_set(**(SMALL | fields)), "exercise", student="1", secret=b"refusal")


def refused(**fields: Any) -> str:
    with pytest.raises(ExerciseError) as refusal:
        issued(**fields)
    message = str(refusal.value)
    assert "\n" not in message
    return message


def test_a_refusal_names_the_parts_at_fault_and_their_share_of_the_draws():
    message = refused(tolerance={"decimals": 0})
    assert re.search(r"passed_by_zeros: zeros would pass for a whole part: dW[12] in \d+%", message)
    assert re.search(r"in \d+% of the draws; draw larger numbers", message)


@pytest.mark.parametrize(
    ("field", "kind", "digits"),
    [
        ("rounding", "decimals", 1),
        ("rounding", "significant", 1),
        ("tolerance", "decimals", 0),
        ("tolerance", "significant", 1),
    ],
)
def test_the_digits_that_a_refusal_names_can_be_issued(field, kind, digits):
    message = refused(**{field: {kind: digits}})
    stated = rf"With `{field} = {{ {kind} = (\d) }}`, (\d+) of 64 draws could be issued$"
    found = re.search(stated, message)
    assert found is not None, message
    more, share = map(int, found.groups())
    assert more in (digits + 1, digits + 2)
    assert 0 < share <= 64
    assert issued(**{field: {kind: more}}).ask


def test_where_no_digits_are_stated_none_are_suggested():
    message = refused(
        layers=[dense(4, "relu", "none")],
        draw={"weights": {"low": -1, "high": -0.5, "step": 0.1}, "inputs": POSITIVE},
        ask=["dW1"],
    )
    assert "dead_units: most units of a ReLU layer are off for every sample: a1 in 100%" in message
    assert "could be issued" not in message


def test_a_refusal_for_what_cannot_be_proven_tells_what_and_no_part():
    message = refused(
        layers=[dense(1, "relu", "none")],
        inputs=1,
        ask=["dW1"],
        draw={"weights": {"low": 0, "high": 0, "step": 1}},
    )
    assert "kink" in message
    assert "of the draws" in message


PROGRAM = """
schema = "gradgrade/problem-set/1"
name = "values"
[[exercises]]
name = "exercise"
type = "program"
arrays = { x = [12] }
program = "L = sum(LINE)"
differentiate = "L"
ask = ["dx"]
"""


@pytest.mark.parametrize("line", ["log(x)", "sqrt(x)", "x**3.5", "log(x - 1)"])
def test_where_negative_numbers_have_no_value_the_advice_is_to_draw_positive_ones(line):
    exercises = ProblemSet.from_text(PROGRAM.replace("LINE", line).encode())
    with pytest.raises(ExerciseError, match="of the draws; draw from positive ranges: a logarithm"):
        generate(exercises, "exercise", student="1", secret=b"refusal")


def test_where_a_quotient_divides_by_zero_the_advice_is_to_draw_without_it():
    exercises = ProblemSet.from_text(PROGRAM.replace("LINE", "1 / (x * 0)").encode())
    with pytest.raises(ExerciseError, match="draw from ranges without 0"):
        generate(exercises, "exercise", student="1", secret=b"refusal")


MASKED = """
arrays = {{ S = [3, 3], M = {{ shape = [3, 3], mask = true }} }}
given = {{ M = [[1, 0, 0], [1, 1, 0], [1, 1, 1]] }}
program = '''
{program}
L = sum(P**2)
'''
differentiate = "L"
ask = ["dS"]
{more}
"""


@pytest.mark.parametrize(
    ("program", "masking"),
    [
        ("P = softmax(S + (1 - M) * -1e9)", "S + (1 - M) * -1e9"),
        ("P = softmax(-1e9 * (1.0 - M) + S)", "-1e9 * (1.0 - M) + S"),
        ("P = softmax(S - 1e9 * (1 - M))", "S - 1e9 * (1 - M)"),
        ("Z = S + (1 - M) * -1e9\nP = softmax(Z)", "S + (1 - M) * -1e9"),
    ],
)
def test_a_mask_of_large_numbers_is_told_how_it_is_written(program, masking):
    more = "rounding = { decimals = 4 }"
    with pytest.raises(ExerciseError) as refusal:
        variant(MASKED.format(program=program, more=more))
    instead = "softmax(where(M, S, -inf))"
    said = f"; what {masking} masks is tiny after softmax, 0 in code alone: write {instead}"
    assert said in str(refusal.value)
    assert variant(MASKED.format(program=f"P = {instead}", more=more)).ask


def test_a_softmax_without_a_mask_is_told_of_none():
    more = "tolerance = { decimals = 0 }"
    with pytest.raises(ExerciseError) as refusal:
        variant(MASKED.format(program="P = softmax(S + (1 - M) * -1)", more=more))
    assert "where" not in str(refusal.value)
