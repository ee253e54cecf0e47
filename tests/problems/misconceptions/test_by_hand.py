"""What mistakes come to, worked out in a few lines of numpy that read no derivation."""

from collections.abc import Callable
from typing import Any

import numpy
import pytest

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.walking import evaluate
from gradgrade.oracle.networks.layers import BatchNormalization, Dropout, Recurrent
from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.misconceptions import APPROXIMATIONS, MISCONCEPTIONS, Mistake
from tests.problems.misconceptions.structures import dense, numbers, structure, walked

BY_CODE = {each.code: each for each in (*MISCONCEPTIONS, *APPROXIMATIONS)}
SEEDS = load("seeds")


def sigmoid(z: Any) -> Any:
    return 1 / (1 + numpy.exp(-z))


def the_mistake(code: str, derivation: Derivation, place: str = "") -> Mistake:
    return next(m for m in BY_CODE[code].mistakes(derivation) if m.place == place)


def given_arrays(exercise: Exercise) -> dict[str, Any]:
    return {name: numpy.array(value, float) for name, value in exercise.givens().items()}


def answers(code: str, exercise: Exercise, place: str = "") -> dict[str, Any]:
    """What a student who makes the mistake hands in, as arrays in the exercise's convention."""
    mistaken = the_mistake(code, exercise.derivation(), place).derivation
    values = evaluate(mistaken, exercise.givens(), Binary64())
    return {name: numpy.array(values[name]) for name in values}


def values(code: str, derivation: Derivation, place: str = "") -> dict[str, Any]:
    """The same in column convention, for numbers without a pattern."""
    mistaken = the_mistake(code, derivation, place).derivation
    found = walked(mistaken)
    return {text: found[each.name] for text, each in mistaken.results.items()}


def arrays(derivation: Derivation) -> dict[str, Any]:
    return {str(name): value for name, value in numbers(derivation).items()}


def assert_close(found: Any, expected: Any) -> None:
    numpy.testing.assert_allclose(numpy.ravel(found), numpy.ravel(expected), rtol=1e-10)


# Seed 000: rows, mean squared error, σ in both layers


def batch_of_rows() -> Exercise:
    return generate(SEEDS, "000-two-layer-batch", student="1", secret=b"0")


def forward_000(g: dict[str, Any], f: Callable[[Any], Any] = sigmoid) -> tuple[Any, ...]:
    h = f(g["x"] @ g["W1"] + g["b1"])
    return h, f(h @ g["W2"] + g["b2"])


def backward_000(g: dict[str, Any], h: Any, a: Any, factor: float) -> tuple[Any, ...]:
    delta2 = factor * (a - g["y"]) * a * (1 - a)
    return delta2, (delta2 @ g["W2"].T) * h * (1 - h)


def test_seed_000_leaves_two_over_n_out_of_every_gradient():
    exercise = batch_of_rows()
    g, found = given_arrays(exercise), answers("two_over_count_missing", exercise)
    h, a = forward_000(g)
    delta2, delta1 = backward_000(g, h, a, factor=1)
    assert_close(found["loss"], ((a - g["y"]) ** 2).sum() / len(a))
    assert_close(found["dW2"], h.T @ delta2)
    assert_close(found["dW1"], g["x"].T @ delta1)
    assert_close(found["W1_new"], g["W1"] - 0.01 * (g["x"].T @ delta1))


def test_seed_000_misprints_the_sigmoid():
    exercise = batch_of_rows()
    g, found = given_arrays(exercise), answers("sigmoid_misprinted", exercise)
    h, a = forward_000(g, lambda z: numpy.exp(z) / (1 + numpy.exp(-z)))
    delta2, delta1 = backward_000(g, h, a, factor=2 / len(a))
    assert_close(found["a2"], a)
    assert_close(found["dW2"], h.T @ delta2)
    assert_close(found["dW1"], g["x"].T @ delta1)


def test_seed_000_reads_the_input_where_a_hidden_layer_is_meant():
    exercise = generate(SEEDS, "000-three-layer-batch", student="1", secret=b"0")
    found = {m.place for m in BY_CODE["input_for_hidden"].mistakes(exercise.derivation())}
    assert found == set()  # the shapes tell there: two inputs, then three and four units
    square = structure(dense(2, "sigmoid"), dense(1, "sigmoid"), batch=3)
    g, found_values = arrays(square), values("input_for_hidden", square)
    h = sigmoid(g["W1"] @ g["x"] + g["b1"])
    a = sigmoid(g["W2"] @ h + g["b2"])
    delta2 = (a - g["y"]) * a * (1 - a) / 3
    assert_close(found_values["dW2"], delta2 @ g["x"].T)


def test_seed_000_writes_the_first_update_without_a_learning_rate():
    exercise = batch_of_rows()
    g, found = given_arrays(exercise), answers("learning_rate_missing", exercise, "in layer 2")
    h, a = forward_000(g)
    delta2, delta1 = backward_000(g, h, a, factor=2 / len(a))
    assert_close(found["W2_new"], g["W2"] - h.T @ delta2)
    assert_close(found["W1_new"], g["W1"] - 0.01 * (g["x"].T @ delta1))


def test_seed_000_does_not_sum_the_bias_gradient_over_the_batch():
    exercise = batch_of_rows()
    g = given_arrays(exercise)
    delta2, delta1 = backward_000(g, *forward_000(g), factor=2 / len(g["y"]))
    averaged = answers("bias_gradient_averaged", exercise)
    assert_close(averaged["db1"], delta1.mean(axis=0))
    first = answers("bias_gradient_of_first_sample", exercise)
    assert_close(first["db2"], delta2[0])


# Seed 002: house prices


def house_price() -> Exercise:
    return generate(SEEDS, "002-house-price", student="1", secret=b"0")


def delta_002(g: dict[str, Any]) -> tuple[Any, Any, Any]:
    h = sigmoid(g["W1"] @ g["x"] + g["b1"].reshape(-1, 1))
    out = g["W2"] @ h + g["b2"]
    return h, out - g["y"], (g["W2"].T @ (out - g["y"])) * h * (1 - h)


def test_seed_002_takes_the_input_of_the_units_own_index():
    exercise = house_price()
    g, found = given_arrays(exercise), answers("input_of_unit_index", exercise)
    _, _, delta1 = delta_002(g)
    product = delta1[:, 0] * g["x"][:, 0]
    assert_close(found["dW1"], [[product[0]] * 2, [product[1]] * 2])


def test_seed_002_exchanges_the_indices_of_a_weight():
    exercise = house_price()
    g, found = given_arrays(exercise), answers("weights_transposed_forward", exercise)
    assert_close(found["z1"], g["W1"].T @ g["x"] + g["b1"].reshape(-1, 1))


# Seed 003: layer classes


def test_seed_003_sums_all_inputs_where_one_is_meant():
    derivation = structure(dense(2, "sigmoid"), inputs=3, batch=2)
    g, found = arrays(derivation), values("inputs_summed", derivation)
    a = sigmoid(g["W1"] @ g["x"] + g["b1"])
    delta = (a - g["y"]) * a * (1 - a) / 2
    by_unit = (delta * g["x"].sum(axis=0)).sum(axis=1)
    assert_close(found["dW1"], numpy.repeat(by_unit, 3))


def test_seed_003_masks_the_weights_themselves():
    derivation = structure(dense(4, "relu"), dense(1))
    g, found = arrays(derivation), values("relu_mask_on_weights", derivation)
    z = g["W1"] @ g["x"] + g["b1"]
    assert 0 < (z > 0).sum() < 4
    weights = g["W1"].copy()
    weights[z[:, 0] < 0] = 0
    residual = g["W2"] @ numpy.maximum(z, 0) + g["b2"] - g["y"]
    gradient = ((g["W2"].T @ residual) * (z > 0)) @ g["x"].T
    assert_close(found["dW1"], gradient)
    assert_close(found["W1_new"], weights - 0.3 * gradient)


# Others


def two_layers(**rest: Any) -> Derivation:
    return structure(dense(2, "tanh"), dense(2), batch=3, **rest)


def gradients(g: dict[str, Any], back: Any = None) -> dict[str, Any]:
    """Two layers, tanh and identity, ½ squared error, mean over three samples."""
    h = numpy.tanh(g["W1"] @ g["x"] + g["b1"])
    delta2 = (g["W2"] @ h + g["b2"] - g["y"]) / 3
    delta1 = ((g["W2"].T if back is None else back(g, h, delta2)) @ delta2) * (1 - h * h)
    found = {"h": h, "delta2": delta2, "delta1": delta1}
    return found | {"dW2": delta2 @ h.T, "dW1": delta1 @ g["x"].T}


def test_weights_that_are_not_transposed():
    derivation = two_layers()
    g, found = arrays(derivation), values("weights_not_transposed", derivation, "in layer 2")
    assert_close(found["dW1"], gradients(g, lambda g, h, delta2: g["W2"])["dW1"])


def test_updated_weights_on_the_way_back():
    derivation = two_layers()
    g, found = arrays(derivation), values("updated_weights_backward", derivation)
    expected = gradients(g, lambda g, h, delta2: (g["W2"] - 0.3 * delta2 @ h.T).T)
    assert_close(found["dW1"], expected["dW1"])
    assert_close(found["dx"], (g["W1"] - 0.3 * expected["dW1"]).T @ expected["delta1"])


def test_one_path():
    derivation = two_layers()
    g, found = arrays(derivation), values("one_path", derivation, "in layer 2")
    right = gradients(g)
    assert_close(found["da1"], numpy.outer(g["W2"][0], right["delta2"][0]))


def test_a_stale_forward_pass():
    derivation = two_layers(iterations=2)
    g, found = arrays(derivation), values("stale_forward_pass", derivation)
    right = gradients(g)
    delta1 = ((g["W2"] - 0.3 * right["dW2"]).T @ right["delta2"]) * (1 - right["h"] ** 2)
    assert_close(found["dW2@2"], right["dW2"])
    assert_close(found["dW1@2"], delta1 @ g["x"].T)
    assert_close(found["loss@2"], found["loss@1"])


def test_derivatives_taken_elsewhere():
    derivation = two_layers()
    g = arrays(derivation)
    right = gradients(g)
    h, da1 = right["h"], g["W2"].T @ right["delta2"]
    z = numpy.arctanh(h)
    factors = {
        "derivative_at_activation": 1 - numpy.tanh(h) ** 2,
        "form_in_activation_at_z": 1 - z * z,
        "tanh_derivative_not_squared": 1 - h,
        "sigmoid_derivative_for_tanh": h * (1 - h),
        "activation_derivative_missing": 1,
        "activation_derivative_twice": (1 - h * h) ** 2,
    }
    for code, factor in factors.items():
        assert_close(values(code, derivation)["delta1"], da1 * factor)


def test_a_kept_derivative_with_cross_entropy():
    derivation = structure(dense(3, "softmax"), loss="cross_entropy", batch=2)
    g, found = arrays(derivation), values("activation_derivative_kept", derivation)
    e = numpy.exp(g["W1"] @ g["x"] + g["b1"])
    a = e / e.sum(axis=0)
    assert_close(found["delta1"], (a - g["y"]) / 2 * a * (1 - a))
    diagonal = values("softmax_diagonal_only", derivation)
    assert_close(diagonal["delta1"], -g["y"] / a / 2 * a * (1 - a))


def test_the_forms_of_momentum():
    derivation = structure(dense(1), optimizer="momentum", iterations=2)
    g = arrays(derivation)
    for code, first, step in (
        ("velocity_without_learning_rate", lambda v, g: 0.75 * v + g, lambda w, v, g: w - 0.3 * v),
        ("velocity_averaged", lambda v, g: 0.75 * v - 0.25 * 0.3 * g, lambda w, v, g: w + v),
        ("velocity_subtracted", lambda v, g: 0.75 * v - 0.3 * g, lambda w, v, g: w - v),
        ("nesterov_for_momentum", lambda v, g: 0.75 * v - 0.3 * g, _nesterov),
        ("state_forgotten", lambda v, g: -0.3 * g, lambda w, v, g: w + v),
    ):
        found = values(code, derivation)
        w, v, b, vb = g["W1"], 0, g["b1"], 0
        for t in (1, 2):
            residual = w @ g["x"] + b - g["y"]
            v, vb = first(v, residual @ g["x"].T), first(vb, residual)
            w, b = step(w, v, residual @ g["x"].T), step(b, vb, residual)
            assert_close(found[f"vW1@{t}"], v)
            assert_close(found[f"W1_new@{t}"], w)


def _nesterov(w: Any, v: Any, g: Any) -> Any:
    return w + 0.75 * v - 0.3 * g


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("bias_correction_missing", lambda m, s, c, d: m / (numpy.sqrt(s) + 0.125)),
        ("mean_correction_missing", lambda m, s, c, d: m / (numpy.sqrt(s / d) + 0.125)),
        ("square_correction_missing", lambda m, s, c, d: m / c / (numpy.sqrt(s) + 0.125)),
        ("epsilon_inside_root", lambda m, s, c, d: m / c / numpy.sqrt(s / d + 0.125)),
        ("root_of_squares_missing", lambda m, s, c, d: m / c / (s / d + 0.125)),
    ],
)
def test_the_mistakes_of_adam(code, step):
    derivation = structure(dense(1), optimizer="adam", iterations=2)
    g, found = arrays(derivation), values(code, derivation)
    w, b, m, s = g["W1"], g["b1"], 0, 0
    for t in (1, 2):
        gradient = (w @ g["x"] + b - g["y"]) @ numpy.vstack([g["x"], [[1]]]).T
        m, s = 0.7 * m + 0.3 * gradient, 0.95 * s + 0.05 * gradient**2
        moved = numpy.hstack([w, b]) - 0.3 * step(m, s, 1 - 0.7**t, 1 - 0.95**t)
        w, b = moved[:, :2], moved[:, 2:]
        assert_close(found[f"W1_new@{t}"], w)


def test_the_decay_of_adamw_through_the_gradient():
    derivation = structure(dense(1), inputs=1, optimizer="adamw")
    g, found = arrays(derivation), values("weight_decay_coupled", derivation)
    gradient = (g["W1"] * g["x"] + g["b1"] - g["y"]) * g["x"] + 0.125 * g["W1"]
    assert_close(found["mW1"], 0.3 * gradient)
    assert_close(found["W1_new"], g["W1"] - 0.3 * gradient / (abs(gradient) + 0.125))


def test_penalties_on_the_wrong_things():
    derivation = structure(dense(2, "tanh"), dense(2), batch=3, penalties=("l2",))
    g = arrays(derivation)
    right = gradients(g)
    found = values("bias_penalized", derivation)
    assert_close(found["db2"], right["delta2"].sum(axis=1, keepdims=True) + 0.25 * g["b2"])
    found = values("penalty_gradient_doubled", derivation)
    assert_close(found["dW2"], right["dW2"] + 0.5 * g["W2"])
    found = values("penalty_missing_in_gradient", derivation)
    assert_close(found["dW1"], right["dW1"])


def test_dropout_that_is_not_scaled():
    derivation = structure(Dropout(), dense(1))
    g, found = arrays(derivation), values("dropout_scale_missing", derivation)
    assert_close(found["a1"], g["x"] * g["mask_1"])
    found = values("dropout_scale_inverted", derivation)
    assert_close(found["a1"], g["x"] * g["mask_1"] * 0.6)
    found = values("dropout_mask_ignored_backward", derivation)
    assert_close(found["dx"], found["da1"] / 0.6)


def test_normalization_with_statistics_for_constants_and_with_the_unbiased_variance():
    derivation = structure(BatchNormalization(), dense(1), batch=3)
    g, found = arrays(derivation), values("normalization_statistics_constant", derivation)
    deviation = numpy.sqrt(g["x"].var(axis=1, keepdims=True) + 0.4)
    assert_close(found["dx"], g["gamma_1"] * found["da1"] / deviation)
    found = values("unbiased_variance", derivation)
    deviation = numpy.sqrt(g["x"].var(axis=1, keepdims=True, ddof=1) + 0.4)
    centered = g["x"] - g["x"].mean(axis=1, keepdims=True)
    assert_close(found["a1"], g["gamma_1"] * centered / deviation + g["beta_1"])


def test_a_recurrent_gradient_of_the_last_step_and_without_time():
    derivation = structure(Recurrent(units=1), inputs=(2, 1))
    g = arrays(derivation)
    h1 = numpy.tanh(g["Wxh_1"] * g["x"][0] + g["bh_1"])
    h2 = numpy.tanh(g["Wxh_1"] * g["x"][1] + g["Whh_1"] * h1 + g["bh_1"])
    delta2 = (h2 - g["y"][1]) * (1 - h2**2)
    found = values("last_step_only", derivation)
    assert_close(found["dWxh_1"], delta2 * g["x"][1])
    assert_close(found["dbh_1"], delta2)
    delta1 = (h1 - g["y"][0]) * (1 - h1**2)
    found = values("not_through_time", derivation)
    assert_close(found["dWxh_1"], delta2 * g["x"][1] + delta1 * g["x"][0])


def test_the_root_of_the_mean_squared_error():
    derivation = structure(dense(2), loss="root_mean_squared_error", batch=3)
    g = arrays(derivation)
    error = g["W1"] @ g["x"] + g["b1"] - g["y"]
    forgotten = values("root_forgotten", derivation)
    assert_close(forgotten["loss"], (error**2).mean())
    assert_close(forgotten["delta1"], 2 * error / 6)
    found = values("root_not_differentiated", derivation)
    assert_close(found["loss"], numpy.sqrt((error**2).mean()))
    assert_close(found["delta1"], 2 * error / 6)
    found = values("samples_for_elements", derivation)
    root = numpy.sqrt((error**2).sum() / 3)
    assert_close(found["loss"], root)
    assert_close(found["delta1"], error / 3 / root)


def test_logarithms_and_the_second_class():
    derivation = structure(dense(2, "sigmoid"), loss="binary_cross_entropy", batch=3)
    g = arrays(derivation)
    a, y = sigmoid(g["W1"] @ g["x"] + g["b1"]), g["y"]
    terms = y * numpy.log(a) + (1 - y) * numpy.log(1 - a)
    assert_close(values("decimal_logarithm", derivation)["loss"], -terms.sum() / 3 / numpy.log(10))
    assert_close(values("binary_logarithm", derivation)["loss"], -terms.sum() / 3 / numpy.log(2))
    found = values("second_class_missing", derivation)
    assert_close(found["loss"], -(y * numpy.log(a)).sum() / 3)
    assert_close(found["da1"], -y / a / 3)
    assert_close(found["delta1"], -y * (1 - a) / 3)
