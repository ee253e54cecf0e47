"""Balls and points inside them, and the truth that a ball is to hold."""

from fractions import Fraction
from typing import Any

from flint import arb
from hypothesis import strategies as st
from mpmath import MPContext

from gradgrade.oracle.arithmetic.ball import Ball

BITS = 80
TRUE_BITS = 600
BALL = Ball(bits=BITS)
TRUTH = MPContext()
TRUTH.prec = TRUE_BITS
# How far the truth itself may be rounded.
NEARLY = arb((1, -400))


def true_number(value: Fraction) -> Any:
    """A fraction in the truth's context; it rounds nothing that these tests draw."""
    return TRUTH.mpf(value.numerator) / value.denominator


def holds(element: arb, value: Any) -> bool:
    """Whether a ball holds a number of the truth's context, its rounding allowed for."""
    sign, mantissa, exponent, _ = value._mpf_
    target = arb(((-1) ** sign * int(mantissa), int(exponent)))
    with Ball(bits=2 * TRUE_BITS).active():
        return bool((element + abs(target) * arb(0, 1) * NEARLY).contains(target))


def element(middle: float, radius: float) -> arb:
    """A ball of this middle and radius."""
    return arb(middle, radius)


MIDDLES = st.one_of(
    st.floats(-4, 4),
    st.floats(-60, 60),
    st.floats(-1e-9, 1e-9),
    st.sampled_from([0.0, 1.0, -1.0, 5e-324, -5e-324, 800.0, -800.0, 1e5, -1e5]),
)
RADII = st.one_of(st.just(0.0), st.integers(-90, 1).map(lambda power: 2.0**power))
SHARES = st.one_of(st.sampled_from([-1, 0, 1]), st.integers(-16, 16)).map(lambda n: Fraction(n, 16))


@st.composite
def points(draw: st.DrawFn, middles: st.SearchStrategy[float] = MIDDLES) -> tuple[arb, Fraction]:
    """A ball and a point inside it, ends included."""
    middle, radius, share = draw(middles), draw(RADII), draw(SHARES)
    share = max(min(share, Fraction(1)), Fraction(-1))
    return element(middle, radius), Fraction(middle) + share * Fraction(radius)
