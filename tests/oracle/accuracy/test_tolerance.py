"""Bands, at their very ends."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradgrade.oracle.accuracy.tolerance import (
    Decimals,
    Significant,
    Within,
    accepted_doubles,
    accepts,
    floor_log10,
)
from gradgrade.oracle.exact_numbers import ratio

DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
ORDINARY = st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-12)
KINDS = [
    Decimals(decimals=3),
    Significant(significant=3),
    Within(relative=Fraction(1, 10**6), absolute=Fraction(0)),
    Within(relative=Fraction(0), absolute=Fraction(1, 10**6)),
    Within(relative=Fraction(1, 10**6), absolute=Fraction(1, 10**9)),
]
A_HAIR = Fraction(1, 10**200)


def accepted(tolerance, expected: Fraction, submitted: float) -> bool:
    return accepts(tolerance, expected=ratio(expected), submitted=submitted)


def half_ulp(double: float) -> Fraction:
    return Fraction(math.ulp(double)) / 2


@pytest.mark.parametrize("sign", [1, -1])
@given(submitted=DOUBLES, band=st.fractions(0, 1))
def test_an_error_of_exactly_band_and_half_an_ulp_passes_and_a_hair_more_does_not(
    sign, submitted, band
):
    tolerance = Within(relative=Fraction(0), absolute=band)
    edge = Fraction(submitted) + sign * (band + half_ulp(submitted))
    assert accepted(tolerance, edge, submitted)
    assert not accepted(tolerance, edge + sign * A_HAIR, submitted)


LIMITED = DOUBLES.filter(lambda double: abs(double) < 1e300) | st.integers(-1074, 900).map(
    lambda exponent: math.ldexp(1.0, exponent)
)
HALF_AN_ULP_OFF = st.builds(
    lambda double, sign: Fraction(double) + sign * half_ulp(double),
    LIMITED,
    st.sampled_from([1, -1]),
)


@given(
    ends=st.lists(HALF_AN_ULP_OFF | LIMITED.map(Fraction) | st.fractions(), min_size=2, max_size=2)
)
def test_the_accepted_doubles_of_an_interval_are_the_last_that_half_an_ulp_reaches(ends):
    low, high = sorted(ends)
    smallest, largest = accepted_doubles(ratio(low), (3 * high.numerator, 3 * high.denominator))
    lower, higher = math.nextafter(smallest, -math.inf), math.nextafter(largest, math.inf)
    assert Fraction(lower) + half_ulp(lower) < low <= Fraction(smallest) + half_ulp(smallest)
    assert Fraction(largest) - half_ulp(largest) <= high < Fraction(higher) - half_ulp(higher)


@given(submitted=DOUBLES, decimals=st.integers(0, 20))
def test_decimals_take_one_unit_of_the_last_decimal_and_no_more(submitted, decimals):
    edge = Fraction(submitted) + Fraction(1, 10**decimals) + half_ulp(submitted)
    assert accepted(Decimals(decimals=decimals), edge, submitted)
    assert not accepted(Decimals(decimals=decimals), edge + A_HAIR, submitted)


@pytest.mark.parametrize("tolerance", KINDS, ids=repr)
@given(expected=ORDINARY)
def test_the_last_double_within_passes_and_the_next_does_not(tolerance, expected):
    exact = Fraction(expected)
    band = Fraction(*tolerance.band(exact.as_integer_ratio()))
    inside = float(exact + band)
    while Fraction(inside) - exact <= band + half_ulp(inside):
        inside = math.nextafter(inside, math.inf)
    outside = inside
    inside = math.nextafter(outside, -math.inf)
    assert accepted(tolerance, exact, inside)
    assert not accepted(tolerance, exact, outside)


@given(
    numerator=st.integers(-(10**30), 10**30),
    denominator=st.integers(1, 10**20),
    decimals=st.integers(0, 12),
)
def test_decimals_rounded_or_truncated_pass(numerator, denominator, decimals):
    value = Fraction(numerator, denominator)
    unit = Fraction(1, 10**decimals)
    truncated = math.trunc(value / unit) * unit
    rounded = round(value / unit) * unit
    for answer in (truncated, rounded):
        assert accepted(Decimals(decimals=decimals), value, float(answer))


@given(
    numerator=st.integers(1, 10**30),
    denominator=st.integers(1, 10**30),
    digits=st.integers(1, 12),
)
def test_significant_digits_rounded_or_truncated_pass_and_two_units_off_do_not(
    numerator, denominator, digits
):
    value = Fraction(numerator, denominator)
    unit = Fraction(10) ** (floor_log10(value) - digits + 1)
    tolerance = Significant(significant=digits)
    assert Fraction(*tolerance.band(value.as_integer_ratio())) == unit
    for answer in (math.trunc(value / unit) * unit, round(value / unit) * unit):
        assert accepted(tolerance, value, float(answer))
        assert accepted(tolerance, -value, -float(answer))
    assert not accepted(tolerance, value, float(value + 2 * unit))


@pytest.mark.parametrize("submitted", [5e-324, -5e-324, 1e-300, 1e-9])
def test_an_expected_zero_takes_only_zero_under_significant_digits(submitted):
    tolerance = Significant(significant=3)
    assert accepted(tolerance, Fraction(0), 0.0)
    assert accepted(tolerance, Fraction(0), -0.0)
    assert not accepted(tolerance, Fraction(0), submitted)


@pytest.mark.parametrize("tolerance", KINDS, ids=repr)
@pytest.mark.parametrize("submitted", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("expected", [Fraction(0), Fraction(1, 3), Fraction(10) ** 400])
def test_what_is_not_finite_is_never_accepted(tolerance, submitted, expected):
    assert not accepted(tolerance, expected, submitted)


def test_no_band_is_so_wide_that_nan_passes():
    tolerance = Within(relative=Fraction(10) ** 300, absolute=Fraction(10) ** 300)
    assert not accepted(tolerance, Fraction(1), math.nan)


@given(value=st.fractions(min_value=Fraction(1, 10**300), max_value=10**300))
def test_floor_log10_brackets_its_value(value):
    assume(value > 0)
    exponent = floor_log10(value)
    assert Fraction(10) ** exponent <= value < Fraction(10) ** (exponent + 1)


@pytest.mark.parametrize("exponent", [-400, -17, -1, 0, 1, 17, 400])
def test_floor_log10_is_exact_at_powers_of_ten(exponent):
    power = Fraction(10) ** exponent
    assert floor_log10(power) == exponent
    assert floor_log10(power * (1 - A_HAIR)) == exponent - 1
    assert floor_log10(power * (1 + A_HAIR)) == exponent


def test_a_tiny_expected_value_is_not_passed_by_zero():
    tolerance = Within(relative=Fraction(1, 10**6), absolute=Fraction(0))
    assert not accepted(tolerance, Fraction(1, 10**9), 0.0)
    assert not accepted(Significant(significant=2), Fraction(1, 10**300), 0.0)
