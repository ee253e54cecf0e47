"""The interpreter's derivatives against central differences and against other ways to them."""

from __future__ import annotations

import copy
import itertools
import re
from decimal import Decimal, localcontext
from typing import Any

import pytest

from tests.independent.compared import CONTEXT, DIGITS, STEP, TOLERANCE, assert_close, written
from tests.independent.exercises import DENSE, DENSE_GIVEN, KERNEL, NETWORKS, OUTPUT, make, network
from tests.independent.interpreter import interpret
from tests.independent.nested import entry, leaves, shape


def nudged(exercise: dict, name: str, place: tuple[int, ...], amount: Decimal) -> dict:
    """The exercise with one number changed."""
    changed = copy.deepcopy(exercise)
    with localcontext() as context:
        context.prec = 200
        if place:
            row = entry(changed["given"][name], place[:-1])
            row[place[-1]] = str(Decimal(row[place[-1]]) + amount)
        else:
            changed["given"][name] = str(Decimal(changed["given"][name]) + amount)
    return changed


def assert_gradients_are_central_differences(exercise: dict) -> None:
    """Every derivative by a given is the central difference of the loss."""
    found = interpret(exercise, DIGITS)
    for name, values in exercise["given"].items():
        if name in ("y", "samples") or name.startswith("mask_"):
            continue
        assert shape(found[f"d{name}"]) == shape(values)
        for place in itertools.product(*map(range, shape(values))):
            above, below = (
                interpret(nudged(exercise, name, place, sign * STEP), 2 * DIGITS)["loss"]
                for sign in (1, -1)
            )
            difference = (above - below) / (2 * CONTEXT.mpf(str(STEP)))
            assert abs(entry(found[f"d{name}"], place) - difference) < TOLERANCE, name


def without_head(exercise: dict, removed: int, x: Any) -> dict:
    """The exercise after its first layers, with their output as its input."""
    given = {"x": x, "y": exercise["given"]["y"]}
    for name, values in exercise["given"].items():
        number = re.search(r"\d+$", name)
        if number and int(number.group()) > removed:
            given[re.sub(r"\d+$", str(int(number.group()) - removed), name)] = values
    return exercise | {"layers": exercise["layers"][removed:], "given": given}


def renumbered(given: dict, first_layer: dict) -> dict:
    """The givens with those of the first layer replaced."""
    kept = {name: v for name, v in given.items() if not re.search(r"[a-zA-Z_]1$", name)}
    return kept | first_layer


@pytest.mark.parametrize(
    "activation",
    [
        {"activation": "identity"},
        {"activation": "sigmoid"},
        {"activation": "tanh"},
        {"activation": "relu"},
        {"activation": "leaky_relu", "alpha": "0.2"},
        {"activation": "leaky_relu"},
        {"activation": "elu", "alpha": "0.7"},
        {"activation": "elu"},
        {"activation": "softplus"},
        {"activation": "gelu"},
        {"activation": "silu"},
        {"activation": "softmax"},
    ],
    ids=lambda activation: "-".join(activation.values()),
)
def test_an_activation_is_differentiated(activation):
    exercise = make([DENSE | activation], DENSE_GIVEN)
    assert {value > 0 for value in leaves(interpret(exercise)["z1"])} == {True, False}
    assert_gradients_are_central_differences(exercise)


ERRORS = [
    {"name": "half_squared_error"},
    {"name": "squared_error"},
    {"name": "absolute_error"},
    {"name": "huber", "threshold": "0.6"},
]


@pytest.mark.parametrize("loss", ERRORS, ids=lambda loss: loss["name"])
@pytest.mark.parametrize("reduction", ["mean", "mean_elements", "sum"])
def test_a_loss_of_errors_is_differentiated(loss, reduction):
    exercise = make([DENSE], DENSE_GIVEN, loss=loss | {"reduction": reduction})
    assert_gradients_are_central_differences(exercise)


def test_huber_has_errors_on_both_sides_of_its_threshold_in_these_tests():
    exercise = make([DENSE], DENSE_GIVEN)
    outputs, targets = leaves(interpret(exercise)["a1"]), leaves(exercise["given"]["y"])
    errors = [abs(a - CONTEXT.mpf(y)) for a, y in zip(outputs, targets, strict=True)]
    assert min(errors) < 0.6 < max(errors)


def test_the_root_mean_squared_error_is_differentiated():
    loss = {"name": "root_mean_squared_error"}
    assert_gradients_are_central_differences(make([DENSE], DENSE_GIVEN, loss=loss))


@pytest.mark.parametrize("reduction", ["mean", "mean_elements", "sum"])
def test_cross_entropy_under_softmax_is_differentiated(reduction):
    given = DENSE_GIVEN | {"y": [["1", "0.3"], ["0", "0.7"]]}
    exercise = make(
        [DENSE | {"activation": "softmax"}],
        given,
        loss={"name": "cross_entropy", "reduction": reduction},
    )
    assert_gradients_are_central_differences(exercise)
    divisor = {"mean": 2, "mean_elements": 4, "sum": 1}[reduction]
    found = interpret(exercise)
    for place in itertools.product(range(2), range(2)):
        error = entry(found["a1"], place) - CONTEXT.mpf(entry(given["y"], place))
        assert_close(entry(found["delta1"], place), error / divisor)


@pytest.mark.parametrize("reduction", ["mean", "mean_elements", "sum"])
def test_binary_cross_entropy_under_sigmoid_is_differentiated(reduction):
    exercise = make(
        [DENSE | {"activation": "sigmoid"}],
        DENSE_GIVEN | {"y": [["1", "0.3"], ["0", "1"]]},
        loss={"name": "binary_cross_entropy", "reduction": reduction},
    )
    assert_gradients_are_central_differences(exercise)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_with_the_layer_is_differentiated(name):
    assert_gradients_are_central_differences(network(name))


@pytest.mark.parametrize("penalty", [{"l1": "0.3"}, {"l2": "0.2"}, {"l1": "0.3", "l2": "0.2"}])
@pytest.mark.parametrize("name", ["dense", "recurrent", "batch_normalization of images"])
def test_regularization_is_differentiated(name, penalty):
    assert_gradients_are_central_differences(network(name, regularization=penalty))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_derivative_by_an_activation_is_that_of_the_rest_of_the_network(name):
    exercise = network(name)
    found = interpret(exercise, 2 * DIGITS)
    for removed in range(1, len(exercise["layers"])):
        rest = without_head(exercise, removed, written(found[f"a{removed}"]))
        if exercise["layers"][removed - 1]["type"] in ("recurrent", "lstm"):
            continue
        assert_close(found[f"da{removed}"], interpret(rest)["dx"])


def test_the_derivative_by_a_state_counts_its_way_through_later_steps():
    exercise = network("recurrent")
    found = interpret(exercise)
    for unit, sample in itertools.product(range(2), range(2)):
        through_next = CONTEXT.fsum(
            CONTEXT.mpf(exercise["given"]["Whh_1"][k][unit]) * found["delta1"][1][k][sample]
            for k in range(2)
        )
        assert_close(found["da1"][0][unit][sample], through_next)


@pytest.mark.parametrize(
    "activation", ["identity", "sigmoid", "tanh", "relu", "gelu", "silu", "softmax"]
)
def test_delta_is_the_derivative_by_the_input_of_an_identity_layer(activation):
    layer = DENSE | {"activation": activation}
    exercise = make([layer, OUTPUT], NETWORKS["dense"][1])
    found = interpret(exercise, 2 * DIGITS)
    given = renumbered(
        exercise["given"], {"x": written(found["z1"]), "W1": [["1", "0"], ["0", "1"]]}
    )
    same = exercise | {"layers": [layer | {"bias": "none"}, OUTPUT], "given": given}
    assert_close(found["delta1"], interpret(same)["dx"])


def test_delta_of_a_convolution_is_the_derivative_by_the_input_of_an_identity_kernel():
    exercise = network("convolution")
    found = interpret(exercise, 2 * DIGITS)
    kernel = [[[["1"]], [["0"]]], [[["0"]], [["1"]]]]
    given = renumbered(exercise["given"], {"x": written(found["z1"]), "W1": kernel})
    layer = KERNEL | {"activation": "tanh", "kernel": [1, 1], "bias": "none"}
    same = exercise | {"layers": [layer, *exercise["layers"][1:]], "given": given}
    assert_close(found["delta1"], interpret(same)["dx"])


def test_delta_of_a_recurrent_layer_is_the_derivative_by_an_input_added_to_it():
    exercise = network("recurrent")
    given = exercise["given"]
    wider = given | {
        "x": [[*step, ["0", "0"], ["0", "0"]] for step in given["x"]],
        "Wxh_1": [[*given["Wxh_1"][0], "1", "0"], [*given["Wxh_1"][1], "0", "1"]],
    }
    by_added = [step[2:] for step in interpret(exercise | {"given": wider})["dx"]]
    assert_close(interpret(exercise)["delta1"], by_added)
