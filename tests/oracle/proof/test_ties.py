"""Ties in rounding are decided exactly, or refused by name."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gradgrade.oracle import Dense, Network
from gradgrade.oracle.errors import NotCertified
from gradgrade.problems import generate, solve
from gradgrade.problems.catalogue import load
from tests.oracle.proof.proven import one_unit, proven, weighted_sum
from tests.strategies import dense, variant

HALF_STEP = Fraction(1, 2**53)
AFTER_1 = math.nextafter(1, 2)


@pytest.mark.parametrize(
    ("nudge", "expected"),
    [(Fraction(0), 1.0), (Fraction(1, 10**80), AFTER_1), (-Fraction(1, 10**80), 1.0)],
)
def test_a_rational_tie_of_doubles_is_decided_exactly(nudge, expected):
    values = proven(one_unit(), weighted_sum(1, HALF_STEP, nudge))
    assert values["z1"].doubles == [[expected]]


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        ("0.125", 2, "0.12"),
        ("0.375", 2, "0.38"),
        ("0.1250000000000000000000000000000000000000000000000000001", 2, "0.13"),
        ("0.99999999995", 10, "1.000000000"),
        ("-2.5", 1, "-2"),
        ("-3.5", 1, "-4"),
    ],
)
def test_a_rational_tie_of_digits_is_decided_exactly(value, digits, expected):
    values = proven(one_unit(), weighted_sum(Decimal(value), 0, 0), digits=digits)
    assert values["z1"].digits(digits) == [[expected]]


def beside_a_tie(nudge: Fraction) -> tuple[Network, dict[str, Any]]:
    """A tie of doubles plus tanh of a nudge, which no fraction is."""
    network = Network(
        inputs=1,
        layers=(Dense(units=1, activation="tanh", bias="none"), Dense(units=1)),
    )
    givens = {"x": [[nudge]], "y": [[0]], "W1": [[1]], "W2": [[1]], "b2": [1 + HALF_STEP]}
    return network, givens


@pytest.mark.parametrize(("sign", "expected"), [(1, AFTER_1), (-1, 1.0)])
def test_an_irrational_near_tie_is_decided_by_more_precision(sign, expected):
    network, givens = beside_a_tie(Fraction(sign, 10**80))
    assert proven(network, givens)["z2"].doubles == [[expected]]


@pytest.mark.parametrize("z", [500, 1000, 1850, 2500, 3000, 4000, 5500])
def test_how_far_a_saturated_unit_is_off_a_tie_is_found_also_beside_what_cancels(z):
    # The second unit takes more precision to begin with: what is tried next must miss nothing.
    network = Network(
        inputs=1,
        layers=(Dense(units=1, activation="tanh", bias="none"), Dense(units=2)),
    )
    off = Fraction(1, 2**40)
    givens = {
        "x": [[1]],
        "y": [[0], [0]],
        "W1": [[z]],
        "W2": [[1], [-1]],
        "b2": [HALF_STEP, 1 + off],
    }
    assert proven(network, givens)["z2"].doubles == [[1.0], [float(off)]]


def test_an_irrational_tie_that_nothing_decides_is_refused_by_name():
    network = Network(
        inputs=1,
        layers=(Dense(units=2, activation="tanh", bias="none"), Dense(units=1)),
    )
    givens = {
        "x": [[1]],
        "y": [[0]],
        "W1": [[1], [1]],
        "W2": [[1, -1]],
        "b2": [1 + HALF_STEP],
    }
    with pytest.raises(NotCertified, match=r"^z2: .*tie"):
        proven(network, givens)


def test_a_decimal_tie_that_nothing_decides_has_a_digit_more():
    # An input of 0 leaves its weight at 0.35, a tie of one digit, behind steps that no fraction is.
    exercise = variant(
        layers=[dense(1, "tanh"), dense(1)],
        arithmetic="decimal",
        given={"x": [[0], [1]], "W1": [[0.35, 0.3]]},
        optimizer={"name": "adam", "learning_rate": 0.1},
    )
    assert solve(exercise, digits=2)["W1_new"].value[0][0] == "0.35"
    assert solve(exercise, digits=1)["W1_new"].value[0][0] == "0.35"


@pytest.mark.parametrize("student", list(map(str, range(40))))
def test_what_comes_by_way_of_a_norm_and_is_dyadic_is_written_out(student):
    """In doubles 2 (b − a) may have 53 digits; with a norm between no fraction shows it."""
    exercise = generate(load("losses-and-fits"), "contrastive", student=student, secret=b"b")
    a, b = ([Fraction(each.double) for each in exercise.given[name]] for name in "ab")
    exact = [2 * (other - one) for one, other in zip(a, b, strict=True)]
    written = solve(exercise)["db"].value
    most = max(len(each.lstrip("-0.").replace(".", "")) for each in written)
    if not any(map(Fraction, written)):
        return  # the two lie farther apart than the margin
    assert most >= 50
    off = [abs(Fraction(text) - value) for text, value in zip(written, exact, strict=True)]
    assert max(off) < Fraction(1, 10**49)
    # Where one has more digits than are asked for, one lies on a tie with a digit less.
    assert most == 50 or 0 in off
