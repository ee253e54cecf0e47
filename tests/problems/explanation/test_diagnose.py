"""A mistake is named where all answers bear it out; what is right speaks against it."""

from typing import Any

import numpy
import pytest

from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.verdict import PartVerdict
from gradgrade.problems.grade import Grader
from tests.catalogue import CATALOGUE
from tests.evidence.outside.grading import graded
from tests.examples import spread
from tests.problems.programs import set_of
from tests.problems.test_verdicts import by_mistake, named
from tests.strategies import dense, variant

EXERCISE = variant(
    inputs=3,
    layers=[dense(3, "sigmoid"), dense(2, "tanh")],
    loss={"name": "half_squared_error"},
    optimizer={"name": "sgd", "learning_rate": 0.5},
    batch=4,
    points=9,
    ask=["loss", "delta2", "delta1", "dW2", "db2", "dW1", "db1", "W1_new", "b1_new"],
    tolerance="auto",
)
ONCE_NAMED = [
    ("losses-and-activations", "huber"),
    ("layers-backward", "convolution-2d-backward"),
    ("convolution-and-sequences", "recurrent"),
]
"""Exercises in which a mistake makes most of a part 0, and not all of it."""

GRADER = Grader(EXERCISE)
RIGHT = {part.name: GRADER.solution[part.name].float64 for part in EXERCISE.ask}


def parts(answers: dict[str, Any]) -> dict[str, PartVerdict]:
    return {part.name: part for part in GRADER.grade(RIGHT | answers).parts}


@pytest.mark.parametrize("name", ["delta1", "dW2", "db2", "dW1", "db1"])
@pytest.mark.parametrize(
    ("reading", "factor"),
    [("a sign", -1), ("η, ½ or a half kept", 0.5), ("a two kept", 2), ("1/N once more", 0.25)],
)
def test_a_factor_in_one_part_alone_is_no_mistake_of_the_loss(
    name: str, reading: str, factor: float
):
    wrong = parts({name: (factor * numpy.array(RIGHT[name])).tolist()})[name]
    of_the_loss = {
        *("residual_sign", "half_not_cancelled", "two_not_cancelled"),
        *("mean_missing_in_gradient", "sum_for_mean", "mean_for_sum", "elements_for_samples"),
    }
    assert wrong.outcome == "incorrect"
    assert of_the_loss.isdisjoint(named(wrong)), reading


@pytest.mark.parametrize("code", ["residual_sign", "half_not_cancelled", "sum_for_mean"])
def test_a_factor_that_all_parts_show_is_named(code: str):
    graded = {part.name: part for part in GRADER.grade(by_mistake(EXERCISE, code)).parts}
    assert named(graded["delta2"]) == [code]


def test_a_right_entry_of_the_part_speaks_against_a_mistake_that_would_change_it():
    made = by_mistake(EXERCISE, "bias_gradient_averaged")
    averaged = {name: made[name] for name in ("db1", "b1_new")}
    mixed = {name: [*each[:1], *RIGHT[name][1:]] for name, each in averaged.items()}
    assert named(parts(averaged)["db1"]) == ["bias_gradient_averaged"]
    assert named(parts(mixed)["db1"]) == []


def test_what_follows_rightly_shows_no_mistake_of_its_own():
    zeros = {name: (0 * numpy.array(RIGHT[name])).tolist() for name in ("delta1", "dW1", "db1")}
    given = [[float(entry.text) for entry in row] for row in EXERCISE.given["W1"]]
    bias = [float(entry.text) for entry in EXERCISE.given["b1"]]
    wrong = parts({**zeros, "W1_new": given, "b1_new": bias})
    assert wrong["b1_new"].outcome == "incorrect"
    assert named(wrong["b1_new"]) == []


def test_a_mistake_in_one_layer_alone_is_not_named_where_another_is_wrong_otherwise():
    halves = {
        name: (numpy.array(RIGHT[name]) / count).tolist()
        for name, count in (("dW2", 4), ("dW1", 3))
    }
    assert named(parts({"dW2": halves["dW2"]})["dW2"]) == ["weight_gradient_averaged"]
    assert named(parts(halves)["dW2"]) == []


@pytest.mark.parametrize(
    "where",
    [("first-steps", "relu"), ("first-steps", "tanh-rows"), ("losses-and-activations", "huber")],
)
def test_mistakes_outside_the_catalogue_are_hardly_ever_named(where: tuple[str, str]):
    told = [each for each in graded(*where, "1") if each.is_told]
    assert len(told) > 40
    assert [(each.kind, each.belied_names) for each in told if each.belied_names] == []
    assert sum(bool(each.wrong_names) for each in told) <= 0.02 * len(told)


@pytest.mark.parametrize(("problem_set", "name"), [*spread(CATALOGUE), *ONCE_NAMED])
def test_zeros_are_no_evidence_for_a_mistake_and_earn_nothing_by_following(
    problem_set: str, name: str
):
    exercise = generate(load(problem_set), name, student="1", secret=b"0")
    zeros = {part.name: numpy.zeros(tuple(part.shape)).tolist() for part in exercise.ask}
    for part in Grader(exercise).grade(zeros).parts:
        assert named(part) == []
        assert part.outcome in ("correct", "incorrect")


def test_of_places_that_come_to_the_same_that_is_told_where_something_arrives():
    stated = """
arrays = { a = [], b = [] }
program = '''
m = maximum(0, b - a)
e = b - a
f = e**3 + m
'''
differentiate = "f"
given = { a = 1.5, b = 0.25 }
ask = ["f", "da"]
"""
    exercise = generate(set_of(stated), "program", student="ada", secret=b"0")
    verdict = Grader(exercise).grade({"f": (0.25 - 1.5) ** 3, "da": 3 * (0.25 - 1.5) ** 2})
    (wrong,) = (part for part in verdict.parts if part.outcome != "correct")
    assert [each.title for each in wrong.misconceptions] == [
        "Minus sign of a subtraction lost in line 2"
    ]
