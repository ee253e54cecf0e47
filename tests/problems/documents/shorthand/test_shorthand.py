"""Shorthand is read, means what its long form means, and is written back in that."""

from typing import Any

import pytest
from hypothesis import given, settings

from gradgrade.problems import ProblemSet
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.shorthand import long_form
from tests.examples import examples
from tests.strategies import problem_sets

LONG = {
    "name": "two-layer",
    "inputs": 3,
    "layers": [
        {"type": "dense", "units": 4, "activation": "relu"},
        {"type": "dense", "units": 2},
    ],
    "loss": {"name": "half_squared_error"},
    "optimizer": {"name": "sgd", "learning_rate": 0.1},
    "ask": ["loss", "dW1"],
}


def one_set(exercise: dict[str, Any]) -> str:
    document = {"schema": "gradgrade/problem-set/1", "name": "week-3", "exercises": [exercise]}
    return strict_json.dumps(document)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ({"ask": "all"}, {"ask": ["all"]}),
        ({"ask": ["LOSS", "dw1", "Delta_2"]}, {"ask": ["loss", "dW1", "delta2"]}),
        ({"ask": [{"name": "DB2", "points": 1}]}, {"ask": [{"name": "db2", "points": 1}]}),
        ({"loss": "half_squared_error"}, {"loss": {"name": "half_squared_error"}}),
        ({"loss": "Half-Squared-Error"}, {"loss": {"name": "half_squared_error"}}),
        ({"loss": "RMSE"}, {"loss": {"name": "root_mean_squared_error"}}),
        (
            {"optimizer": "SGD", "learning_rate": 0.2},
            {"optimizer": {"name": "sgd", "learning_rate": 0.2}},
        ),
        (
            {"optimizer": "AdamW", "learning_rate": 0.2, "beta1": 0.8, "schedule": "constant"},
            {
                "optimizer": {
                    "name": "adamw",
                    "learning_rate": 0.2,
                    "beta1": 0.8,
                    "schedule": {"name": "constant"},
                }
            },
        ),
        ({"tolerance": 1e-6}, {"tolerance": {"relative": 1e-6, "absolute": 0}}),
        ({"tolerance": {"relative": 1e-6}}, {"tolerance": {"relative": 1e-6, "absolute": 0}}),
        ({"tolerance": {"absolute": 1e-6}}, {"tolerance": {"absolute": 1e-6, "relative": 0}}),
        ({"tolerance": "Auto"}, {"tolerance": "auto"}),
        ({"rounding": 4}, {"rounding": {"decimals": 4}}),
        (
            {"draw": {"weights": [-1, 1], "inputs": [0, 1, 0.5]}},
            {
                "draw": {
                    "weights": {"low": -1, "high": 1, "step": 0.05},
                    "inputs": {"low": 0, "high": 1, "step": 0.5},
                }
            },
        ),
        ({"draw": {"weights": "He"}}, {"draw": {"weights": {"initialization": "he"}}}),
        ({"freeze": "b1"}, {"freeze": ["b1"]}),
        ({"given": {"B1": [0, 0, 0, 0]}}, {"given": {"b1": [0, 0, 0, 0]}}),
        ({"convention": "Row"}, {"convention": "row"}),
        (
            {"layers": [{"type": "Linear", "units": 4, "activation": "Leaky-ReLU"}]},
            {"layers": [{"type": "dense", "units": 4, "activation": "leaky_relu"}]},
        ),
        (
            {"layers": [{"type": "dense", "units": 4, "activation": "linear"}]},
            {"layers": [{"type": "dense", "units": 4, "activation": "identity"}]},
        ),
    ],
    ids=lambda fields: str(fields)[:60],
)
def test_shorthand_is_the_same_set_and_is_written_in_its_long_form(short, long):
    base = dict(LONG)
    if isinstance(short.get("optimizer"), str):
        del base["optimizer"]
    read = ProblemSet.from_json(one_set(base | short))
    expected = ProblemSet.from_json(one_set(LONG | long))
    assert read == expected
    assert read.to_json() == expected.to_json()


def test_numbers_in_shorthand_keep_their_text():
    text = one_set(LONG | {"tolerance": 7}).replace('"tolerance": 7', '"tolerance": 1.0e-6')
    assert ProblemSet.from_json(text).exercises[0].tolerance.relative == Number("1.0e-6")


@given(problem_sets())
@settings(max_examples=examples(20))
def test_the_long_form_of_a_long_form_is_itself(problem_set):
    data = strict_json.loads(problem_set.to_json())
    assert long_form(data) == data


@pytest.mark.parametrize(
    "document",
    [None, [], 3, {"exercises": 3}, {"exercises": [3, None]}, {"exercises": [{"layers": 3}]}]
    + [
        {"exercises": [{field: value}]}
        for field in ("ask", "loss", "optimizer", "tolerance", "rounding", "draw", "given")
        for value in (None, True, [[]], {"weights": None})
        if not (field == "rounding" and value is None)
    ],
    ids=str,
)
def test_what_is_no_shorthand_is_left_for_the_models_to_refuse(document):
    assert long_form(document) == document


def test_two_arrays_that_would_become_one_are_left_as_they_are():
    exercise = {"given": {"W1": 1, "w1": 2}}
    assert long_form({"exercises": [exercise]}) == {"exercises": [exercise]}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ({"draw": {"x": [-1, 1]}}, {"draw": {"x": {"low": -1, "high": 1, "step": 0.1}}}),
        ({"draw": {"x": [0, 1, 0.5]}}, {"draw": {"x": {"low": 0, "high": 1, "step": 0.5}}}),
        ({"draw": {"default": [0, 2]}}, {"draw": {"default": {"low": 0, "high": 2, "step": 0.1}}}),
        (
            # As of any other array, whatever a network's are drawn with.
            {"arrays": {"weights": [2]}, "program": "q = weights", "draw": {"weights": [0, 1]}},
            {"draw": {"weights": {"low": 0, "high": 1, "step": 0.1}}},
        ),
        ({"upstream": "q"}, {"upstream": ["q"]}),
    ],
)
def test_short_forms_of_a_program_are_written_back_in_full(short, long):
    exercise = {
        **{"name": "a", "type": "program", "arrays": {"x": [2]}, "program": "q = x * x"},
        "ask": ["q"],
    }
    (written,) = ProblemSet.from_json(one_set(exercise | short)).to_data()["exercises"]
    assert {field: written[field] for field in long} == strict_json.loads(strict_json.dumps(long))


def test_the_names_of_a_programs_arrays_are_its_authors():
    exercise = {"type": "program", "ask": ["dw"], "given": {"w1": 1}}
    assert long_form({"exercises": [exercise]}) == {"exercises": [exercise]}


def test_a_set_in_toml_may_be_as_short_as_this():
    text = """
    schema = "gradgrade/problem-set/1"
    name = "short"
    [[exercises]]
    name = "e"
    inputs = 2
    layers = [{ type = "Dense", units = 2, activation = "ReLU" }]
    ask = "z1"
    """
    (exercise,) = ProblemSet.from_toml(text).exercises
    assert exercise.loss is None
    assert exercise.layers[0].activation == "relu"
