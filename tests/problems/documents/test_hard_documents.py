"""Documents at the edge of what is accepted are answered at once, and rightly."""

import json
import time

import pytest

from gradgrade.problems import DocumentError, Exercise, ProblemSet, generate, grade
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.tolerance import RelativeTolerance
from tests.strategies import dense, variant

QUICK = 1.0


def test_a_zero_with_a_huge_exponent_costs_nothing():
    start = time.perf_counter()
    tolerance = RelativeTolerance(relative=Number("0e999999999"), absolute=Number("0"))
    numerator, _ = tolerance.rule().band((1, 1))
    assert numerator == 0
    assert time.perf_counter() - start < QUICK


@pytest.mark.parametrize("power", range(-11, 2))
def test_significant_digits_of_a_power_of_ten_are_counted_from_its_own_digit(power):
    weight = f"1e{power}"
    exercise = variant(
        inputs=1,
        layers=[dense(1, bias="none")],
        given={"W1": [[float(weight)]], "x": [[1]], "y": [[0]]},
        arithmetic="decimal",
        batch=1,
        ask=["z1"],
        tolerance={"significant": 2},
    )
    assert grade(exercise, {"z1": [[1.08 * float(weight)]]}).outcome == "correct"
    assert grade(exercise, {"z1": [[1.11 * float(weight)]]}).outcome == "incorrect"


@pytest.mark.parametrize("samples", [5, [1], [[1]]])
def test_samples_that_no_iteration_draws_are_refused_by_name(samples):
    with pytest.raises(DocumentError, match=r"given\.samples: there is no such array"):
        variant(layers=[dense(1)], given={"samples": samples})


def test_givens_are_counted_before_anything_is_derived():
    document = json.loads(variant(layers=[dense(1)], batch=1).to_json())
    pooling = {"type": "max_pooling", "size": [2, 2], "stride": [1, 1]}
    document |= {"inputs": [1, 1000, 1000], "layers": [pooling], "given": {}}
    start = time.perf_counter()
    with pytest.raises(DocumentError, match=r"given\.x: 1000000 inputs of 1 samples are needed"):
        Exercise.from_json(json.dumps(document))
    assert time.perf_counter() - start < QUICK


@pytest.mark.parametrize("part", ["dW1", "gradients"])
def test_points_of_what_was_asked_before_are_refused_rather_than_lost(part):
    before = ["dW1"] if part == "dW1" else ["dW1", "db1"]
    document = {
        "schema": "gradgrade/problem-set/1",
        "name": "set",
        "exercises": [
            {
                "name": "exercise",
                "points": 4,
                "inputs": 1,
                "layers": [{"type": "dense", "units": 1}],
                "loss": {"name": "half_squared_error"},
                "optimizer": {"learning_rate": 0.1},
                "ask": [*before, {"name": part, "points": 3}, "loss"],
                "tolerance": {"decimals": 4},
            }
        ],
    }
    problem_set = ProblemSet.from_json(json.dumps(document))
    with pytest.raises(DocumentError, match=f'"{part}" is asked before'):
        generate(problem_set, "exercise", student="1", secret=b"0")
