"""Zeros are proven: exactly where they are fractions, else to round to 0."""

import math
import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gradgrade.oracle import Dense, Network
from gradgrade.oracle.exact_numbers import significant_digits
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.proof.certify import certify
from gradgrade.oracle.proof.crosscheck import LARGE
from gradgrade.problems import Exercise, solve
from tests.oracle.programs.compared import Program
from tests.oracle.proof.proven import TENTHS, one_unit, proven, weighted_sum
from tests.strategies import dense, variant


def test_a_zero_that_no_ball_settles_is_found_exactly_in_decimal():
    values = proven(one_unit(), weighted_sum(*TENTHS))
    assert values["z1"].digits(50) == [["0"]]
    assert values["z1"].doubles == [[0.0]]
    assert math.copysign(1, values["z1"].doubles[0][0]) == 1
    assert values["z1"].entries == ((0, 1),)
    assert values["delta1"].digits(3) == [["-1.00"]]


def test_what_cancels_in_decimal_does_not_in_binary64():
    doubles = list(map(float, TENTHS))
    rest = sum(map(Fraction, doubles))
    values = proven(one_unit(), weighted_sum(*doubles))
    assert values["z1"].doubles == [[float(rest)]] == [[2.7755575615628914e-17]]
    assert values["z1"].digits(50) == [[significant_digits(*rest.as_integer_ratio(), 50)]]


def test_a_zero_beside_other_entries_is_found_exactly():
    network = Network(inputs=3, layers=(Dense(units=2),))
    givens = {
        "x": [[each] for each in TENTHS],
        "y": [[0], [1]],
        "W1": [[1, 1, 1], [1, 2, 3]],
        "b1": [0, 0],
    }
    values = proven(network, givens)
    assert values["z1"].digits(2) == [["0"], ["-0.40"]]
    assert values["dW1"].digits(2) == [["0", "0", "0"], ["-0.14", "-0.28", "0.42"]]
    assert values["loss"].digits(2) == "0.98"


def test_a_zero_is_found_beside_what_takes_more_precision():
    # Balls that are walked again know the zero; the reference has what rounding leaves of it.
    network = Network(inputs=3, layers=(Dense(units=2, bias="none"), Dense(units=1, bias="none")))
    givens = {
        "x": [[Decimal("0.7")]] * 3,
        "y": [[1]],
        "W1": [[Decimal(each) for each in ("0.25", "0.1", "-0.35")], [1, -1, Decimal("1e-30")]],
        "W2": [[3, 0]],
    }
    values = proven(network, givens)
    assert values["z1"].digits(2) == [["0"], ["7.0E-31"]]
    assert values["z2"].digits(2) == [["0"]]
    assert values["dW2"].digits(2) == [["0", "-7.0E-31"]]


@pytest.mark.parametrize("activation", ["tanh", "elu", "silu", "gelu"])
def test_a_function_of_a_sum_that_cancels_is_0_in_both_arithmetics(activation):
    # No fraction knows the function; that it was given 0, one does.
    network = Network(inputs=3, layers=(Dense(units=2, activation=activation, bias="none"),))
    tenths = [Decimal(each) for each in ("0.1", "0.2", "-0.3")]
    givens = {
        "x": [[1]] * 3,
        "y": [[1], [1]],
        "W1": [tenths, [1, 0, 0]],
        **({"alpha1": 1} if activation == "elu" else {}),
    }
    values = proven(network, givens)
    assert values["z1"].digits(2) == [["0"], ["1.0"]]
    assert values["a1"].digits(2)[0] == ["0"]
    assert values["a1"].doubles[0] == [0.0]


@pytest.mark.parametrize("digits", [10, 50, 200])
def test_a_zero_behind_irrational_steps_is_proven_to_round_to_zero(digits):
    # The gradients by the units' outputs sum to 0 under softmax, whatever the softmax is.
    network = Network(inputs=2, layers=(Dense(units=3, activation="softmax", bias="shared"),))
    givens = {
        "x": [[Decimal("0.3")], [Decimal("0.7")]],
        "y": [[0], [1], [0]],
        "W1": [[1, 2], [Decimal("-0.1"), 1], [Decimal("0.2"), 2]],
        "b1": Decimal("0.1"),
    }
    value = proven(network, givens, loss="cross_entropy", digits=digits)["db1"]
    assert value.digits(digits) == "0"
    assert value.doubles == 0.0
    assert value.entries == ((0, 1),)
    assert 0 < value.error_bound < Fraction(1, 2**1075)


def test_a_zero_that_fractions_know_is_put_in_though_a_walk_comes_through():
    # No ball of p or q is told from 0, and k makes something of what is left.
    text = "p = x + y - z\nq = tanh(p)\nk = q * w\no = q + 1"
    program = Program(text, dict.fromkeys("xyzw", ()))
    tenths = {
        name: Decimal(number) for name, number in zip("xyz", ("0.1", "0.2", "0.3"), strict=True)
    }
    values = certify(program.derivation, {**tenths, "w": 10**300, "do": 1}, digits=50)
    assert [values[name].doubles for name in "pqko"] == [0, 0, 0, 1]
    assert all(values[name].is_exact for name in "pqko")


def test_a_zero_behind_irrational_steps_survives_iterations():
    network = Network(inputs=1, layers=(Dense(units=2, activation="softmax", bias="shared"),))
    givens = {"x": [[1]], "y": [[0], [1]], "W1": [[1], [2]], "b1": Decimal("0.1")}
    values = proven(network, givens, loss="cross_entropy", iterations=3)
    assert [values[f"db1@{t}"].doubles for t in (1, 2, 3)] == [0.0] * 3
    assert values["b1_new"].doubles == 0.1


def all_zero(**fields: Any) -> Exercise:
    """Equal units with equal targets: each entry of δ is 0, behind steps that no fraction is."""
    return variant(
        **{"layers": [dense(2, "tanh"), dense(5, "softmax")]} | fields,
        loss={"name": "binary_cross_entropy"},
        batch=3,
        draw={
            "weights": {"initialization": "zero"},
            "biases": {"low": 0, "high": 0, "step": 1},
        },
        given={"y": [[1] * 3] * 5},
        ask=["loss"],
    )


def test_a_sum_of_entries_that_are_all_zero_behind_irrational_steps_is_proven():
    # db2 reads δ alone.
    assert solve(all_zero())["db2"].value == ["0"] * 5


@pytest.mark.parametrize("regularization", [None, {"l2": 0.1}])
def test_gradients_of_a_large_network_that_are_all_zero_are_proven(regularization):
    exercise = all_zero(
        inputs=LARGE // 5 + 1,
        layers=[dense(5, "softmax")],
        optimizer={"name": "adam", "learning_rate": 0.1},
        regularization=regularization,
    )
    assert set(flatten(solve(exercise)["mW1"].value)) == {"0"}


def test_zeros_behind_irrational_steps_take_no_longer_with_every_iteration():
    exercise = all_zero(
        layers=[dense(5, "softmax")],
        iterations=9,
        optimizer={"name": "adam", "learning_rate": 0.1},
    )
    start = time.perf_counter()
    assert solve(exercise)["b1_new"].value == ["0"] * 5
    # A quarter of a second where each quantity is looked at once.
    assert time.perf_counter() - start < 4


def test_a_saturated_softmax_has_no_gradient_left_in_binary64_and_digits_where_it_has():
    network = Network(inputs=1, layers=(Dense(units=2, activation="softmax", bias="none"),))
    givens = {"x": [[1]], "y": [[0], [1]], "W1": [[-400], [400]]}
    value = proven(network, givens, loss="cross_entropy")["delta1"]
    assert value.doubles == [[0.0], [0.0]]
    # e^−800, by mpmath.
    assert value.digits(12) == [["3.66787458418E-348"], ["-3.66787458418E-348"]]


@pytest.mark.parametrize("loss", ["half_squared_error", "squared_error"])
def test_a_gradient_that_fractions_know_to_be_0_is_proven_of_the_first_variant_too(loss):
    # At the midpoints of what is given, which are no hundredths, it is not 0 but about 1e-58.
    def numbers(*texts: str) -> list[Decimal]:
        return list(map(Decimal, texts))

    network = Network(inputs=4, layers=(Dense(units=1, activation="tanh"), Dense(units=1)))
    givens = {
        "x": [[each] for each in numbers("-0.4", "-0.1", "-0.3", "-0.8")],
        "y": [[1]],
        "W1": [numbers("-0.65", "-0.1", "-0.9", "-0.45")],
        "b1": numbers("-0.9"),
        "W2": [numbers("0.7")],
        "b2": numbers("0.3"),
    }
    for _ in range(2):
        assert proven(network, givens, loss=loss)["dW2"].doubles == [[0]]


@pytest.mark.parametrize("scale", [10**6, 10**12, 10**100, 10**140])
def test_a_gradient_that_is_0_is_proven_however_much_the_loss_is_curved(scale):
    program = Program("o = sum((x * w)**2)", {"x": (2,), "w": (2,)})
    givens = {"x": [scale, scale], "w": [0, 0], "do": 1}
    assert certify(program.derivation, givens, digits=50)["dw"].doubles == [0, 0]
