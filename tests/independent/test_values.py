"""The interpreter's values against figures worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.independent.compared import CONTEXT, assert_close, assert_figures, quotient
from tests.independent.exercises import LSTM, house_prices, make, network, only_layer
from tests.independent.interpreter import interpret
from tests.independent.nested import leaves, mapped, shape


@pytest.mark.parametrize("arithmetic", ["decimal", "binary64"])
def test_house_prices_give_the_figures_of_the_worked_example(arithmetic):
    found = interpret(house_prices(arithmetic=arithmetic))
    assert_figures(found["z1"], [[-0.063], [-0.306]])
    assert_figures(found["a1"], [[0.4842552072], [0.4240913926]])
    assert_figures(found["a2"], [[0.6300948407]])
    assert_figures(found["da2"], [[1.170094841]])
    assert_figures(found["delta2"], [[1.170094841]])
    assert_figures(found["dW2"], [[0.5666245196, 0.4962271504]])
    assert_figures(found["db2"], [1.170094841])
    assert_figures(
        found["dW1"],
        [[-0.02805442996, -0.05786226179], [-0.01829001518, -0.03772315631]],
    )
    assert_figures(found["db1"], [0.08767009362, 0.05715629743])
    assert_figures(found["W2_new"], [[0.1866750961, 0.1007545699]])
    assert_figures(found["b2_new"], [0.1659810319])
    assert_figures(found["W1_new"], [[0.2056108860, 0.1615724524], [0.5036580030, 0.6075446313]])
    assert_figures(found["b1_new"], [0.08246598128, 0.2385687405])


def test_a_second_pass_over_house_prices_has_a_lower_loss():
    found = interpret(house_prices(iterations=2))
    assert found["loss@2"] < found["loss@1"]
    assert found["loss"] == found["loss@2"]


def two_by_two(**fields: Any) -> dict:
    """Two sigmoid layers with shared biases that stay as they are, worked by hand."""
    layer = {"type": "dense", "units": 2, "activation": "sigmoid", "bias": "shared"}
    return make(
        [layer, layer],
        {
            "x": [[0.1], [0.5]],
            "y": [[0.05], [0.95]],
            "W1": [[0.1, 0.3], [0.2, 0.4]],
            "b1": 0.25,
            "W2": [[0.5, 0.6], [0.7, 0.8]],
            "b2": 0.35,
        },
        optimizer={"name": "sgd", "learning_rate": 0.6},
        freeze=["b1", "b2"],
        **fields,
    )


@pytest.mark.parametrize("arithmetic", ["decimal", "binary64"])
def test_two_by_two_gives_the_figures_of_the_worked_example(arithmetic):
    found = interpret(two_by_two(arithmetic=arithmetic))
    assert_figures(found["a1"], [[0.6010878788], [0.6153837564]])
    assert_figures(found["z2"], [[1.019774193], [1.263068520]])
    assert_figures(found["a2"], [[0.7349286127], [0.7795538842]])
    assert_figures(found["loss"], 0.2490895415)
    assert_figures(found["dW2"], [[0.08020312429, 0.08211062249], [-0.01760652591, -0.01802526791]])
    assert_figures(
        found["dW1"], [[0.001108057960, 0.005540289800], [0.001340239884, 0.006701199422]]
    )
    assert_figures(found["W1_new"], [[0.09933516522, 0.2966758261], [0.1991958561, 0.3959792803]])
    assert_figures(found["W2_new"], [[0.4518781254, 0.5507336265], [0.7105639155, 0.8108151607]])


def test_a_shared_bias_has_one_derivative_and_a_frozen_one_no_update():
    found = interpret(two_by_two())
    assert shape(found["db1"]) == ()
    assert_close(found["db1"], sum(leaves(found["delta1"])))
    assert "b1_new" not in found
    assert "W1_new" in found


def test_regularization_adds_the_norms_of_all_weights_and_of_nothing_else():
    penalties = {
        "l1": lambda value: 3 * abs(value) / 10,
        "l2": lambda value: value**2 / 10,
    }
    for name in ("recurrent", "convolution", "lstm", "layer_normalization"):
        for norm, term in penalties.items():
            strength = {"l1": "0.3", "l2": "0.2"}[norm]
            exercise = network(name, regularization={norm: strength})
            weights = [
                CONTEXT.mpf(value)
                for given, values in exercise["given"].items()
                if given.startswith("W")
                for value in leaves(values)
            ]
            added = interpret(exercise)["loss"] - interpret(network(name))["loss"]
            assert_close(added, CONTEXT.fsum(map(term, weights)))


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ({"activation": "identity"}, lambda z: z),
        ({}, lambda z: z),
        ({"activation": "sigmoid"}, lambda z: 1 / (1 + CONTEXT.exp(-z))),
        ({"activation": "tanh"}, lambda z: 1 - 2 / (CONTEXT.exp(2 * z) + 1)),
        ({"activation": "relu"}, lambda z: max(z, 0)),
        ({"activation": "leaky_relu"}, lambda z: max(z, z / 100)),
        ({"activation": "leaky_relu", "alpha": "0.5"}, lambda z: max(z, z / 2)),
        ({"activation": "elu"}, lambda z: z if z > 0 else CONTEXT.exp(z) - 1),
        (
            {"activation": "elu", "alpha": 3},
            lambda z: z if z > 0 else 3 * CONTEXT.exp(z) - 3,
        ),
        ({"activation": "softplus"}, lambda z: CONTEXT.log(1 + CONTEXT.exp(z))),
        ({"activation": "gelu"}, lambda z: z * CONTEXT.ncdf(z)),
        ({"activation": "silu"}, lambda z: z / (1 + CONTEXT.exp(-z))),
    ],
)
def test_an_activation_has_its_value(activation, function):
    layer = {"type": "dense", "units": 1, "bias": "none"} | activation
    found = only_layer(layer, {"x": [["0.7", "-1.3"]], "W1": [[1]], "y": (1, 2)})
    assert_close(found["a1"], [[function(quotient(7, 10)), function(quotient(-13, 10))]])


def test_softmax_is_taken_over_the_units_of_each_sample():
    layer = {"type": "dense", "units": 2, "bias": "none", "activation": "softmax"}
    weights = [["1"], ["-1"]]
    found = only_layer(layer, {"x": [["0.5", "-1"]], "W1": weights, "y": (2, 2)})
    high, higher = (1 / (1 + CONTEXT.exp(-z)) for z in (1, 2))
    assert_close(found["a1"], [[high, 1 - higher], [1 - high, higher]])


def test_dropout_scales_what_it_keeps():
    found = only_layer(
        {"type": "dropout", "rate": 0.2}, {"x": [[4], [6]], "mask_1": [[1], [0]], "y": (2, 1)}
    )
    assert found["a1"] == [[5], [0]]
    assert "z1" not in found


def test_batch_normalization_divides_by_the_root_of_the_biased_variance():
    found = only_layer(
        {"type": "batch_normalization", "epsilon": 3},
        {"x": [[1, 3]], "gamma_1": [4], "beta_1": [5], "y": (1, 2)},
    )
    assert_close(found["a1"], [[3, 7]])


def test_layer_normalization_normalizes_each_sample():
    found = only_layer(
        {"type": "layer_normalization", "epsilon": 3},
        {"x": [[1, 7], [3, 7]], "gamma_1": [4, 2], "beta_1": [5, 1], "y": (2, 2)},
    )
    assert_close(found["a1"], [[3, 5], [2, 1]])


def test_convolution_does_not_flip_the_kernel_and_pads_with_zeros():
    image = [[[[1], [2], [3]], [[4], [5], [6]]]]
    layer = {"type": "convolution", "filters": 1, "kernel": [2, 2], "bias": "none"}
    given = {"x": image, "W1": [[[[1, 10], [100, 1000]]]]}
    plain = only_layer(layer, given | {"y": (1, 1, 2, 1)})
    assert plain["z1"] == [[[[5421], [6532]]]]
    padded = only_layer(layer | {"padding": [1, 1], "stride": [2, 2]}, given | {"y": (1, 2, 2, 1)})
    assert padded["z1"] == [[[[1000], [3200]], [[40], [65]]]]
    widened = only_layer(layer | {"padding": [0, 1], "stride": [1, 2]}, given | {"y": (1, 1, 2, 1)})
    assert widened["z1"] == [[[[4010], [6532]]]]


def test_pooling_drops_windows_that_do_not_fit():
    image = [[[[1], [2], [9]], [[4], [5], [9]], [[9], [9], [9]]]]
    given = {"x": image, "y": (1, 1, 1, 1)}
    largest = only_layer({"type": "max_pooling", "size": [2, 2]}, given)
    assert largest["a1"] == [[[[5]]]]
    assert only_layer({"type": "average_pooling", "size": [2, 2]}, given)["a1"] == [[[[3]]]]


def test_an_entry_that_wins_two_windows_is_derived_in_each():
    image = [[[[1], [5], [2]]]]
    found = only_layer(
        {"type": "max_pooling", "size": [1, 2], "stride": [1, 1]},
        {"x": image, "y": [[[[3], [4]]]]},
    )
    assert found["da1"] == [[[[2], [1]]]]
    assert found["dx"] == [[[[0], [3], [0]]]]


def test_flatten_runs_through_columns_then_rows_then_channels():
    image = [[[[1], [2]], [[3], [4]]], [[[5], [6]], [[7], [8]]]]
    found = only_layer({"type": "flatten"}, {"x": image, "y": (8, 1)})
    assert found["a1"] == [[i] for i in range(1, 9)]


def test_recurrent_steps_start_from_zero_and_feed_back():
    found = only_layer(
        {"type": "recurrent", "units": 1},
        {
            "x": [[["0.5"]], [["0.25"]]],
            "Wxh_1": [["2"]],
            "Whh_1": [["3"]],
            "bh_1": ["1"],
            "y": (2, 1, 1),
        },
    )
    first = CONTEXT.tanh(2)
    assert_close(found["z1"], [[[2]], [[3 * first + 1.5]]])
    assert_close(found["a1"], [[[first]], [[CONTEXT.tanh(3 * first + 1.5)]]])


def test_lstm_steps_follow_the_gates():
    exercise = make(
        [{"type": "lstm", "units": 1}],
        {"x": (2, 1, 1), "y": (2, 1, 1)}
        | {name: (1, 1) if name.startswith("W") else (1,) for name in LSTM},
    )
    given = {name: mapped(CONTEXT.mpf, values) for name, values in exercise["given"].items()}
    h = c = CONTEXT.mpf(0)
    expected = []
    for ((x,),) in given["x"]:
        i, f, g, o = (
            given[f"Wx{gate}_1"][0][0] * x + given[f"Wh{gate}_1"][0][0] * h + given[f"b{gate}_1"][0]
            for gate in "ifgo"
        )
        i, f, o = (1 / (1 + CONTEXT.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * CONTEXT.tanh(g)
        h = o * CONTEXT.tanh(c)
        expected.append([[h]])
    found = interpret(exercise)
    assert_close(found["a1"], expected)
    assert "z1" not in found


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ({"name": "half_squared_error"}, Fraction(3 * 3 + 1 + 4 + 0, 2 * 2)),
        ({"name": "squared_error", "reduction": "mean"}, Fraction(9 + 1 + 4, 2)),
        ({"name": "squared_error", "reduction": "mean_elements"}, Fraction(9 + 1 + 4, 4)),
        ({"name": "squared_error", "reduction": "sum"}, Fraction(9 + 1 + 4)),
        ({"name": "huber"}, (Fraction(5, 2) + Fraction(1, 2) + Fraction(3, 2)) / 2),
        ({"name": "huber", "threshold": 2}, (Fraction(4) + Fraction(1, 2) + Fraction(2)) / 2),
    ],
)
def test_a_loss_has_its_value(loss, expected):
    given = {"x": [[3, 1], [-1, 2]], "y": [[0, -1], [0, 2]]}
    found = interpret(make([{"type": "flatten"}], given, loss=loss))
    assert_close(found["loss"], CONTEXT.mpf(expected.numerator) / expected.denominator)


def test_losses_with_roots_and_logarithms_have_their_values():
    given = {"x": [["0.5", "0.2"], ["0.5", "0.8"]], "y": [[1, "0.2"], [0, "0.8"]]}
    log = CONTEXT.log
    one_fifth = CONTEXT.mpf(1) / 5
    own = one_fifth * log(one_fifth) + 4 * one_fifth * log(4 * one_fifth)
    expected = {
        "cross_entropy": -(log(CONTEXT.mpf(1) / 2) + own) / 2,
        "binary_cross_entropy": -(log(CONTEXT.mpf(1) / 2) + own),
        "root_mean_squared_error": CONTEXT.sqrt(CONTEXT.mpf(1) / 8),
    }
    for name, value in expected.items():
        found = interpret(make([{"type": "flatten"}], given, loss={"name": name}))
        assert_close(found["loss"], value)


@pytest.mark.parametrize("name", ["batch_normalization", "layer_normalization"])
def test_normalization_adds_a_hundred_thousandth_to_the_variance_by_default(name):
    given = {"x": (2, 2), "gamma_1": (2,), "beta_1": (2,), "y": (2, 2)}
    stated = only_layer({"type": name, "epsilon": "0.00001"}, given)
    assert_close(stated["a1"], only_layer({"type": name}, given)["a1"], 0)
