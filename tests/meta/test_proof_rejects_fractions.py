"""The proof must reject wrong fractions: balls and reference are the arithmetics beside them."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.errors import NotCertified
from tests.oracle.proof.proven import TENTHS, one_unit, proven, weighted_sum

Wrong = Callable[[Fraction], Fraction]

BALLS = "^fractions and balls disagree about "
REFERENCE = "^the reference disagrees about z1"

CANCELLED = weighted_sum(1, Decimal("1e-60"), -1)
DEEPLY_CANCELLED = weighted_sum(1, Decimal("1e-500"), -1)
# Of what is dyadic a ball would be exact.
AT_A_TIE_OF_DOUBLES = weighted_sum(Decimal("0.1"), Fraction(9, 10) + Fraction(1, 2**53), 0)
AT_A_TIE_OF_DIGITS = weighted_sum(Decimal("0.1"), Decimal("0.025"), 0)


@pytest.fixture
def with_sums(monkeypatch: pytest.MonkeyPatch) -> Callable[[Wrong], None]:
    """Make every product of matrices in fractions wrong."""
    right = Rational.dot

    def patched(wrong: Wrong) -> None:
        def dot(self: Rational, *matrices: Any) -> Any:
            return [[wrong(each) for each in row] for row in right(self, *matrices)]

        monkeypatch.setattr(Rational, "dot", dot)

    return patched


@pytest.mark.parametrize(
    ("givens", "digits", "wrong", "message"),
    [
        (weighted_sum(*TENTHS), 50, lambda value: value + Fraction(1, 10**40), BALLS),
        (CANCELLED, 50, lambda value: value + Fraction(1, 10**50), BALLS),
        (CANCELLED, 50, lambda value: value + Fraction(1, 10**100), REFERENCE),
        (CANCELLED, 50, lambda _: Fraction(1, 10**100), BALLS),
        (DEEPLY_CANCELLED, 50, lambda value: value + Fraction(1, 10**399), REFERENCE),
        (AT_A_TIE_OF_DOUBLES, 50, lambda value: 7 * value, BALLS),
        (AT_A_TIE_OF_DOUBLES, 50, lambda value: value + Fraction(1, 10**50), BALLS),
        (AT_A_TIE_OF_DIGITS, 2, lambda value: value + Fraction(1, 10**20), BALLS),
    ],
)
def test_what_wrong_fractions_know_is_rejected(givens, digits, wrong, message, with_sums):
    with_sums(wrong)
    with pytest.raises(NotCertified, match=message):
        proven(one_unit(), givens, digits=digits)["z1"].digits(digits)


@pytest.mark.parametrize(
    ("givens", "expected"),
    [
        (weighted_sum(*TENTHS), "0"),
        (CANCELLED, "1.0000000000000000000000000000000000000000000000000E-60"),
        (DEEPLY_CANCELLED, "1.0000000000000000000000000000000000000000000000000E-500"),
    ],
)
def test_what_right_fractions_know_is_proven(givens, expected):
    assert proven(one_unit(), givens)["z1"].digits(50) == [[expected]]
