"""How the interpreter reads a document: names, conventions, numbers, samples, refusals."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import mpmath
import pytest

from tests.independent.autodiff import NotDifferentiableError
from tests.independent.compared import CONTEXT, assert_close, quotient, written
from tests.independent.exercises import DENSE, NETWORKS, house_prices, make, network
from tests.independent.interpreter import interpret
from tests.independent.nested import mapped, shape, transposed


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
