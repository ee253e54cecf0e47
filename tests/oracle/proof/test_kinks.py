"""Kinks are found exactly, named, and refused."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gradgrade.oracle import Dense, Network
from gradgrade.oracle.errors import NotCertified, UndefinedValue
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.problems import Exercise, solve
from tests.oracle.proof.proven import TENTHS, one_unit, proven, weighted_sum
from tests.strategies import dense, variant

THREE_TENTHS = [Decimal("0.1")] * 3 + [Decimal("-0.3")]


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
def test_a_kink_in_decimal_is_found_exactly_and_named(activation):
    given = weighted_sum(*THREE_TENTHS)
    numbers = {"alpha1": Decimal("0.5")} if ACTIVATIONS[activation].numbers else {}
    with pytest.raises(UndefinedValue, match=r"^delta1 is undefined: .*kink"):
        proven(one_unit(activation, inputs=4), given | numbers)


def test_what_is_a_kink_in_decimal_is_none_in_binary64():
    given = weighted_sum(*map(float, THREE_TENTHS))
    values = proven(one_unit("relu", inputs=4), given)
    assert values["a1"].doubles == values["z1"].doubles
    assert 0 < values["z1"].doubles[0][0] < 1e-16
    assert values["delta1"].doubles == [[-1.0]]


def test_exercises_of_both_arithmetics_differ_at_a_kink():
    fields: dict[str, Any] = {"layers": [dense(1, "relu", "none")], "inputs": 2}
    values = {"W1": [[3, -1]], "y": [[1]]}
    exercise = variant(**fields, arithmetic="binary64", given=values | {"x": [[0.1], [0.3]]})
    assert solve(exercise)["delta1"].float64 == [[pytest.approx(-1)]]
    text = variant(**fields, arithmetic="decimal", given=values | {"x": [[0.1], [0.2]]}).to_json()
    at_kink = Exercise.from_json(text.replace("0.2", "0.3"))
    with pytest.raises(UndefinedValue, match=r"^delta1 is undefined"):
        solve(at_kink)


def test_a_kink_of_a_later_iteration_is_found_and_named():
    # The first step makes the weight 0: 1 − 1 · (1 − 0).
    with pytest.raises(UndefinedValue, match=r"^delta1@2 is undefined"):
        proven(one_unit("relu", inputs=1), {"x": [[1]], "y": [[0]], "W1": [[1]]}, iterations=2)


def test_a_kink_of_the_loss_is_found_exactly():
    with pytest.raises(UndefinedValue, match=r"^da1 is undefined"):
        proven(one_unit(), weighted_sum(*TENTHS) | {"y": [[0]]}, loss="absolute_error")


def test_a_continuous_derivative_is_defined_at_its_threshold():
    given = weighted_sum(Decimal("0.1"), Decimal("0.2"), 0)
    for y in (Decimal("0.2"), Decimal("0.4")):
        values = proven(
            one_unit(),
            given | {"y": [[y]], "threshold": Decimal("0.1")},
            loss="huber",
        )
        assert abs(Fraction(values["da1"].doubles[0][0])) == Fraction(0.1)


@pytest.mark.parametrize("told", ["exactly 0", "delta2"])
def test_a_kink_that_nothing_decides_is_not_certified_and_its_quantity_is_named(told):
    # relu of t − t with t = tanh 1, which is no fraction.
    network = Network(
        inputs=1,
        layers=(
            Dense(units=2, activation="tanh", bias="none"),
            Dense(units=1, activation="relu", bias="none"),
        ),
    )
    givens = {"x": [[1]], "y": [[1]], "W1": [[1], [1]], "W2": [[1, -1]]}
    with pytest.raises(NotCertified, match=told):
        proven(network, givens)
