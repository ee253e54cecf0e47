"""What is told of many intervals at once is what exact numbers tell of each."""

import math
from fractions import Fraction

import numpy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradgrade.oracle.accuracy.many_accepted import many_accepted
from gradgrade.oracle.accuracy.tolerance import accepted_doubles
from tests.examples import examples

PARTS = 2**70
"""Of the way to the middle between two doubles, in which numbers are stated here."""

BESIDE_POWERS = st.builds(
    lambda exponent, off, sign: sign * (math.ldexp(1.0, exponent) + off * math.ulp(2.0**exponent)),
    st.integers(-1060, 1000),
    st.integers(-3, 3),
    st.sampled_from([1, -1]),
)
NEAREST = BESIDE_POWERS | st.floats(-1e300, 1e300) | st.floats(-2, 2)
SHARES = st.sampled_from([0, 1, -1, PARTS // 2, PARTS - 1, 1 - PARTS]) | st.integers(-PARTS, PARTS)
"""How far a number lies from its nearest double towards the middle to the next one, in parts."""


@st.composite
def intervals(draw: st.DrawFn) -> tuple[float, Fraction, float]:
    """A double, a number whose nearest it is, and a band: of its size, of its last bits, or any."""
    nearest, share = draw(NEAREST), draw(SHARES)
    # Below a power of two the doubles lie half as far apart.
    neighbour = math.nextafter(nearest, math.copysign(math.inf, share))
    beyond = abs(Fraction(neighbour) - Fraction(nearest)) / 2 * share / PARTS
    band = draw(
        st.floats(0, 1e300)
        | st.sampled_from([0.0, 2.0**-1022, abs(nearest), abs(nearest) / 2])
        | st.integers(0, 99).map(lambda count: count * math.ulp(nearest) / 4)
        | st.floats(0, 1e-9).map(lambda share: share * abs(nearest))
    )
    return nearest, Fraction(nearest) + beyond, band


def told(nearest: float, number: Fraction, band: float) -> tuple[float, float] | None:
    beyond = float(number - Fraction(nearest)) or (0.0 if number == nearest else 2.0**-1074)
    low, high, is_told = many_accepted(*(numpy.array([each]) for each in (nearest, beyond, band)))
    return (float(low[0]), float(high[0])) if is_told[0] else None


def exact(number: Fraction, band: float) -> tuple[float, float]:
    ends = (number - Fraction(band), number + Fraction(band))
    low, high = (end.as_integer_ratio() for end in ends)
    return accepted_doubles(low, high)


@given(intervals())
@example((1.0, Fraction(1), 2.0**-53))
@example((1.0 - 2.0**-53, Fraction(1) - Fraction(2) ** -53, 0.0))
@example((0.0, Fraction(0), 1.0 - 2.0**-53))
@example((0.0, Fraction(1, 2**1075), 2.0**-1049))
@example((0.0, Fraction(1, 2**1075), 1.5 * 2.0**-1022))
@settings(max_examples=examples(3_000, in_full=20_000))
def test_what_is_told_at_once_is_what_exact_numbers_tell(interval):
    nearest, number, band = interval
    found = told(nearest, number, band)
    assert found in (None, exact(number, band))


def test_of_ordinary_numbers_nearly_all_are_told():
    generator = numpy.random.default_rng(1)
    nearest, bands = generator.normal(size=2_000), generator.uniform(0, 1e-12, 2_000)
    beyond = generator.uniform(-0.5, 0.5, 2_000) * numpy.spacing(nearest)
    low, high, is_told = many_accepted(nearest, beyond, bands)
    assert is_told.sum() > 1_990
    for at in numpy.flatnonzero(is_told):
        number = Fraction(float(nearest[at])) + Fraction(float(beyond[at]))
        assert (low[at], high[at]) == exact(number, float(bands[at]))


def test_no_double_is_told_where_an_end_lies_in_the_middle_between_two():
    assert told(1.5, Fraction(3, 2), 2.0**-53) is None
    assert told(1.5, Fraction(3, 2), 2.0**-52) == (1.5 - 2.0**-52, 1.5 + 2.0**-52)


def test_what_is_far_too_rough_for_an_end_that_cancels_is_not_told():
    # 1/3 and a band as near to it as a double can be leave less than is known of 1/3.
    assert told(1 / 3, Fraction(1, 3), 1 / 3) is None
