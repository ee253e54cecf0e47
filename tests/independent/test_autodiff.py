"""The interpreter against figures worked by hand and against central differences."""

from __future__ import annotations

import copy
import itertools
import random
import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from mpmath import MPContext

from tests.independent import autodiff
from tests.independent.autodiff import NotDifferentiableError, Variable, gradients
from tests.independent.interpreter import interpret

DIGITS = 60
CONTEXT = MPContext()
CONTEXT.dps = 2 * DIGITS
STEP = Decimal("1e-40")
TOLERANCE = CONTEXT.mpf("1e-55")


# Helpers


def leaves(nested: Any) -> list[Any]:
    """All entries of nested lists, the last index running fastest."""
    if not isinstance(nested, list):
        return [nested]
    return [leaf for item in nested for leaf in leaves(item)]


def shape(nested: Any) -> tuple[int, ...]:
    """The lengths of nested lists along every axis."""
    return (len(nested), *shape(nested[0])) if isinstance(nested, list) else ()


def mapped(function: Any, nested: Any) -> Any:
    """The function applied to every entry."""
    if isinstance(nested, list):
        return [mapped(function, item) for item in nested]
    return function(nested)


def transposed(nested: Any, axes: tuple[int, ...]) -> Any:
    """The entries in another order of axes."""
    old = shape(nested)

    def build(place: tuple[int, ...]) -> Any:
        if len(place) < len(axes):
            return [build((*place, i)) for i in range(old[axes[len(place)]])]
        return entry(nested, tuple(place[axes.index(axis)] for axis in range(len(axes))))

    return build(())


def entry(nested: Any, place: tuple[int, ...]) -> Any:
    """The entry at a place."""
    for index in place:
        nested = nested[index]
    return nested


def written(nested: Any) -> Any:
    """Values as decimal strings that lose nothing of interest."""
    return mapped(lambda value: mpmath.nstr(value, 100), nested)


def drawn(generator: random.Random, *lengths: int) -> Any:
    """Numbers between -1 and 1 with three decimals, none of them 0."""
    if not lengths:
        return f"{generator.choice((-1, 1)) * generator.randint(1, 999) / 1000:.3f}"
    return [drawn(generator, *lengths[1:]) for _ in range(lengths[0])]


def make(layers: list[dict], given: dict, **fields: Any) -> dict:
    """An exercise of those layers and givens; a shape in place of a given is drawn."""
    generator = random.Random(7)
    exercise = {
        "layers": layers,
        "loss": {"name": "half_squared_error", "reduction": "mean"},
        "optimizer": {"name": "sgd", "learning_rate": "0.1"},
        "freeze": [],
        "iterations": 1,
        "convention": "column",
        "arithmetic": "decimal",
        "given": {
            name: drawn(generator, *value) if isinstance(value, tuple) else value
            for name, value in given.items()
        },
    }
    return exercise | fields


def assert_close(found: Any, expected: Any, tolerance: Any = TOLERANCE) -> None:
    """Equal shapes, and entries that differ by no more than the tolerance."""
    assert shape(found) == shape(expected)
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        assert abs(CONTEXT.mpf(one) - CONTEXT.mpf(other)) <= tolerance


def assert_figures(found: Any, expected: Any, significant: int = 10) -> None:
    """Entries that round to the figures expected."""
    assert mapped(lambda v: float(mpmath.nstr(v, significant)), found) == expected


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


def quotient(numerator: int, denominator: int) -> Any:
    """A fraction in the precision of the tests."""
    return CONTEXT.mpf(numerator) / denominator


# Differentiation


def numeric_derivative(function: Any, point: Any) -> Any:
    """The central difference of a function of one scalar."""
    step = CONTEXT.mpf(str(STEP))
    above, below = (function(Variable(point + sign * step)).value for sign in (1, -1))
    return (above - below) / (2 * step)


@pytest.mark.parametrize(
    "function",
    [
        lambda v: v + v * 3 + 2,
        lambda v: 5 - v - v * v,
        lambda v: (v - 3) / (v * v + 1),
        lambda v: 2 / v + v / 7,
        lambda v: v**3 - v**-2,
        lambda v: -v,
        abs,
        autodiff.duplicate,
        autodiff.maximum_with_zero,
        lambda v: autodiff.total(CONTEXT, [v, v * v, v]),
        lambda v: autodiff.exp(CONTEXT, v),
        lambda v: autodiff.log(CONTEXT, v * v),
        lambda v: autodiff.sqrt(CONTEXT, v * v + 1),
        lambda v: autodiff.tanh(CONTEXT, v),
        lambda v: autodiff.sigmoid(CONTEXT, v),
        lambda v: autodiff.softplus(CONTEXT, v),
        lambda v: autodiff.erf(CONTEXT, v),
    ],
)
@pytest.mark.parametrize("point", ["0.7", "-1.3"])
def test_every_operation_has_the_derivative_of_its_central_difference(function, point):
    point = CONTEXT.mpf(point)
    variable = Variable(point)
    (derivative,) = gradients(function(variable), [variable])
    assert abs(derivative - numeric_derivative(function, point)) < TOLERANCE


def test_operations_have_their_values():
    x = Variable(CONTEXT.mpf("0.7"))
    assert_close(autodiff.sigmoid(CONTEXT, x).value, 1 / (1 + CONTEXT.exp(-x.value)))
    assert_close(autodiff.softplus(CONTEXT, x).value, CONTEXT.log(1 + CONTEXT.exp(x.value)))
    assert_close(autodiff.tanh(CONTEXT, x).value, CONTEXT.tanh(x.value))
    assert_close(autodiff.erf(CONTEXT, x).value, CONTEXT.erf(x.value))
    assert autodiff.maximum_with_zero(x).value == x.value
    assert autodiff.maximum_with_zero(-x).value == 0
    assert ((2 - x) / 4).value == (2 - x.value) / 4
    assert (1 / x).value == 1 / x.value


def test_paths_through_a_shared_variable_add_up():
    x = Variable(CONTEXT.mpf(3))
    square = x * x
    assert gradients(square * square + square, [x, square]) == [4 * 27 + 6, 2 * 9 + 1]


def test_the_derivative_by_a_variable_that_plays_no_part_is_zero():
    x, unused = Variable(CONTEXT.mpf(3)), Variable(CONTEXT.mpf(4))
    assert gradients(x + 1, [unused]) == [0]


def test_a_chain_of_a_hundred_thousand_operations_is_differentiated():
    x = Variable(CONTEXT.mpf(1))
    last = x
    for _ in range(100_000):
        last = last + x
    assert gradients(last, [x]) == [100_001]


@pytest.mark.parametrize(
    "function",
    [
        abs,
        autodiff.maximum_with_zero,
        lambda v: autodiff.log(CONTEXT, v),
        lambda v: autodiff.sqrt(CONTEXT, v),
    ],
)
def test_a_point_without_derivative_is_refused(function):
    with pytest.raises(NotDifferentiableError):
        function(Variable(CONTEXT.mpf(0)))


# Worked examples


def house_prices(**fields: Any) -> dict:
    """Two inputs, two sigmoid units, one linear output, worked by hand."""
    return make(
        [
            {"type": "dense", "units": 2, "activation": "sigmoid"},
            {"type": "dense", "units": 1, "activation": "identity"},
        ],
        {
            "x": [[-0.32], [-0.66]],
            "y": [[-0.54]],
            "W1": [[0.2, 0.15], [0.5, 0.6]],
            "b1": [0.1, 0.25],
            "W2": [[0.3, 0.2]],
            "b2": [0.4],
        },
        optimizer={"name": "sgd", "learning_rate": 0.2},
        **fields,
    )


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


# Central differences

DENSE = {"type": "dense", "units": 2}
DENSE_GIVEN = {"W1": (2, 2), "b1": (2,), "x": (2, 2), "y": (2, 2)}


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


OUTPUT = {"type": "dense", "units": 1, "bias": "none"}
SEQUENCE = {"type": "last_step"}
KERNEL = {"type": "convolution", "filters": 2, "kernel": [2, 2]}
LSTM = {
    name: given_shape
    for gate in "ifgo"
    for name, given_shape in {
        f"Wx{gate}_1": (2, 1),
        f"Wh{gate}_1": (2, 2),
        f"b{gate}_1": (2,),
    }.items()
}

NETWORKS = {
    "dense": (
        [DENSE | {"activation": "tanh"}, OUTPUT],
        {"x": (2, 2), "W1": (2, 2), "b1": (2,), "W2": (1, 2), "y": (1, 2)},
    ),
    "dense with shared bias": (
        [DENSE | {"activation": "tanh", "bias": "shared"}, OUTPUT],
        {"x": (2, 2), "W1": (2, 2), "b1": (), "W2": (1, 2), "y": (1, 2)},
    ),
    "dropout": (
        [DENSE | {"activation": "tanh"}, {"type": "dropout", "rate": "0.4"}, OUTPUT],
        {
            "x": (2, 2),
            "W1": (2, 2),
            "b1": (2,),
            "mask_2": [[1, 0], [1, 1]],
            "W3": (1, 2),
            "y": (1, 2),
        },
    ),
    "batch_normalization": (
        [DENSE, {"type": "batch_normalization", "epsilon": "0.01"}, DENSE, OUTPUT],
        {
            "x": (2, 3),
            "W1": (2, 2),
            "b1": (2,),
            "gamma_2": (2,),
            "beta_2": (2,),
            "W3": (2, 2),
            "b3": (2,),
            "W4": (1, 2),
            "y": (1, 3),
        },
    ),
    "batch_normalization of images": (
        [{"type": "batch_normalization"}, {"type": "flatten"}, OUTPUT],
        {
            "x": (2, 2, 1, 2),
            "gamma_1": (2,),
            "beta_1": (2,),
            "W3": (1, 4),
            "y": (1, 2),
        },
    ),
    "layer_normalization": (
        [DENSE | {"units": 3}, {"type": "layer_normalization"}, OUTPUT],
        {
            "x": (2, 2),
            "W1": (3, 2),
            "b1": (3,),
            "gamma_2": (3,),
            "beta_2": (3,),
            "W3": (1, 3),
            "y": (1, 2),
        },
    ),
    "convolution": (
        [KERNEL | {"activation": "tanh"}, {"type": "flatten"}, OUTPUT],
        {"x": (2, 3, 3, 1), "W1": (2, 2, 2, 2), "b1": (2,), "W3": (1, 8), "y": (1, 1)},
    ),
    "convolution with stride, padding and shared bias": (
        [
            KERNEL | {"stride": [2, 1], "padding": [1, 2], "bias": "shared"},
            {"type": "flatten"},
            OUTPUT,
        ],
        {"x": (1, 3, 2, 1), "W1": (2, 1, 2, 2), "b1": (), "W3": (1, 20), "y": (1, 1)},
    ),
    "max_pooling": (
        [{"type": "max_pooling", "size": [2, 2], "stride": [1, 2]}, {"type": "flatten"}, OUTPUT],
        {"x": (1, 3, 5, 2), "W3": (1, 4), "y": (1, 2)},
    ),
    "average_pooling": (
        [{"type": "average_pooling", "size": [2, 1]}, {"type": "flatten"}, OUTPUT],
        {"x": (2, 3, 2, 1), "W3": (1, 4), "y": (1, 1)},
    ),
    "recurrent": (
        [{"type": "recurrent", "units": 2}, SEQUENCE, OUTPUT],
        {
            "x": (3, 2, 2),
            "Wxh_1": (2, 2),
            "Whh_1": (2, 2),
            "bh_1": (2,),
            "W3": (1, 2),
            "y": (1, 2),
        },
    ),
    "recurrent without bias": (
        [{"type": "recurrent", "units": 1, "bias": "none"}, {"type": "flatten"}, OUTPUT],
        {"x": (2, 1, 1), "Wxh_1": (1, 1), "Whh_1": (1, 1), "W3": (1, 2), "y": (1, 1)},
    ),
    "lstm": (
        [{"type": "lstm", "units": 2}, SEQUENCE, OUTPUT],
        {"x": (2, 1, 1), **LSTM, "W3": (1, 2), "y": (1, 1)},
    ),
}


def network(name: str, **fields: Any) -> dict:
    """One of the networks above as an exercise."""
    return make(*NETWORKS[name], **fields)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_with_the_layer_is_differentiated(name):
    assert_gradients_are_central_differences(network(name))


@pytest.mark.parametrize("penalty", [{"l1": "0.3"}, {"l2": "0.2"}, {"l1": "0.3", "l2": "0.2"}])
@pytest.mark.parametrize("name", ["dense", "recurrent", "batch_normalization of images"])
def test_regularization_is_differentiated(name, penalty):
    assert_gradients_are_central_differences(network(name, regularization=penalty))


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


# Values worked by hand


def only_layer(layer: dict, given: dict) -> dict:
    """What a single layer gives, with targets of no consequence."""
    return interpret(make([layer], given))


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


# Updates


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


@pytest.mark.parametrize("name", ["batch_normalization", "layer_normalization"])
def test_normalization_adds_a_hundred_thousandth_to_the_variance_by_default(name):
    given = {"x": (2, 2), "gamma_1": (2,), "beta_1": (2,), "y": (2, 2)}
    stated = only_layer({"type": name, "epsilon": "0.00001"}, given)
    assert_close(stated["a1"], only_layer({"type": name}, given)["a1"], 0)


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


# Names, conventions, numbers, samples


def test_one_iteration_has_every_quantity_and_nothing_else():
    assert interpret(house_prices()).keys() == {
        *("z1", "a1", "z2", "a2", "loss"),
        *("da2", "delta2", "da1", "delta1", "dx"),
        *("dW1", "db1", "dW2", "db2"),
        *("W1_new", "b1_new", "W2_new", "b2_new"),
    }


def test_several_iterations_have_every_quantity_of_each_and_the_parameters_used():
    one = interpret(house_prices()).keys()
    found = interpret(house_prices(iterations=2))
    used = {"W1", "b1", "W2", "b2"}
    assert found.keys() == one | {f"{name}@{t}" for name in one | used for t in (1, 2)}
    assert_close(found["W1@1"], mapped(str, house_prices()["given"]["W1"]))
    assert found["W1@2"] == found["W1_new@1"]
    assert all(found[name] == found[f"{name}@2"] for name in one)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_row_convention_has_the_same_entries_in_its_own_order(name):
    fields = {"optimizer": {"name": "momentum", "learning_rate": 1}, "iterations": 2}
    column = network(name, **fields)

    def turned(quantity: str, values: Any) -> Any:
        depth = len(shape(values))
        if re.match(r"(x|y|z|a|da|dx|delta|mask_)\d?(@|$)", quantity):
            return transposed(values, (depth - 1, *range(depth - 1)))
        if "W" in quantity and depth == 2:
            return transposed(values, (1, 0))
        return values

    given = {key: turned(key, values) for key, values in column["given"].items()}
    row = interpret(column | {"convention": "row", "given": given})
    found = interpret(column)
    assert row.keys() == found.keys()
    for quantity, values in found.items():
        assert_close(row[quantity], turned(quantity, values))


def test_a_written_number_stands_for_itself_or_for_the_nearest_double():
    for number in (0.1, "0.1", Decimal("0.1")):
        given = {"x": [[number]], "y": [[0]]}
        exact = interpret(make([{"type": "flatten"}], given))
        double = interpret(make([{"type": "flatten"}], given, arithmetic="binary64"))
        assert_close(exact["a1"], [[quotient(1, 10)]], CONTEXT.mpf("1e-85"))
        assert double["a1"] == [[0.1]]


def test_settings_follow_the_arithmetic_too():
    layer = DENSE | {"units": 1, "activation": "leaky_relu", "bias": "none"}
    exercise = make([layer], {"x": [[1]], "W1": [[-1]], "y": [[0]]})
    assert_close(interpret(exercise)["a1"], [[quotient(-1, 100)]])
    assert interpret(exercise | {"arithmetic": "binary64"})["a1"] == [[-0.01]]


def test_a_stochastic_iteration_is_one_of_its_sample_alone():
    exercise = network("dropout", stochastic=True, iterations=2)
    exercise["given"]["samples"] = [2, 1]
    found = interpret(exercise)
    parameters = {name: exercise["given"][name] for name in ("W1", "b1", "W3")}
    for iteration, sample in ((1, 1), (2, 0)):
        chosen = {
            name: [row[sample : sample + 1] for row in exercise["given"][name]]
            for name in ("x", "y", "mask_2")
        }
        single = interpret(make(exercise["layers"], chosen | parameters))
        for name, values in single.items():
            assert_close(found[f"{name}@{iteration}"], values)
        parameters = {name: written(single[f"{name}_new"]) for name in parameters}


def test_the_precision_of_others_is_left_alone():
    before = mpmath.mp.prec
    interpret(network("lstm"), 80)
    assert mpmath.mp.prec == before


def test_more_digits_refine_the_same_values():
    coarse, fine = (interpret(network("lstm"), digits) for digits in (30, 60))
    for name, values in coarse.items():
        assert_close(values, fine[name], CONTEXT.mpf("1e-50"))


@pytest.mark.parametrize(
    ("layers", "given", "fields"),
    [
        ([{"type": "dense", "units": 1, "activation": "relu", "bias": "none"}], [["0.3"]], {}),
        (
            [{"type": "dense", "units": 1, "activation": "elu", "alpha": 2, "bias": "none"}],
            [["0.3"]],
            {},
        ),
        ([{"type": "dense", "units": 1, "bias": "none"}], [["0.3"]], "absolute_error"),
        ([{"type": "dense", "units": 1, "bias": "none"}], [["0.3"]], "root_mean_squared_error"),
        ([{"type": "dense", "units": 1, "bias": "none"}], [["0.3"]], "binary_cross_entropy"),
    ],
)
def test_a_kink_is_refused_even_when_rounding_hides_it(layers, given, fields):
    loss = {"loss": {"name": fields}} if fields else {}
    weights = {"W1": [["0.1", "-0.3"]], "x": [*given, ["0.1"]], "y": [[0]]}
    with pytest.raises(NotDifferentiableError):
        interpret(make(layers, weights, **loss))


def test_a_tie_and_a_weight_of_zero_under_l1_are_refused():
    tied = {"x": [[[["0.1"], ["0.1"]]]], "y": (1, 1, 1, 1)}
    with pytest.raises(NotDifferentiableError):
        interpret(make([{"type": "max_pooling", "size": [1, 2]}], tied))
    zero = {"x": [[1]], "y": [[0]], "W1": [[0]]}
    layer = {"type": "dense", "units": 1, "bias": "none"}
    with pytest.raises(NotDifferentiableError):
        interpret(make([layer], zero, regularization={"l1": "0.1"}))


def test_branches_that_agree_in_their_derivative_are_not_refused():
    layer = {"type": "dense", "units": 1, "activation": "elu", "bias": "none"}
    at_zero = interpret(make([layer], {"x": [[0]], "W1": [[1]], "y": [[1]]}))
    assert_close(at_zero["dx"], [[-1]])
    at_threshold = {"x": [[1]], "y": [[0]]}
    found = interpret(make([{"type": "flatten"}], at_threshold, loss={"name": "huber"}))
    assert_close([found["loss"], found["dx"][0][0]], [0.5, 1])


def test_a_parameter_of_the_wrong_shape_is_refused():
    exercise = house_prices()
    exercise["given"]["W1"] = [[1, 2, 3], [4, 5, 6]]
    with pytest.raises(ValueError, match="W1 has shape"):
        interpret(exercise)
