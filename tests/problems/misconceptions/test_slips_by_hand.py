"""The slips that students make most, worked out in numpy that reads no derivation."""

from collections.abc import Callable
from typing import Any

import numpy
import pytest

from gradgrade.oracle import Derivation
from gradgrade.problems import ProblemSet, generate
from tests.problems.misconceptions.handed_in import named_where_it_began
from tests.problems.misconceptions.structures import dense, numbers, structure
from tests.problems.misconceptions.test_by_hand import assert_close, given_arrays, sigmoid, values

RATE = 0.3
Values = dict[str, Any]
Changed = Callable[..., Any]


def worked(g: Values, **changed: Any) -> Values:
    """Two layers, tanh and sigmoid, ½ squared error over three samples, with rules changed."""
    rule: dict[str, Changed] = {
        "f1": numpy.tanh,
        "f2": sigmoid,
        "slope1": lambda z, a: 1 - numpy.tanh(z) ** 2,
        "slope2": lambda z, a: sigmoid(z) * (1 - sigmoid(z)),
        "plus": lambda product, bias: product + bias,
        "y": lambda y: y,
        "back": lambda weights: weights,
        "source": lambda z, a, own: a,
        "product": lambda delta, a: delta @ a.T,
        "bias": lambda delta: delta.sum(axis=1, keepdims=True),
    }
    rule |= changed
    z1 = rule["plus"](g["W1"] @ g["x"], g["b1"])
    a1 = rule["f1"](z1)
    z2 = rule["plus"](g["W2"] @ a1, g["b2"])
    a2 = rule["f2"](z2)
    error = a2 - rule["y"](g["y"])
    delta2 = error / 3 * rule["slope2"](z2, a2)
    delta1 = rule["back"](g["W2"]).T @ delta2 * rule["slope1"](z1, a1)
    dW2, db2 = rule["product"](delta2, rule["source"](z1, a1, a2)), rule["bias"](delta2)
    dW1, db1 = rule["product"](delta1, rule["source"](g["x"], g["x"], a1)), rule["bias"](delta1)
    moved = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
    return {
        **{"z1": z1, "a1": a1, "a2": a2, "loss": (error**2).sum() / 6},
        **{"delta2": delta2, "delta1": delta1},
        **{f"d{name}": gradient for name, gradient in moved.items()},
        **{f"{name}_new": g[name] - RATE * each for name, each in moved.items()},
    }


def again(f: Changed) -> Changed:
    return lambda z: f(f(z))


def relu(z: Any) -> Any:
    return numpy.maximum(z, 0)


def sigmoid_slope(z: Any, a: Any) -> Any:
    return sigmoid(z) * sigmoid(-z)


def tanh_slope(z: Any, a: Any) -> Any:
    return numpy.cosh(z) ** -2


def step_slope(z: Any, a: Any) -> Any:
    return (z > 0) * 1.0


def averaged(delta: Any, a: Any) -> Any:
    return delta @ a.T / 3


SLIPS: dict[str, dict[str, Changed]] = {
    "activation_forgotten": {"f1": lambda z: z, "f2": lambda z: z},
    "activation_applied_twice": {"f1": again(numpy.tanh), "f2": again(sigmoid)},
    "bias_subtracted": {"plus": lambda product, bias: product - bias},
    "targets_of_previous_sample": {"y": lambda y: y[:, [2, 0, 1]]},
    "targets_of_next_sample": {"y": lambda y: y[:, [1, 2, 0]]},
    "exponent_sign": {"f2": lambda z: 1 / (1 + numpy.exp(z))},
    "sigmoid_for_stated": {"f1": sigmoid, "slope1": sigmoid_slope},
    "tanh_for_stated": {"f2": numpy.tanh, "slope2": tanh_slope},
    "relu_for_stated": {"f1": relu, "f2": relu, "slope1": step_slope, "slope2": step_slope},
    "identity_for_stated": {
        **{name: (lambda z: z) for name in ("f1", "f2")},
        **{name: (lambda z, a: numpy.ones_like(z)) for name in ("slope1", "slope2")},
    },
    "tanh_derivative_plus": {"slope1": lambda z, a: 1 + a**2},
    "sigmoid_derivative_factor_missing": {"slope2": lambda z, a: 1 - a},
    "sigmoid_derivative_plus": {"slope2": lambda z, a: a * (1 + a)},
    "activation_for_derivative": {"slope1": lambda z, a: a, "slope2": lambda z, a: a},
    "weight_gradient_averaged": {"product": averaged},
    "gradients_averaged_again": {
        "product": averaged,
        "bias": lambda delta: delta.sum(axis=1, keepdims=True) / 3,
    },
    "gradients_of_last_sample": {
        "product": lambda delta, a: numpy.outer(delta[:, -1], a[:, -1]),
        "bias": lambda delta: delta[:, -1:],
    },
    "pre_activation_in_gradient": {"source": lambda z, a, own: z},
    "own_activation_in_gradient": {"source": lambda z, a, own: own},
    "sums_before_product": {
        "product": lambda delta, a: numpy.outer(delta.sum(axis=1), a.sum(axis=1))
    },
    "mean_before_product": {
        "product": lambda delta, a: numpy.outer(delta.sum(axis=1), a.mean(axis=1))
    },
    "weights_missing_backward": {"back": numpy.ones_like},
    "absolute_weights_backward": {"back": numpy.abs},
    "bias_gradient_sign": {"bias": lambda delta: -delta.sum(axis=1, keepdims=True)},
}


def two_layers(**rest: Any) -> Derivation:
    return structure(dense(2, "tanh"), dense(2, "sigmoid"), batch=3, **rest)


def given(derivation: Derivation) -> Values:
    return {str(name): value for name, value in numbers(derivation).items()}


def assert_same(found: Values, expected: Values) -> None:
    for name, value in expected.items():
        assert_close(found[name], value)


@pytest.mark.parametrize("code", SLIPS)
def test_a_slip_comes_to_what_it_comes_to_by_hand(code):
    derivation = two_layers()
    assert_same(values(code, derivation), worked(given(derivation), **SLIPS[code]))


def test_who_works_rightly_by_hand_comes_to_none_of_them():
    g = given(two_layers())
    right = worked(g)
    for code, changed in SLIPS.items():
        slip = worked(g, **changed)
        assert any(not numpy.allclose(slip[name], right[name]) for name in right), code


def test_relu_with_z_for_its_derivative():
    derivation = structure(dense(4, "relu"), dense(1))
    g, found = given(derivation), values("relu_derivative_as_z", derivation)
    z = g["W1"] @ g["x"] + g["b1"]
    residual = g["W2"] @ relu(z) + g["b2"] - g["y"]
    assert_close(found["delta1"], g["W2"].T @ residual * z)


def test_softmax_over_the_samples():
    derivation = structure(dense(2, "softmax"), loss="cross_entropy", batch=3)
    g, found = given(derivation), values("softmax_over_samples", derivation)
    e = numpy.exp(g["W1"] @ g["x"] + g["b1"])
    a = e / e.sum(axis=1, keepdims=True)
    assert_close(found["a1"], a)
    assert_close(found["loss"], -(g["y"] * numpy.log(a)).sum() / 3)
    assert_close(found["delta1"], (a - g["y"]) / 3)


def test_what_output_and_loss_have_in_common_is_compared_as_it_was_worked_out():
    derivation = structure(dense(2, "sigmoid"), loss="binary_cross_entropy", batch=3)
    g = given(derivation)
    z, y = g["W1"] @ g["x"] + g["b1"], g["y"]
    for code, a in {
        "exponent_sign": sigmoid(-z),
        "activation_applied_twice": sigmoid(sigmoid(z)),
    }.items():
        found = values(code, derivation)
        assert_close(found["loss"], -(y * numpy.log(a) + (1 - y) * numpy.log(1 - a)).sum() / 3)
        assert_close(found["delta1"], (a - y) / 3)
    a = sigmoid(z)
    found = values("output_derivative_missing", derivation)
    assert_close(found["delta1"], (a - y) / (a * (1 - a)) / 3)


@pytest.mark.parametrize("digits", [7, 8, 9, 10, 12, 15])
def test_a_small_number_inside_the_logarithm(digits):
    derivation = structure(dense(2, "sigmoid"), loss="binary_cross_entropy", batch=3)
    g, epsilon = given(derivation), 10.0**-digits
    a, y = sigmoid(g["W1"] @ g["x"] + g["b1"]), g["y"]
    terms = y * numpy.log(a + epsilon) + (1 - y) * numpy.log(1 - a + epsilon)
    found = values("epsilon_in_logarithm", derivation, f"(1e-{digits})")
    numpy.testing.assert_allclose(found["loss"], -terms.sum() / 3, rtol=1e-14)
    assert_close(found["delta1"], (a - y) / 3)


def test_gelu_by_its_approximation():
    derivation = structure(dense(2, "gelu"), batch=3)
    g, found = given(derivation), values("gelu_by_tanh", derivation)
    z = g["W1"] @ g["x"] + g["b1"]

    def approximation(z: Any) -> Any:
        return z / 2 * (1 + numpy.tanh(numpy.sqrt(2 / numpy.pi) * (z + 0.044715 * z**3)))

    assert_close(found["a1"], approximation(z))
    slope = (approximation(z + 1e-6) - approximation(z - 1e-6)) / 2e-6
    expected = (approximation(z) - g["y"]) / 3 * slope
    numpy.testing.assert_allclose(found["delta1"], expected, rtol=1e-6)


def test_what_is_handed_in_for_something_else():
    derivation = two_layers()
    g = given(derivation)
    right = worked(g)
    found = values("gradient_times_rate", derivation)
    shown = {f"d{name}": RATE * right[f"d{name}"] for name in ("W1", "b1", "W2", "b2")}
    assert_same(found, right | shown)
    found = values("step_for_parameter", derivation)
    shown = {f"{name}_new": -RATE * right[f"d{name}"] for name in ("W1", "b1", "W2", "b2")}
    assert_same(found, right | shown)
    found = values("loss_after_update", derivation)
    updated = g | {name: right[f"{name}_new"] for name in ("W1", "b1", "W2", "b2")}
    assert_same(found, right | {"loss": worked(updated)["loss"]})


def test_the_loss_after_each_of_several_updates():
    derivation = two_layers(iterations=2)
    first = worked(given(derivation))
    second = worked(given(derivation) | updated_by(first))
    third = worked(given(derivation) | updated_by(second))
    found = values("loss_after_update", derivation)
    assert_close(found["loss@1"], second["loss"])
    assert_close(found["loss@2"], third["loss"])
    assert_close(found["W1_new@2"], second["W1_new"])


def test_gradients_that_are_not_reset():
    derivation = two_layers(iterations=2)
    g = given(derivation)
    first = worked(g)
    second = worked(g | updated_by(first))
    found = values("gradients_not_reset", derivation)
    assert_close(found["dW1@2"], first["dW1"] + second["dW1"])
    moved = first["W2_new"] - RATE * (first["dW2"] + second["dW2"])
    assert_close(found["W2_new@2"], moved)


def updated_by(step: Values) -> Values:
    return {name: step[f"{name}_new"] for name in ("W1", "b1", "W2", "b2")}


# Targets

CLASSIFIERS = [
    (name, loss, reduction, count)
    for name, loss in (("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy"))
    for reduction, count in (("mean", 4), ("sum", 1))
]


@pytest.mark.parametrize(
    ("code", "times"), [("target_not_subtracted", 0), ("target_added", -1), (None, 1)]
)
@pytest.mark.parametrize(("activation", "loss", "reduction", "count"), CLASSIFIERS)
def test_targets_that_are_not_subtracted_from_what_comes_out_are_named(
    activation: str, loss: str, reduction: str, count: int, code: str | None, times: int
):
    exercise = generate(
        problem_set(activation=activation, loss=loss, reduction=reduction),
        "classes",
        student="ada",
        secret=b"0",
    )
    g = given_arrays(exercise)
    z = g["W1"] @ g["x"] + g["b1"].reshape(-1, 1)
    raised = numpy.exp(z)
    a = raised / raised.sum(axis=0) if activation == "softmax" else raised / (1 + raised)
    delta = (a - times * g["y"]) / count
    found = {"a1": a, "delta1": delta, "dW1": delta @ g["x"].T, "db1": delta.sum(axis=1)}
    assert named_where_it_began(exercise, found)[:1] == ([] if code is None else [code])


def problem_set(**written: str) -> ProblemSet:
    return ProblemSet.from_toml(CLASSES.format(**written))


CLASSES = """
schema = "gradgrade/problem-set/1"
name = "targets"

[[exercises]]
name = "classes"
inputs = 2
layers = [{{ type = "dense", units = 3, activation = "{activation}" }}]
loss = {{ name = "{loss}", reduction = "{reduction}" }}
batch = 4
ask = ["a1", "delta1", "dW1", "db1"]
"""
