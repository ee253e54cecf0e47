"""Relations that gradients must fulfil, whatever their values: no expected number is in here."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive, evaluate
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.oracle.nested import flatten, shape_of, transpose
from gradgrade.oracle.networks.layers import BatchNormalization, Lstm, Recurrent
from tests.agreement import exact
from tests.examples import examples

REFERENCE = Reference(digits=80)
CLOSE = Fraction(1, 10**60)

Givens = dict[str, Any]

SMOOTH = ("identity", "sigmoid", "tanh", "softplus", "gelu", "silu")
ANY_LOSS = tuple(name for name, loss in LOSSES.items() if loss.targets == "any")
ENTRIES = st.integers(-40, 40).map(lambda count: Fraction(count, 16))


def arrays(rows: int, columns: int) -> st.SearchStrategy[list[list[Fraction]]]:
    """Matrices of small fractions."""
    row = st.lists(ENTRIES, min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows)


def vectors(count: int) -> st.SearchStrategy[list[Fraction]]:
    """Vectors of small fractions."""
    return st.lists(ENTRIES, min_size=count, max_size=count)


@st.composite
def cases(
    draw: st.DrawFn, *, hidden: tuple[str, ...] = SMOOTH, units: int = 3, batch: int = 2
) -> tuple[Network, Givens]:
    """A network with a hidden layer, in column convention, and its givens."""
    layers = (
        Dense(units=units, activation=draw(st.sampled_from(hidden))),
        Dense(units=2, activation=draw(st.sampled_from(hidden))),
    )
    givens = {
        "x": draw(arrays(2, batch)),
        "y": draw(arrays(2, batch)),
        "W1": draw(arrays(units, 2)),
        "b1": draw(vectors(units)),
        "W2": draw(arrays(2, units)),
        "b2": draw(vectors(2)),
    }
    return Network(inputs=2, layers=layers), givens


def found(
    network: Network,
    givens: Mapping[str, Any],
    loss: Loss = Loss(name="half_squared_error"),  # noqa: B008 - frozen
    *,
    batch: int | None = None,
    **structure: Any,
) -> dict[str, Any]:
    """All values; a draw in which one is undefined is passed over."""
    samples = shape_of(givens["x"])[-1 if network.convention == "column" else 0]
    derivation = derive(network, loss, Optimizer(), batch=batch or samples, **structure)
    numbers = dict.fromkeys(LOSSES[loss.name].numbers, Fraction(3, 4))
    known = {"learning_rate": Fraction(1, 8)} | numbers | dict(givens)
    for name in derivation.given:
        if name.startswith("alpha"):
            known[name] = Fraction(1, 3)
    try:
        return dict(evaluate(derivation, known, REFERENCE))
    except UndefinedValue:
        assume(False)
        raise


def close(one: Any, other: Any, factor: Fraction = Fraction(1)) -> bool:
    """Whether one array is a multiple of the other, to 60 digits of the larger."""
    assert shape_of(one) == shape_of(other)
    left, right = list(map(exact, flatten(one))), list(map(exact, flatten(other)))
    scale = max(1, *map(abs, left), *map(abs, right))
    return all(
        abs(a * factor - b) <= CLOSE * scale * max(1, factor)
        for a, b in zip(left, right, strict=True)
    )


GRADIENTS = ("dW1", "db1", "dW2", "db2", "dx")


@given(cases(), st.permutations(range(3)), st.sampled_from(ANY_LOSS))
@settings(max_examples=examples(30))
def test_permuting_hidden_units_permutes_their_gradients(case, order, loss):
    network, givens = case
    permuted = givens | {
        "W1": [givens["W1"][k] for k in order],
        "b1": [givens["b1"][k] for k in order],
        "W2": [[row[k] for k in order] for row in givens["W2"]],
    }
    before, after = (found(network, each, Loss(name=loss)) for each in (givens, permuted))
    for name in ("loss", "dx", "db2"):
        assert close(before[name], after[name])
    for name in ("z1", "a1", "delta1", "dW1", "db1", "da1"):
        assert close([before[name][k] for k in order], after[name])
    assert close([[row[k] for k in order] for row in before["dW2"]], after["dW2"])


@given(cases(batch=3), st.sampled_from([each for each in ANY_LOSS if not LOSSES[each].is_root]))
@settings(max_examples=examples(30))
def test_a_sum_is_its_mean_times_the_count(case, loss):
    network, givens = case
    summed, mean, by_element = (
        found(network, givens, Loss(name=loss, reduction=each))
        for each in ("sum", "mean", "mean_elements")
    )
    for name in (*GRADIENTS, "loss", "delta1", "da2"):
        assert close(mean[name], summed[name], Fraction(3))
        assert close(by_element[name], summed[name], Fraction(6))


@given(cases(batch=3), st.sampled_from(ANY_LOSS))
@settings(max_examples=examples(30))
def test_gradients_of_a_sum_are_the_sum_over_the_samples(case, loss):
    assume(not LOSSES[loss].is_root)
    network, givens = case
    summed = Loss(name=loss, reduction="sum")
    together = found(network, givens, summed)
    apart = [
        found(network, givens | {k: [[row[n]] for row in givens[k]] for k in ("x", "y")}, summed)
        for n in range(3)
    ]
    for name in ("dW1", "db1", "dW2", "db2", "loss"):
        entries = [list(map(exact, flatten(each[name]))) for each in apart]
        total = [sum(each) for each in zip(*entries, strict=True)]
        assert all(
            abs(exact(one) - other) <= CLOSE * max(1, *map(abs, total))
            for one, other in zip(flatten(together[name]), total, strict=True)
        )
    # A sample's own gradients do not depend on the others.
    for name in ("dx", "delta1", "a2"):
        columns = [[row[0] for row in each[name]] for each in apart]
        assert close(transpose(together[name]), columns)


@given(cases(), st.sampled_from(ANY_LOSS))
@settings(max_examples=examples(30))
def test_the_convention_changes_the_layout_and_nothing_else(case, loss):
    network, givens = case
    rowwise = Network(inputs=network.inputs, layers=network.layers, convention="row")
    turned = {
        name: transpose(value) if len(shape_of(value)) == 2 else value
        for name, value in givens.items()
    }
    column, row = found(network, givens, Loss(name=loss)), found(rowwise, turned, Loss(name=loss))
    assert list(column) == list(row)
    for name, value in column.items():
        assert close(transpose(value) if len(shape_of(value)) == 2 else value, row[name])


@given(cases(hidden=tuple(sorted(ACTIVATIONS))), ENTRIES, vectors(2), vectors(2))
@settings(max_examples=examples(30))
def test_hidden_units_that_are_alike_have_the_same_gradients(case, bias, into, out):
    network, givens = case
    alike = givens | {
        "W1": [into] * 3,
        "b1": [bias] * 3,
        "W2": [[weight] * 3 for weight in out],
    }
    values = found(network, alike)
    for name in ("dW1", "db1", "delta1", "W1_new"):
        first, *others = values[name]
        assert all(close([first], [other]) for other in others)
    assert all(close([row[0]] * 3, row) for row in values["dW2"])


@given(cases())
def test_zero_weights_pass_no_gradient_back(case):
    network, givens = case
    zeros = givens | {"W2": [[0] * 3] * 2}
    values = found(network, zeros)
    for name in ("da1", "delta1", "dW1", "db1", "dx"):
        assert all(exact(each) == 0 for each in flatten(values[name]))


@given(cases(), st.sampled_from(["half_squared_error", "squared_error", "huber"]))
@settings(max_examples=examples(20))
def test_gradients_are_0_where_the_outputs_are_the_targets(case, loss):
    network, givens = case
    outputs = found(network, givens)["a2"]
    targets = [[exact(entry) for entry in row] for row in outputs]
    values = found(network, givens | {"y": targets}, Loss(name=loss))
    for name in (*GRADIENTS, "loss"):
        assert all(abs(exact(each)) < CLOSE for each in flatten(values[name]))


STEP = Fraction(1, 10**25)
# The difference misses the slope by about STEP² of it.
NEAR = Fraction(1, 10**40)


@given(cases(), st.data(), st.sampled_from(ANY_LOSS))
@settings(max_examples=examples(30))
def test_a_directional_derivative_is_the_inner_product_with_the_gradient(case, data, loss):
    network, givens = case
    names = ("x", "W1", "b1", "W2", "b2")
    direction = {
        name: data.draw(
            arrays(*shape_of(givens[name]))
            if len(shape_of(givens[name])) == 2
            else vectors(len(givens[name]))
        )
        for name in names
    }

    def moved(name: str, amount: Fraction) -> Any:
        if len(shape_of(givens[name])) == 1:
            pairs = zip(givens[name], direction[name], strict=True)
            return [entry + amount * share for entry, share in pairs]
        return [
            [entry + amount * share for entry, share in zip(*rows, strict=True)]
            for rows in zip(givens[name], direction[name], strict=True)
        ]

    def value(amount: Fraction) -> Fraction:
        there = givens | {name: moved(name, amount) for name in names}
        return exact(found(network, there, Loss(name=loss))["loss"])

    values = found(network, givens, Loss(name=loss))
    errors = [
        exact(a) - y for a, y in zip(flatten(values["a2"]), flatten(givens["y"]), strict=True)
    ]
    # Not so close to a kink that the difference reaches across it.
    assume(all(abs(error) > STEP * 10**6 for error in errors))
    assume(all(abs(abs(error) - Fraction(3, 4)) > STEP * 10**6 for error in errors))
    slope = (value(STEP) - value(-STEP)) / (2 * STEP)
    inner = sum(
        exact(gradient) * share
        for name in names
        for gradient, share in zip(
            flatten(values[f"d{name}"]), flatten(direction[name]), strict=True
        )
    )
    assert abs(slope - inner) <= NEAR * max(1, abs(slope))


@given(cases(), st.sampled_from(ANY_LOSS))
@settings(max_examples=examples(20))
def test_a_sample_given_twice_changes_nothing_under_a_mean(case, loss):
    network, givens = case
    twice = givens | {name: [row + row for row in givens[name]] for name in ("x", "y")}
    once, again = found(network, givens, Loss(name=loss)), found(network, twice, Loss(name=loss))
    for name in ("loss", "dW1", "db1", "dW2", "db2", "W1_new", "b2_new"):
        assert close(once[name], again[name])
    assert close(again["dx"], [row + row for row in once["dx"]], Fraction(2))


@given(cases(), st.sampled_from(ANY_LOSS))
@settings(max_examples=examples(20))
def test_a_layer_that_is_the_identity_changes_nothing_before_it(case, loss):
    network, givens = case
    longer = Network(inputs=2, layers=(*network.layers, Dense(units=2, bias="none")))
    values = found(network, givens, Loss(name=loss))
    others = found(longer, givens | {"W3": [[1, 0], [0, 1]]}, Loss(name=loss))
    for name in (*GRADIENTS, "loss", "delta1", "delta2", "da2", "W1_new"):
        assert close(values[name], others[name])
    assert close(others["da3"], others["da2"])


@given(cases(batch=3), st.permutations(range(3)))
@settings(max_examples=examples(20))
def test_the_order_of_samples_changes_nothing_but_theirs(case, order):
    network, givens = case
    shuffled = givens | {k: [[row[n] for n in order] for row in givens[k]] for k in ("x", "y")}
    before, after = found(network, givens), found(network, shuffled)
    for name in ("loss", "dW1", "db1", "dW2", "db2"):
        assert close(before[name], after[name])
    assert close([[row[n] for n in order] for row in before["dx"]], after["dx"])


@given(cases(), st.integers(2, 9).map(Fraction))
@settings(max_examples=examples(20))
def test_scaling_the_inputs_down_and_their_weights_up_scales_the_gradients(case, factor):
    network, givens = case
    scaled = givens | {
        "x": [[entry / factor for entry in row] for row in givens["x"]],
        "W1": [[entry * factor for entry in row] for row in givens["W1"]],
    }
    before, after = found(network, givens), found(network, scaled)
    assert close(before["a2"], after["a2"])
    assert close(after["dW1"], before["dW1"], factor)
    assert close(before["dx"], after["dx"], factor)


@given(cases(), st.integers(1, 8).map(lambda count: Fraction(count, 8)))
@settings(max_examples=examples(20))
def test_l2_adds_its_factor_times_the_weights(case, factor):
    network, givens = case
    plain = found(network, givens)
    penalized = found(network, givens | {"l2": factor}, penalties=("l2",))
    for name in ("W1", "W2"):
        pairs = zip(flatten(plain[f"d{name}"]), flatten(givens[name]), strict=True)
        expected = [exact(gradient) + factor * weight for gradient, weight in pairs]
        entries = map(exact, flatten(penalized[f"d{name}"]))
        assert all(abs(a - b) < CLOSE for a, b in zip(entries, expected, strict=True))
    for name in ("db1", "db2", "dx"):
        assert close(plain[name], penalized[name])


@given(cases(), st.integers(1, 3))
@settings(max_examples=examples(15))
def test_an_iteration_starts_where_the_one_before_ended(case, split):
    network, givens = case
    whole = found(network, givens, iterations=4)
    names = ("W1", "b1", "W2", "b2")
    there = {
        name: [[exact(e) for e in row] for row in value]
        if isinstance((value := whole[f"{name}_new@{split}"])[0], list)
        else list(map(exact, value))
        for name in names
    }
    rest = found(network, givens | there, iterations=4 - split)
    for name in names:
        assert close(whole[f"{name}_new"], rest[f"{name}_new"])


@given(arrays(2, 3), arrays(2, 3), arrays(2, 2), vectors(2), ENTRIES)
@settings(max_examples=examples(20))
def test_batch_normalization_takes_no_notice_of_a_shift(x, y, weights, biases, shift):
    network = Network(inputs=2, layers=(Dense(units=2), BatchNormalization()))
    givens = {
        "x": x,
        "y": y,
        "W1": weights,
        "b1": biases,
        "gamma_2": [1, 2],
        "beta_2": [0, 1],
        "epsilon2": Fraction(1, 10),
    }
    shifted = givens | {"b1": [bias + shift for bias in biases]}
    before, after = found(network, givens), found(network, shifted)
    for name in ("a2", "dW1", "dgamma_2", "dbeta_2", "dx"):
        assert close(before[name], after[name])
    assert all(abs(exact(each)) < CLOSE for each in before["db1"])


@pytest.mark.parametrize("layer", [Recurrent(units=2), Lstm(units=2)])
@given(data=st.data())
@settings(max_examples=examples(10))
def test_one_sample_after_the_other_is_both_at_once(layer, data):
    network = Network(inputs=(2, 2), layers=(layer,))
    loss = Loss(name="half_squared_error", reduction="sum")
    derivation = derive(network, loss, Optimizer(), batch=2)
    givens: Givens = {}
    for name, quantity in derivation.given.items():
        count = 1
        for length in quantity.shape:
            count *= length
        if quantity.shape:
            flat = iter(data.draw(vectors(count)))
            givens[name] = nested(flat, quantity.shape)
    together = found(network, givens, loss)
    apart = [
        found(
            network,
            givens | {k: [[[e[n]] for e in row] for row in givens[k]] for k in ("x", "y")},
            loss,
        )
        for n in range(2)
    ]
    for name in together:
        if name.startswith("dW") or name.startswith("db") or name == "loss":
            total = [
                sum(map(exact, each))
                for each in zip(*(flatten(values[name]) for values in apart), strict=True)
            ]
            entries = map(exact, flatten(together[name]))
            assert all(abs(a - b) < CLOSE * 100 for a, b in zip(entries, total, strict=True))


def nested(flat: Any, shape: tuple[int, ...]) -> Any:
    """Nest numbers, in order, into a shape."""
    if not shape:
        return next(flat)
    return [nested(flat, shape[1:]) for _ in range(shape[0])]


@pytest.mark.parametrize(("activation", "loss"), list(product(SMOOTH, ANY_LOSS)))
def test_relations_are_tested_on_values_that_are_not_all_0(activation, loss):
    network = Network(inputs=1, layers=(Dense(units=1, activation=activation),))
    values = found(
        network, {"x": [[2]], "y": [[-3]], "W1": [[1]], "b1": [Fraction(1, 2)]}, Loss(name=loss)
    )
    assert exact(values["dW1"][0][0]) != 0
