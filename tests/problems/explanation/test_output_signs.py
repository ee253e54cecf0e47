"""Whoever keeps a = max(z, 0) alone passes back by its sign: from a wrong a, too, that follows."""

import json
from typing import Any

import numpy
import pytest

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.generate import ungated
from gradgrade.problems.grade import Grader
from tests.strategies import dense, variant

ASKED = ["a1", "dW2", "db2", "dW1", "db1"]
RESIDUAL = """
schema = "gradgrade/problem-set/1"
name = "residual"

[[exercises]]
name = "residual"
type = "program"
arrays = {{ x = [3, 2], W = [2, 2], b = [2] }}
program = '''
h = x @ W + b
out = {rectified}
'''
upstream = ["out"]
ask = ["out", "dh", "dW", "db"]
"""


def given(exercise: Exercise) -> dict[str, Any]:
    arrays = json.loads(exercise.to_json())["given"]
    return {name: numpy.array(value, dtype=float) for name, value in arrays.items()}


def outcomes(exercise: Exercise, answers: dict[str, Any]) -> dict[str, str]:
    submitted = {name: numpy.asarray(value).tolist() for name, value in answers.items()}
    return {part.name: part.outcome for part in Grader(exercise).grade(submitted).parts}


def two_layers(**more: Any) -> Exercise:
    """A network that asks for its outputs and gradients, and not for z."""
    return variant(
        layers=[dense(4, "relu"), dense(2)],
        inputs=3,
        batch=3,
        convention="row",
        loss={"name": "half_squared_error", "reduction": "mean"},
        ask=ASKED,
        tolerance="auto",
        **more,
    )


def layers_without_bias(exercise: Exercise) -> dict[str, Any]:
    """All gradients of two layers, but that the first one's bias was forgotten on the way there."""
    g = given(exercise)
    a = numpy.maximum(0, g["x"] @ g["W1"])
    d = (a @ g["W2"] + g["b2"] - g["y"]) / len(a)
    dz = (d @ g["W2"].T) * (a > 0)
    return {"a1": a, "dW2": a.T @ d, "db2": d.sum(0), "dW1": g["x"].T @ dz, "db1": dz.sum(0)}


@pytest.mark.parametrize("student", ["1", "2", "3"])
def test_the_gradients_of_a_network_follow_from_its_wrong_outputs(student):
    exercise = two_layers(student=student)
    found = outcomes(exercise, layers_without_bias(exercise))
    assert found == {"a1": "incorrect"} | dict.fromkeys(ASKED[1:], "carried_forward")


def shows_signs(exercise: Exercise) -> bool:
    """Whether a unit is on, or off, only for who leaves out what the block lets pass."""
    g = given(exercise)
    h = g["x"] @ g["W"] + g["b"]
    return bool(((h > 0) != (h + g["x"] > 0)).any())


@pytest.mark.parametrize("rectified", ["np.maximum(0, h + x)", "relu(h + x)", "maximum(h + x, 0)"])
def test_the_gradients_of_a_program_follow_from_its_wrong_outputs(rectified):
    document = ProblemSet.from_toml(RESIDUAL.format(rectified=rectified))
    students = map(str, range(1, 100))
    drawn = (ungated(document, "residual", student=each, secret=b"0") for each in students)
    exercise = next(each for each in drawn if shows_signs(each))
    g = given(exercise)
    out = numpy.maximum(0, g["x"] @ g["W"] + g["b"])
    dh = g["dout"] * (out > 0)
    answers = {"out": out, "dh": dh, "dW": g["x"].T @ dh, "db": dh.sum(0)}
    assert outcomes(exercise, answers) == {"out": "incorrect"} | dict.fromkeys(
        ("dh", "dW", "db"), "carried_forward"
    )


def test_what_does_not_follow_by_the_signs_either_is_wrong():
    exercise = two_layers()
    answers = layers_without_bias(exercise)
    answers["dW1"] = answers["dW1"] * 1.01
    assert outcomes(exercise, answers)["dW1"] == "incorrect"


@pytest.mark.parametrize("student", ["5", "6", "7"])
def test_what_is_rounded_by_hand_follows_too_and_a_0_of_it_is_none_that_was_rounded(student):
    exercise = two_layers(arithmetic="decimal", rounding={"decimals": 3}, student=student)
    rounded = {name: numpy.round(value, 3) for name, value in layers_without_bias(exercise).items()}
    found = outcomes(exercise, rounded)
    assert found["a1"] == "incorrect"
    assert {found["dW1"], found["db1"]} == {"carried_forward"}
