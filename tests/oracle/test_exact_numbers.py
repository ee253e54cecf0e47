"""Rounding of exact ratios, against definitions of rounding in fractions."""

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradgrade.oracle.errors import OutOfRange
from gradgrade.oracle.exact_numbers import (
    binary64,
    digits_between,
    ratio,
    significant_digits,
    upper_bound,
)
from tests.examples import examples

LARGEST = Fraction(1.7976931348623157e308)
SMALLEST = Fraction(2) ** -1074

DIGIT_COUNTS = st.integers(1, 60)
INTEGERS = st.integers(-(10**60), 10**60)
DENOMINATORS = st.integers(1, 10**60)
SCALES = st.integers(-340, 300)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)


def exponent_of(value: Fraction) -> int:
    """⌊log₁₀ |value|⌋, by trial."""
    exponent = math.floor(math.log10(abs(value.numerator)) - math.log10(value.denominator))
    while abs(value) >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while abs(value) < Fraction(10) ** exponent:
        exponent -= 1
    return exponent


def rounded_by_definition(value: Fraction, digits: int) -> Fraction:
    """The nearest of the decimals with so many digits; of two, that with the even last digit."""
    unit = Fraction(10) ** (exponent_of(value) - digits + 1)
    return round(value / unit) * unit


@given(INTEGERS, DENOMINATORS, SCALES, DIGIT_COUNTS)
def test_significant_digits_are_the_nearest_decimal(numerator, denominator, scale, digits):
    assume(numerator)
    value = Fraction(numerator, denominator) * Fraction(10) ** scale
    text = significant_digits(value.numerator, value.denominator, digits)
    assert Fraction(text) == rounded_by_definition(value, digits)


@given(INTEGERS, SCALES, DIGIT_COUNTS)
def test_significant_digits_are_as_many_as_asked(integer, scale, digits):
    assume(integer)
    value = Fraction(integer) * Fraction(10) ** scale
    text = significant_digits(value.numerator, value.denominator, digits)
    assert len(Decimal(text).as_tuple().digits) == digits


@given(st.integers(1, 10**30), SCALES, st.booleans())
def test_a_decimal_tie_goes_to_the_even_digit_and_a_near_tie_to_its_side(integer, scale, up):
    digits = len(str(integer))
    tie = (integer + Fraction(1, 2)) * Fraction(10) ** scale
    even = integer + integer % 2
    nudge = tie / 10**100 * (1 if up else -1)
    for value, expected in ((tie, even), (tie + nudge, integer + up)):
        text = significant_digits(value.numerator, value.denominator, digits)
        assert Fraction(text) == expected * Fraction(10) ** scale


@given(
    st.integers(1, 10**60),
    st.integers(-30_000, 30_000),
    st.integers(-900, 900),
    st.sampled_from([0, -1, 1]),
    st.booleans(),
    DIGIT_COUNTS,
)
def test_significant_digits_of_long_integers_are_those_of_all_of_them(
    integer, power, scale, nudge, negative, digits
):
    # Ties of decimals among them, and what lies beside one.
    tie = (10 * integer + 5) * Fraction(10) ** (scale - 1)
    value = tie * Fraction(2) ** power if scale % 2 else tie * (1 + nudge * Fraction(2) ** -3000)
    value = -value if negative else value
    whole = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999)
    rounded = whole.divide(Decimal(value.numerator), Decimal(value.denominator))
    text = significant_digits(value.numerator, value.denominator, digits)
    assert Decimal(text) == rounded
    assert len(Decimal(text).as_tuple().digits) == digits


@pytest.mark.parametrize("digits", [1, 50])
def test_zero_is_written_without_digits(digits):
    assert significant_digits(0, 7, digits) == "0"


def test_rounding_up_to_a_power_of_ten_keeps_the_number_of_digits():
    assert significant_digits(99996, 10**4, 4) == "10.00"
    assert significant_digits(-99996, 10**4, 4) == "-10.00"


@given(DOUBLES)
def test_a_double_is_its_own_rounding(double):
    assert binary64(*ratio(double)) == double


@given(DOUBLES, st.fractions(0, 1))
def test_a_value_between_doubles_goes_to_the_nearer(low, share):
    high = math.nextafter(low, math.inf)
    assume(math.isfinite(high))
    value = Fraction(low) + share * (Fraction(high) - Fraction(low))
    expected = low if share < Fraction(1, 2) else high
    if share == Fraction(1, 2):
        expected = low if is_even(low) else high
    assert binary64(value.numerator, value.denominator) == expected


def is_even(double: float) -> bool:
    """Whether the last bit of a double is 0."""
    return Fraction(double) / Fraction(math.ulp(double)) % 2 == 0


@given(DOUBLES)
def test_the_middle_of_two_doubles_goes_to_the_even_one_and_a_near_middle_to_its_side(low):
    high = math.nextafter(low, math.inf)
    assume(math.isfinite(high))
    middle = (Fraction(low) + Fraction(high)) / 2
    nudge = (Fraction(high) - Fraction(low)) / 10**60
    assert binary64(*ratio(middle)) == (low if is_even(low) else high)
    assert binary64(*ratio(middle - nudge)) == low
    assert binary64(*ratio(middle + nudge)) == high


@given(st.integers(1, 2**52), st.sampled_from([-1, 0, 1]), st.booleans())
def test_subnormal_ties_and_near_ties_round_correctly(count, side, negative):
    sign = -1 if negative else 1
    value = sign * ((count + Fraction(1, 2)) * SMALLEST + side * SMALLEST / 10**40)
    expected = count + (side > 0 or (side == 0 and count % 2))
    assert binary64(*ratio(value)) == sign * expected * 5e-324


@given(INTEGERS, st.integers(-390, 247))
def test_a_decimal_rounds_as_its_literal_does(digits, exponent):
    text = f"{digits}e{exponent}"
    assert binary64(*ratio(Fraction(text))) == float(text)


@pytest.mark.parametrize("sign", [1, -1])
def test_what_lies_below_half_the_smallest_double_is_a_positive_zero(sign):
    value = sign * SMALLEST / 2
    assert math.copysign(1, binary64(*ratio(value))) == 1
    assert binary64(*ratio(value)) == 0
    assert binary64(*ratio(value * Fraction(1001, 1000))) == sign * 5e-324


@pytest.mark.parametrize("sign", [1, -1])
def test_what_rounds_beyond_the_largest_double_is_refused(sign):
    half_step = Fraction(2) ** 970
    assert binary64(*ratio(sign * (LARGEST + half_step / 2))) == sign * float(LARGEST)
    for excess in (half_step, half_step * 10**10):
        with pytest.raises(OutOfRange, match="range of binary64"):
            binary64(*ratio(sign * (LARGEST + excess)))


@given(INTEGERS, DENOMINATORS, SCALES)
def test_a_written_bound_is_one_digit_and_never_below_the_bound(numerator, denominator, scale):
    bound = abs(Fraction(numerator, denominator)) * Fraction(10) ** scale
    text = upper_bound(bound)
    assert bound <= Fraction(text) <= 2 * bound
    assert len(Decimal(text).as_tuple().digits) == 1


# Digits of all numbers of an interval

MIDDLES = st.integers(-(10**70), 10**70)
EXPONENTS = st.one_of(st.integers(-90, 20), st.integers(-600, 300))


def interval(middle: int, radius: int, exponent: int) -> tuple[str, str, int, int]:
    """The interval around a number."""
    return "-" if middle < 0 else "", str(abs(middle)), radius, exponent


@given(MIDDLES, EXPONENTS, st.sampled_from([1, 2, 5, 31, 50]))
@settings(max_examples=examples(400))
def test_digits_of_one_number_are_those_of_its_ratio_but_at_a_tie(middle, exponent, digits):
    value = middle * Fraction(10) ** exponent
    found = digits_between(interval(middle, 0, exponent), digits)
    ratio = value.as_integer_ratio()
    if found is not None:
        assert found == significant_digits(*ratio, digits)
    elif len(str(abs(middle))) > digits:
        unit = Fraction(10) ** last_place_of(value, digits)
        assert value / unit % 1 == Fraction(1, 2)


def last_place_of(value: Fraction, digits: int) -> int:
    """The exponent of ten of the last of a number's digits, rounded towards 0."""
    return exponent_of(value) - digits + 1


@given(MIDDLES, st.integers(0, 10**20), EXPONENTS, st.sampled_from([1, 3, 31, 50]))
@settings(max_examples=examples(400))
def test_digits_of_an_interval_are_told_only_where_both_ends_have_them(
    middle, radius, exponent, digits
):
    found = digits_between(interval(middle, radius, exponent), digits)
    ends = {
        significant_digits(*(each * Fraction(10) ** exponent).as_integer_ratio(), digits)
        for each in (middle - radius, middle + radius)
    }
    assert found is None or ends == {found}


@given(st.integers(1, 60), st.integers(-3, 3), st.integers(0, 3), st.sampled_from([1, 3, 31]))
def test_digits_beside_a_power_of_ten_are_those_of_both_ends(zeros, beside, radius, digits):
    middle = 10**zeros + beside
    found = digits_between(interval(middle, radius, -7), digits)
    ends = {significant_digits(each, 10**7, digits) for each in (middle - radius, middle + radius)}
    assert found is None or ends == {found}


def test_digits_that_an_interval_is_narrow_beside_are_told():
    assert digits_between(interval(31415926535, 4, -10), 8) == "3.1415927"
    assert digits_between(interval(31415926535, 60, -10), 8) is None
    assert digits_between(interval(31415926535, 4, -10), 10) is None


@pytest.mark.parametrize(
    ("middle", "exponent", "digits", "expected"),
    [
        (9991, -1, 2, "1.0E+3"),
        (9537, -10, 3, "9.54E-7"),
        (10, -1, 1, "1"),
        (-1000, -3, 3, "-1.00"),
        (1234501, -2, 5, "12345"),
        (12345, 0, 3, "1.23E+4"),
        (9766, -7, 2, "0.00098"),
        (0, 0, 2, "0"),
    ],
)
def test_digits_are_written_as_decimals_write_them(middle, exponent, digits, expected):
    assert digits_between(interval(middle, 0, exponent), digits) == expected
    ratio = (middle * Fraction(10) ** exponent).as_integer_ratio()
    assert significant_digits(*ratio, digits) == expected
