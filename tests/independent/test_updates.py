"""The interpreter's optimizers, their state, and schedules against steps worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.independent.compared import CONTEXT, assert_close, quotient
from tests.independent.exercises import make, network
from tests.independent.interpreter import interpret


def one_weight(iterations: int, **optimizer: Any) -> dict:
    """A weight of 1 that goes for 0, with a gradient that equals it."""
    return make(
        [{"type": "dense", "units": 1, "bias": "none"}],
        {"x": [[1]], "y": [[0]], "W1": [[1]]},
        optimizer={"learning_rate": "0.1"} | optimizer,
        iterations=iterations,
    )


ROOT = CONTEXT.sqrt


@pytest.mark.parametrize(
    ("optimizer", "first", "second"),
    [
        ({"name": "sgd"}, quotient(9, 10), quotient(81, 100)),
        ({"name": "momentum"}, quotient(9, 10), quotient(72, 100)),
        ({"name": "momentum", "momentum": "0.5"}, quotient(9, 10), quotient(76, 100)),
        ({"name": "nesterov"}, quotient(81, 100), quotient(5751, 10000)),
        (
            {"name": "adagrad", "epsilon": 0},
            quotient(9, 10),
            quotient(9, 10) - quotient(9, 100) / ROOT(quotient(181, 100)),
        ),
        (
            {"name": "rmsprop", "decay": "0.75", "epsilon": 0},
            quotient(8, 10),
            quotient(8, 10) - quotient(8, 100) / ROOT(quotient(3475, 10000)),
        ),
        (
            {"name": "adam", "epsilon": 0},
            quotient(9, 10),
            quotient(9, 10) - quotient(18, 190) / ROOT(quotient(1809, 1999)),
        ),
        (
            {"name": "adam"},
            1 - quotient(1, 10) / (1 + quotient(1, 10**8)),
            None,
        ),
        ({"name": "adamw", "epsilon": 0}, quotient(899, 1000), None),
    ],
)
def test_an_optimizer_takes_its_steps(optimizer, first, second):
    found = interpret(one_weight(2, **optimizer))
    assert_close(found["W1_new@1"], [[first]])
    assert_close(found["W1@2"], [[first]])
    if second is not None:
        assert_close(found["W1_new"], [[second]])


@pytest.mark.parametrize(
    ("optimizer", "defaults"),
    [
        ("momentum", {"momentum": "0.9"}),
        ("nesterov", {"momentum": "0.9"}),
        ("adagrad", {"epsilon": "1e-10"}),
        ("rmsprop", {"decay": "0.99", "epsilon": "1e-8"}),
        ("adam", {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"}),
        (
            "adamw",
            {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8", "weight_decay": "0.01"},
        ),
    ],
)
def test_a_setting_that_is_left_out_or_null_has_its_default(optimizer, defaults):
    stated = interpret(one_weight(2, name=optimizer, **defaults))
    assert interpret(one_weight(2, name=optimizer)) == stated
    assert interpret(one_weight(2, name=optimizer, **dict.fromkeys(defaults))) == stated


def test_state_is_named_by_its_letter_and_counts_from_zero():
    assert_close(interpret(one_weight(2, name="momentum"))["vW1"], [[quotient(-18, 100)]])
    assert_close(interpret(one_weight(2, name="nesterov"))["vW1"], [[quotient(-171, 1000)]])
    adam = interpret(one_weight(1, name="adam"))
    assert_close(adam["mW1"], [[quotient(1, 10)]])
    assert_close(adam["sW1"], [[quotient(1, 1000)]])
    assert_close(interpret(one_weight(1, name="adagrad"))["sW1"], [[1]])
    assert not any(name[0] in "vsm" for name in interpret(one_weight(1, name="sgd")))


def test_biases_have_state_and_updates_and_frozen_parameters_neither():
    exercise = network("batch_normalization", optimizer={"name": "adam", "learning_rate": 1})
    found = interpret(exercise | {"freeze": ["gamma_2", "W3"]})
    for name in ("W1", "b1", "beta_2", "b3", "W4"):
        assert {f"{name}_new", f"m{name}", f"s{name}", f"d{name}"} <= found.keys()
    for name in ("gamma_2", "W3"):
        assert f"d{name}" in found
        assert not {f"{name}_new", f"m{name}", f"s{name}"} & found.keys()


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ({"name": "constant"}, [1, 1, 1, 1]),
        ({"name": "step", "factor": "0.5", "every": 2}, [1, 1, 0.5, 0.5]),
        ({"name": "exponential", "rate": 2}, [CONTEXT.exp(-2 * t) for t in range(4)]),
        ({"name": "inverse_time", "rate": 1}, [quotient(1, 1 + t) for t in range(4)]),
        ({"name": "cosine", "period": 3}, [1, 0.75, 0.25, 0]),
    ],
)
def test_a_schedule_sets_the_rate_of_each_iteration(schedule, rates):
    exercise = one_weight(4, name="sgd", learning_rate="0.01", schedule=schedule)
    found = interpret(exercise | {"loss": {"name": "absolute_error"}})
    for iteration, rate in enumerate(rates, start=1):
        change = found[f"W1@{iteration}"][0][0] - found[f"W1_new@{iteration}"][0][0]
        assert_close(change, rate / CONTEXT.mpf(100))
