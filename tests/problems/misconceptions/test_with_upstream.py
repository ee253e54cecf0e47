"""Slips of a layer's backward pass, worked by numpy from an upstream gradient, are named."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradgrade.problems import Exercise, ProblemSet, generate, grade

SET = """
schema = "gradgrade/problem-set/1"
name = "layers"
[[exercises]]
name = "layer"
inputs = 3
layers = [{ type = "dense", units = 2, activation = "tanh" }]
upstream = true
batch = 4
convention = "row"
ask = ["a1", "dW1", "db1", "dx"]
"""


def answers(
    exercise: Exercise,
    *,
    local: Callable[[Any], Any] = lambda a: 1 - a**2,
    weights: Callable[[Any], Any] = lambda dW: dW,
    biases: Callable[[Any], Any] = lambda delta: delta.sum(axis=0),
) -> dict[str, Any]:
    """What a hand-written layer makes, with a slip where one is given."""
    x, W, b, dout = (
        np.array(exercise.to_data()["given"][name], dtype=object).astype(str).astype(float)
        for name in ("x", "W1", "b1", "da1")
    )
    a = np.tanh(x @ W + b)
    delta = dout * local(a)
    return {"a1": a, "dW1": weights(x.T @ delta), "db1": biases(delta), "dx": delta @ W.T}


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return generate(ProblemSet.from_toml(SET), "layer", student="1", secret=b"0")


def test_without_a_slip_all_is_right(exercise: Exercise):
    assert grade(exercise, answers(exercise)).outcome == "correct"


@pytest.mark.parametrize(
    ("slip", "part", "code"),
    [
        ({"biases": lambda delta: delta.mean(axis=0)}, "db1", "bias_gradient_averaged"),
        ({"biases": lambda delta: delta[0]}, "db1", "bias_gradient_of_first_sample"),
        ({"biases": lambda delta: -delta.sum(axis=0)}, "db1", "bias_gradient_sign"),
        ({"weights": lambda dW: dW / 4}, "dW1", "weight_gradient_averaged"),
        ({"local": np.ones_like}, "dW1", "activation_derivative_missing"),
        ({"local": lambda a: 1 - a}, "dW1", "tanh_derivative_not_squared"),
    ],
)
def test_a_slip_is_named(exercise: Exercise, slip: Any, part: str, code: str):
    verdict = grade(exercise, answers(exercise, **slip))
    found = next(each for each in verdict.parts if each.name == part)
    assert code in [each.code for each in found.misconceptions]
