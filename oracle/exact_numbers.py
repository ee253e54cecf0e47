"""Exact numbers at the oracle's edges, and their correct rounding.

Inside a walk numbers belong to an arithmetic. At its edges they are exact: what a document states
(a decimal or a binary64) comes in, and what a walk found goes out as a ratio of integers, to be
rounded once. `float(mpf)` misrounds subnormals and `nstr` misrounds near-ties; division of exact
integers does neither.
"""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import inf

from gradgrade.oracle.errors import OutOfRange

Exact = int | float | Decimal | Fraction
"""A number that stands for exactly itself: an integer, a double, a decimal or a ratio."""

Ratio = tuple[int, int]
"""Numerator and positive denominator."""

DIGITS_OF_DOUBLES = 15
"""As many decimal digits as every double holds; what one has beyond them is its own."""

MOST_BITS_OF_RATIO = 120_000
TOO_SMALL = "a value is below 1e-30000, too small to write out"
TOO_LARGE = "a value is above 1e30000, too large to write out"


def written_out(mantissa: int, exponent: int) -> Ratio:
    """Return mantissa · 2^exponent as a ratio.

    Raises:
        OutOfRange: it is beyond 2^120,000, or below 2^-120,000.

    >>> written_out(3, 2), written_out(3, -2)
    ((12, 1), (3, 4))
    """
    if exponent > MOST_BITS_OF_RATIO:
        raise OutOfRange(TOO_LARGE)
    # What is not small may have as many bits behind the point: it is known so precisely.
    if exponent + mantissa.bit_length() < -MOST_BITS_OF_RATIO:
        raise OutOfRange(TOO_SMALL)
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def ratio(number: Exact) -> Ratio:
    """Return `number` as a ratio of integers.

    >>> from decimal import Decimal
    >>> ratio(Decimal("0.1")), ratio(0.5)
    ((1, 10), (1, 2))
    """
    return number.as_integer_ratio()


def added(one: Ratio, other: Ratio) -> Ratio:
    """Return the sum of two ratios, not reduced: that is most of what a `Fraction` takes.

    >>> added((1, 2), (-1, 4))
    (2, 8)
    """
    return one[0] * other[1] + other[0] * one[1], one[1] * other[1]


LONG = 2_048
"""Bits of an integer from which on its beginning is looked at first."""

GUARD_DIGITS = 20
"""Digits more than are asked for, of what is told from the beginning of integers."""


def significant_digits(numerator: int, denominator: int, digits: int) -> str:
    """Round a ratio to exactly `digits` significant decimal digits, ties to even.

    Zero is `"0"`; every other value keeps its trailing zeros, so that its text says its precision.

    >>> significant_digits(2, 3, 5), significant_digits(1, 2, 3), significant_digits(0, 1, 50)
    ('0.66667', '0.500', '0')
    """
    if numerator == 0:
        return "0"
    if max(numerator.bit_length(), denominator.bit_length()) > LONG:
        low, high = (_written(each, digits) for each in _around(numerator, denominator, digits))
        if low == high:
            return low
    return _written(_context(digits).divide(Decimal(numerator), Decimal(denominator)), digits)


def _context(digits: int) -> Context:
    # Wide enough for any exponent that a binary64's neighbourhood reaches.
    return Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999)


def _written(number: Decimal, digits: int) -> str:
    """Return a number rounded to so many significant digits, those it has not as zeros."""
    context = _context(digits)
    rounded = context.plus(number)
    return str(context.quantize(rounded, Decimal((0, (1,), rounded.adjusted() - digits + 1))))


def _around(numerator: int, denominator: int, digits: int) -> tuple[Decimal, Decimal]:
    """Return two numbers that a ratio lies between, found from what its integers begin with.

    To make a decimal of all of a long integer takes as long as its length squared.
    """
    context = _context(digits + GUARD_DIGITS)
    kept = 4 * context.prec
    cut, other = (max(0, each.bit_length() - kept) for each in (numerator, denominator))
    quotient = context.divide(Decimal(numerator >> cut), Decimal(denominator >> other))
    quotient = context.multiply(quotient, context.power(Decimal(2), Decimal(cut - other)))
    # What is cut off is less than 10^-prec of each; a quotient, a power and a product are off by
    # less than 10^(1 - prec) each.
    off = context.multiply(quotient, Decimal((0, (1,), 2 - context.prec)))
    return context.subtract(quotient, off), context.add(quotient, off)


Decimals = tuple[str, str, int, int]
"""An interval: the sign, the digits of its middle, its radius, and the exponent of ten of both."""


def digits_between(interval: Decimals, digits: int) -> str | None:
    """Round every number of an interval to significant digits.

    The text is that of `significant_digits`, sooner; None where not all have the same, one lies at
    a tie, or the interval is not narrow beside the last digit.

    >>> digits_between(("-", "37512", 1, -5), 3), digits_between(("", "0", 0, 0), 5)
    ('-0.375', '0')
    >>> digits_between(("", "375123", 1, -6), 4), digits_between(("", "3750", 0, -4), 2)
    ('0.3751', None)
    """
    sign, text, radius, exponent = interval
    rest = len(text) - digits
    if rest < 1 or text == "0":
        return "0" if text == "0" and not radius else None
    half = 5 * 10 ** (rest - 1)
    if 10 * radius >= half:
        return None
    kept, left = text[:digits], int(text[digits:])
    if left + radius >= half:
        if left - radius <= half:
            return None
        kept = str(int(kept) + 1)
        # 999 becomes 1000, of which the last digit goes.
        rest += len(kept) - digits
    return sign + _written_out(kept[:digits], exponent + rest)


def _written_out(number: str, exponent: int) -> str:
    """Write number·10^exponent as `Decimal` does."""
    before = len(number) + exponent
    if -5 <= before <= 0:
        return f"0.{'0' * -before}{number}"
    if 0 < before < len(number):
        return f"{number[:before]}.{number[before:]}"
    return str(Decimal(f"{number}E{exponent}"))


def root_digits(square: Fraction, digits: int) -> str:
    """Write the square root of a ratio to significant digits.

    >>> root_digits(Fraction(2), 4), root_digits(Fraction(0), 4)
    ('1.414', '0')
    """
    if not square:
        return "0"
    context = Context(prec=2 * digits + 10, Emin=-9_999_999, Emax=9_999_999)
    root = context.divide(Decimal(square.numerator), Decimal(square.denominator)).sqrt(context)
    return significant_digits(*root.as_integer_ratio(), digits)


def upper_bound(value: Fraction) -> str:
    """Write a bound in one digit, rounded up: `"1e-55"`.

    >>> upper_bound(Fraction(11, 10**57)), upper_bound(Fraction(0))
    ('2e-56', '0')
    """
    if not value:
        return "0"
    context = Context(prec=1, rounding=ROUND_CEILING, Emin=-999999, Emax=999999)
    return f"{context.divide(Decimal(value.numerator), Decimal(value.denominator)):e}"


def binary64(numerator: int, denominator: int) -> float:
    """Round a ratio to the nearest binary64, ties to even, subnormals included; zero is +0.0.

    Raises:
        OutOfRange: the value is beyond the largest binary64.

    >>> binary64(1, 10)
    0.1
    """
    try:
        return numerator / denominator + 0.0
    except OverflowError:
        raise OutOfRange("a value lies outside the range of binary64 (about 1.8e308)") from None


def double_or_infinity(numerator: int, denominator: int) -> float:
    """Round a ratio to the nearest binary64, and to ±∞ beyond the largest.

    >>> double_or_infinity(-(10**400), 1), double_or_infinity(1, 2)
    (-inf, 0.5)
    """
    try:
        return numerator / denominator
    except OverflowError:
        return inf if numerator > 0 else -inf
