"""What is rightly continued is carried, equalities too; what is copied for want of work is not."""

from typing import Any

import numpy
import pytest

from gradgrade.oracle.nested import flatten
from gradgrade.problems import solve
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.verdict import PartVerdict, Verdict
from gradgrade.problems.grade import Grader
from tests.evidence.slips import graded_slips, slips
from tests.strategies import dense, variant

IMAGE = {"type": "convolution", "filters": 1, "kernel": [2, 2], "activation": "tanh"}

EQUALITIES: dict[str, dict[str, Any]] = {
    "the bias gradient of one sample": {
        "layers": [dense(3, "tanh"), dense(2)],
        "ask": ["delta1", "db1", "delta2", "db2"],
        "batch": 1,
    },
    "the activation of an identity layer": {
        "layers": [dense(3), dense(2)],
        "ask": ["z1", "a1", "da1", "delta1", "z2", "a2", "delta2", "db2"],
        "batch": 2,
    },
    "a flattened image": {
        "inputs": [1, 3, 3],
        "layers": [IMAGE, {"type": "flatten"}, dense(2)],
        "ask": ["a1", "a2", "da2", "da1", "z3"],
    },
    "the last step of one": {
        "inputs": [1, 2],
        "layers": [{"type": "recurrent", "units": 2}, {"type": "last_step"}, dense(2)],
        "ask": ["a1", "a2", "da2", "da1", "z3"],
    },
    "dropout that keeps all": {
        "layers": [dense(3, "tanh"), {"type": "dropout", "rate": 0}, dense(2)],
        "ask": ["a1", "a2", "da2", "da1", "z3"],
    },
    "windows of one entry": {
        "inputs": [1, 3, 3],
        "layers": [
            IMAGE,
            {"type": "average_pooling", "size": [1, 1], "stride": [1, 1]},
            {"type": "max_pooling", "size": [1, 1], "stride": [1, 1]},
            {"type": "flatten"},
            dense(2),
        ],
        "ask": ["a1", "a2", "a3", "a4", "da4", "da3", "da2", "da1"],
    },
    "a shared bias of one unit": {
        "layers": [dense(3, "tanh"), dense(1, "identity", "shared")],
        "ask": ["delta2", "db2", "delta1"],
        "batch": 1,
    },
    "the parameters of the next iteration": {
        "layers": [dense(2, "tanh"), dense(1)],
        "ask": ["W1_new@1", "b1_new@1", "z1@2", "a1@2", "dW1@2"],
        "iterations": 2,
    },
    "a convolution with kernels of one entry": {
        "inputs": [1, 2, 2],
        "layers": [IMAGE | {"kernel": [1, 1], "activation": "identity"}, {"type": "flatten"}],
        "ask": ["z1", "a1", "da1", "delta1", "db1", "dx"],
    },
}


@pytest.mark.parametrize("name", EQUALITIES)
def test_a_slip_before_a_step_that_is_an_equality_is_carried_through_it(name):
    exercise = variant(tolerance="auto", **({"batch": 2} | EQUALITIES[name]))
    found = graded_slips(exercise)
    assert found.made == len(exercise.ask)
    assert found.followed > 0
    assert found.not_carried == []


@pytest.mark.parametrize(
    ("problem_set", "name"),
    [
        ("first-steps", "one-neuron"),
        ("depth", "vanishing-gradients"),
        ("losses-and-activations", "huber"),
        ("convolution-and-sequences", load("convolution-and-sequences").exercises[0].name),
    ],
)
def test_a_single_slip_that_is_rightly_continued_is_carried_to_the_end(problem_set, name):
    found = slips(problem_set, name, "1")
    assert found.followed > found.made / 2
    assert found.not_carried == []


def test_entries_that_follow_are_told_as_such_and_not_against_the_truth():
    exercise = variant(
        layers=[dense(3, "tanh"), dense(2)], batch=1, ask=["delta1", "db1"], tolerance="auto"
    )
    wrong = (numpy.array(solve(exercise)["delta1"].float64) * [[1.5], [1.25], [1.5]]).tolist()
    verdict = Grader(exercise).grade({"delta1": wrong, "db1": flatten(wrong)})
    assert part(verdict, "db1").outcome == "carried_forward"
    assert part(verdict, "db1").entries == ["follows"] * 3


def test_a_value_that_is_copied_on_where_there_is_work_is_not_carried():
    exercise = variant(
        layers=[dense(3, "tanh"), dense(2)], batch=2, ask=["da1", "delta1"], tolerance="auto"
    )
    wrong = (numpy.array(solve(exercise)["da1"].float64) * 1.37).tolist()
    verdict = Grader(exercise).grade({"da1": wrong, "delta1": wrong})
    assert part(verdict, "delta1").outcome == "incorrect"


def part(verdict: Verdict, name: str) -> PartVerdict:
    """One part of a verdict."""
    return next(each for each in verdict.parts if each.name == name)
