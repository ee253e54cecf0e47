"""Short bodies that would cost a careless reader much time or memory are answered at once."""

import json
from functools import cache
from time import perf_counter

import pytest

from gradgrade.service.app import create_app

QUICK = 2.0
"""Seconds, on a machine with other work to do; a careless reader takes many times as long."""


_app = cache(create_app)


def _status(body):
    client = _app().test_client()
    return client.post("/api/v1/grade", data=body, content_type="application/json").status_code


def test_half_a_surrogate_pair_as_a_key_is_a_400(request_text):
    assert _status(request_text.replace('"W1"', '"\\ud800"')) == 400


def test_an_unclosed_string_of_escaped_quotes_is_refused_at_once():
    start = perf_counter()
    assert _status('{"a": "' + '\\"' * 8000) == 400
    assert perf_counter() - start < QUICK


def test_a_duplicate_after_many_keys_is_refused_at_once():
    keys = ",".join(f'"{index}": 0' for index in range(8000))
    start = perf_counter()
    assert _status(f'{{{keys}, "a": 0, "a": 0}}') == 400
    assert perf_counter() - start < QUICK


def test_a_tolerance_of_a_million_decimals_is_answered_at_once(exercise):
    document = json.loads(exercise.to_json())
    for part in document["ask"]:
        part["tolerance"] = {"relative": 77, "absolute": 0}
    body = json.dumps({"exercise": document, "answers": {"loss": 1}})
    start = perf_counter()
    assert _status(body.replace("77", "1e-2000000")) == 422
    assert perf_counter() - start < QUICK


def test_a_value_that_is_too_small_to_write_out_is_graded(exercise):
    document = json.loads(exercise.to_json())
    document["given"]["x"] = [[1e300], [1e300]]
    assert _status(json.dumps({"exercise": document, "answers": {"loss": 1}})) == 200


@pytest.mark.parametrize("activation", ["sigmoid", "silu", "softplus", "tanh", "elu", "gelu"])
@pytest.mark.parametrize("power", [8, 10, 16, 18, 100, 150, 200, 300])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_pre_activation_however_large_is_answered_without_a_fault(activation, power, sign):
    layer = {"type": "dense", "units": 1, "activation": activation}
    parts = [("loss", []), ("dW1", [1, 1])]
    exercise = {
        "schema": "gradgrade/exercise/1",
        "id": "0" * 16,
        **{"problem_set": "far", "name": "far", "title": "Far away", "points": 2},
        **{"inputs": 1, "layers": [layer, layer], "loss": {"name": "half_squared_error"}},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        **{"iterations": 1, "batch": 1, "convention": "column", "arithmetic": "decimal"},
        "given": {
            **{"x": [[1]], "y": [[0.5]], "b1": [0], "b2": [0], "W2": [[1000]]},
            "W1": [[sign * 10.0**power]],
        },
        "ask": [
            {"name": name, "shape": shape, "points": 1, "tolerance": "auto"}
            for name, shape in parts
        ],
        "generator": "2",
    }
    answers = {"loss": 0.1, "dW1": [[0.2]]}
    assert _status(json.dumps({"exercise": exercise, "answers": answers})) in (200, 422)
