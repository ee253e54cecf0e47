"""Every optimizer and schedule, proven, against the interpreter; and what makes each itself."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle import Optimizer, evaluate
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.schedules import SCHEDULES
from gradgrade.problems import Exercise, solve
from tests.agreement import exact, interpreted, same
from tests.examples import examples
from tests.strategies import (
    ARITHMETICS,
    CONVENTIONS,
    NUMBERS,
    WITHOUT_ZERO,
    dense,
    optimizer_document,
    variant,
)


def assert_proven_as_interpreted(exercise: Exercise) -> None:
    """Assert that the solution's digits are the interpreter's, quantity by quantity."""
    expected, solution = interpreted(exercise), solve(exercise, digits=50)
    assert set(solution) == set(expected)
    assert [name for name in solution if not same(solution[name].value, expected[name])] == []


LAYERS = [dense(2, "tanh", "shared"), dense(2)]


@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_every_proven_optimizer_and_schedule_has_the_interpreters_values(optimizer, schedule):
    exercise = variant(
        layers=LAYERS,
        optimizer=optimizer_document(optimizer, schedule),
        iterations=3,
        freeze=["W1", "b2"],
        arithmetic="decimal",
        convention="row",
    )
    assert_proven_as_interpreted(exercise)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_a_proven_optimizer_has_defaults_penalties_and_samples(optimizer, arithmetic):
    exercise = variant(
        layers=LAYERS,
        optimizer={"name": optimizer, "learning_rate": 0.3},
        iterations=2,
        batch=3,
        stochastic=True,
        regularization={"l1": 0.1, "l2": 0.3},
        draw={"weights": WITHOUT_ZERO},
        arithmetic=arithmetic,
    )
    assert_proven_as_interpreted(exercise)


NETWORKS: dict[str, dict[str, Any]] = {
    "recurrent": {
        "inputs": [2, 2],
        "layers": [{"type": "recurrent", "units": 2}, {"type": "last_step"}],
        "freeze": ["Whh_1"],
    },
    "lstm": {
        "inputs": [2, 2],
        "layers": [{"type": "lstm", "units": 1}, {"type": "flatten"}],
        "freeze": ["Wxf_1", "bo_1"],
    },
    "batch normalization": {
        "layers": [dense(2), {"type": "batch_normalization"}, dense(1, "tanh")],
        "freeze": ["beta_2"],
        "batch": 3,
    },
    "convolution": {
        "inputs": [1, 3, 3],
        "layers": [
            {"type": "convolution", "filters": 2, "kernel": [2, 2], "activation": "tanh"},
            {"type": "flatten"},
        ],
        "freeze": ["b1"],
    },
}


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("optimizer", ["nesterov", "adamw"])
@pytest.mark.parametrize("network", NETWORKS)
def test_every_layers_parameters_are_updated(network, optimizer, convention):
    exercise = variant(
        **NETWORKS[network],
        optimizer=optimizer_document(optimizer, "step"),
        iterations=3,
        convention=convention,
    )
    assert_proven_as_interpreted(exercise)
    frozen = set(NETWORKS[network]["freeze"])
    updated = {name.removesuffix("_new") for name in solve(exercise) if name.endswith("_new")}
    assert not frozen & updated
    assert {f"d{name}" for name in frozen | updated} <= set(solve(exercise))


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_a_frozen_parameter_has_a_gradient_and_no_state(optimizer):
    exercise = variant(
        layers=LAYERS, optimizer={"name": optimizer, "learning_rate": 1}, freeze=["W1"]
    )
    names = set(exercise.derivation().results)
    assert "dW1" in names
    assert not {"W1_new", "vW1", "sW1", "mW1"} & names
    letters = {update.makes for update in OPTIMIZERS[optimizer].updates} - {"W"}
    assert {f"{letter}W2" for letter in letters} <= names


def test_everything_may_be_frozen():
    exercise = variant(layers=LAYERS, freeze=["W1", "b1", "W2", "b2"], iterations=2)
    solution = solve(exercise)
    assert solution["W1@2"].value == solution["W1@1"].value
    assert_proven_as_interpreted(exercise)


# One scalar weight W with loss ½ W², whose gradient is W: recurrences that can be told by hand.

SCALAR: dict[str, Any] = {
    "inputs": 1,
    "layers": [dense(1, bias="none")],
    "arithmetic": "decimal",
    "given": {"x": [[1]], "y": [[0]], "W1": [[1]]},
}


def path(optimizer: dict[str, Any], iterations: int) -> list[Fraction]:
    """The weight after each iteration."""
    exercise = variant(**SCALAR, optimizer=optimizer, iterations=iterations)
    values = evaluate(exercise.derivation(), exercise.givens(), Reference(digits=60))
    names = [f"W1_new@{t}" for t in range(1, iterations + 1)] if iterations > 1 else ["W1_new"]
    return [exact(values[name][0][0]) for name in names]


def close(found: list[Fraction], expected: list[Fraction]) -> bool:
    """Whether numbers agree to 50 digits after the point."""
    return all(
        abs(one - other) < Fraction(1, 10**50) for one, other in zip(found, expected, strict=True)
    )


@given(st.integers(1, 64).map(lambda count: Fraction(count, 64)))
@settings(max_examples=examples(10))
def test_gradient_descent_shrinks_the_weight_by_a_constant_factor(rate):
    found = path({"name": "sgd", "learning_rate": float(rate)}, 4)
    assert close(found, [(1 - rate) ** t for t in range(1, 5)])


def test_momentum_by_hand():
    found = path({"name": "momentum", "learning_rate": 0.5, "momentum": 0.5}, 3)
    # v = -1/2, W = 1/2; v = -1/4 - 1/4, W = 0; v = -1/4, W = -1/4.
    assert close(found, [Fraction(1, 2), Fraction(0), Fraction(-1, 4)])


def test_nesterov_by_hand():
    found = path({"name": "nesterov", "learning_rate": 0.5, "momentum": 0.5}, 2)
    # v = -1/2, W = 1 - 1/4 - 1/2; v = -1/4 - 1/8, W = 1/4 - 3/16 - 1/8.
    assert close(found, [Fraction(1, 4), Fraction(-1, 16)])


def test_adams_first_step_is_the_learning_rate_but_for_epsilon():
    for name in ("adam", "adagrad"):
        found = path({"name": name, "learning_rate": 0.25, "epsilon": 1e-30}, 1)
        assert abs(found[0] - Fraction(3, 4)) < Fraction(1, 10**30)


def test_adamw_decays_the_weight_before_the_step():
    document = {"learning_rate": 0.25, "epsilon": 0.5}
    adam = path({"name": "adam"} | document, 1)
    adamw = path({"name": "adamw", "weight_decay": 0.5} | document, 1)
    assert close(adamw, [adam[0] - Fraction(1, 8)])
    assert close(path({"name": "adamw", "weight_decay": 0} | document, 1), adam)


def test_momentum_of_0_is_gradient_descent():
    plain = path({"name": "sgd", "learning_rate": 0.3}, 3)
    for name in ("momentum", "nesterov"):
        assert close(path({"name": name, "learning_rate": 0.3, "momentum": 0}, 3), plain)


def rates(schedule: dict[str, Any], iterations: int) -> list[Fraction]:
    """η_t, read off updates whose gradient is 1 in every iteration."""
    exercise = variant(
        **SCALAR | {"given": {"x": [[1]], "y": [[1000000]], "W1": [[0]]}},
        loss={"name": "absolute_error"},
        optimizer={"name": "sgd", "learning_rate": 1, "schedule": schedule},
        iterations=iterations,
    )
    values = evaluate(exercise.derivation(), exercise.givens(), Reference(digits=60))
    weights = [exact(values[f"W1@{t}"][0][0]) for t in range(1, iterations + 1)]
    weights.append(exact(values["W1_new"][0][0]))
    return [after - before for before, after in pairwise(weights)]


def test_schedules_by_hand():
    halves = rates({"name": "step", "factor": 0.5, "every": 2}, 5)
    assert close(halves, [Fraction(1), Fraction(1), *[Fraction(1, 2)] * 2, Fraction(1, 4)])
    inverse = rates({"name": "inverse_time", "rate": 0.5}, 4)
    assert close(inverse, [Fraction(2, 2 + t) for t in range(4)])
    cosine = rates({"name": "cosine", "period": 3}, 5)
    thirds = [1, Fraction(3, 4), Fraction(1, 4), 0, Fraction(1, 4)]
    assert close(cosine, [Fraction(each) for each in thirds])
    assert close(rates({"name": "constant"}, 3), [Fraction(1)] * 3)
    exponential = rates({"name": "exponential", "rate": 0.25}, 5)
    ratios = [b / a for a, b in pairwise(exponential)]
    assert close(ratios, ratios[:1] * 4)
    assert abs(
        exponential[4] - Fraction("0.36787944117144232159552377016146086744581113103176")
    ) < (Fraction(1, 10**49))


def test_every_number_of_every_optimizer_and_schedule_is_drawn_from_in_these_tests():
    own = {number for rule in OPTIMIZERS.values() for number in rule.numbers}
    scheduled = {number for rule in SCHEDULES.values() for number in rule.numbers}
    assert own | scheduled <= set(NUMBERS)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_an_optimizers_numbers_are_givens_so_one_derivation_serves_all(optimizer):
    one = variant(layers=LAYERS, optimizer={"name": optimizer, "learning_rate": 0.1})
    other = variant(layers=LAYERS, optimizer=optimizer_document(optimizer))
    assert one.optimizer.optimizer() == Optimizer(name=optimizer)
    assert one.derivation() is other.derivation()
