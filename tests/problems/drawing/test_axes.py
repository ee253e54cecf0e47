"""Axes are called as the drawing calls what stands on them."""

import json

import pytest

from gradgrade.problems import ProblemSet, generate
from gradgrade.problems.drawing.networks.axes import axes
from gradgrade.problems.drawing.networks.network import network_scene
from gradgrade.problems.drawing.text import in_characters, plain


def made(**fields):
    exercise = {
        "name": "e",
        "inputs": 3,
        "layers": [
            {"type": "dense", "units": 4, "activation": "tanh"},
            {"type": "dense", "units": 2},
        ],
        "loss": "half_squared_error",
        "optimizer": "sgd",
        "learning_rate": 0.1,
        "ask": "all",
        **fields,
    }
    data = {"schema": "gradgrade/problem-set/1", "name": "s", "exercises": [exercise]}
    return generate(ProblemSet.from_json(json.dumps(data)), "e", student="1", secret=b"0")


def names(exercise, name: str) -> list[list[str] | str]:
    derivation = exercise.derivation()
    quantity = derivation.given.get(name) or derivation.find(name)
    found = axes(exercise, quantity)
    return [list(map(in_characters, each.names)) or each.kind for each in found]


INPUTS, HIDDEN, OUTPUTS = ["x₁", "x₂", "x₃"], ["h₁", "h₂", "h₃", "h₄"], ["o₁", "o₂"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", [INPUTS, "samples"]),
        ("y", [["y₁", "y₂"], "samples"]),
        ("W1", [HIDDEN, INPUTS]),
        ("dW2", [OUTPUTS, HIDDEN]),
        ("W2_new", [OUTPUTS, HIDDEN]),
        ("b1", [HIDDEN]),
        ("db2", [OUTPUTS]),
        ("delta1", [HIDDEN, "samples"]),
        ("dx", [INPUTS, "samples"]),
        ("loss", []),
    ],
)
def test_each_axis_has_the_names_of_its_units(name, expected):
    assert names(made(batch=2), name) == expected
    assert names(made(batch=2, convention="row"), name) == expected[::-1]


def test_the_names_are_those_on_the_drawing():
    exercise = made()
    drawn = {
        plain(line)
        for column in network_scene(exercise).columns
        for node in column.nodes
        for line in node.lines
    }
    derivation = exercise.derivation()
    for name in ("W1", "W2"):
        for axis in axes(exercise, derivation.given[name]):
            assert {plain(each) for each in axis.names} <= drawn


def test_a_bias_as_a_column_of_ones_is_called_one():
    ones = [{"type": "dense", "units": 2, "bias": "ones"}]
    assert names(made(layers=ones), "dW1") == [OUTPUTS, [*INPUTS, "1"]]


def test_what_is_drawn_as_a_box_has_no_names():
    layers = [
        {"type": "recurrent", "units": 2},
        {"type": "last_step"},
        {"type": "dense", "units": 2},
    ]
    exercise = made(inputs=[2, 3], layers=layers)
    assert names(exercise, "dWxh_1") == ["entries", "entries"]
    assert names(exercise, "x") == ["entries", "entries", "samples"]
    assert names(exercise, "dW3") == [OUTPUTS, "entries"]
