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

MOST_BITS_OF_RATIO = 120_000
TOO_SMALL = "a value is below 1e-30000, too small to write out"
TOO_LARGE = "a value is above 1e30000, too large to write out"


def written_out(mantissa: int, exponent: int) -> Ratio:
    """Return mantissa · 2^exponent as a ratio.

    Raises:
        OutOfRange: it would take more than 120,000 bits.

    >>> written_out(3, 2), written_out(3, -2)
    ((12, 1), (3, 4))
    """
    if abs(exponent) > MOST_BITS_OF_RATIO:
        raise OutOfRange(TOO_SMALL if exponent < 0 else TOO_LARGE)
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def ratio(number: Exact) -> Ratio:
    """Return `number` as a ratio of integers.

    >>> from decimal import Decimal
    >>> ratio(Decimal("0.1")), ratio(0.5)
    ((1, 10), (1, 2))
    """
    return number.as_integer_ratio()


def significant_digits(numerator: int, denominator: int, digits: int) -> str:
    """Round a ratio to exactly `digits` significant decimal digits, ties to even.

    Zero is `"0"`; every other value keeps its trailing zeros, so that its text says its precision.

    >>> significant_digits(2, 3, 5), significant_digits(1, 2, 3), significant_digits(0, 1, 50)
    ('0.66667', '0.500', '0')
    """
    if numerator == 0:
        return "0"
    # Wide enough for any exponent that a binary64's neighbourhood reaches.
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999)
    quotient = context.divide(Decimal(numerator), Decimal(denominator))
    last_place = Decimal((0, (1,), quotient.adjusted() - digits + 1))
    return str(context.quantize(quotient, last_place))


def digits_between(low: int, high: int, exponent: int, digits: int) -> str | None:
    """Round every number from low·2^exponent to high·2^exponent to significant digits.

    The text is that of `significant_digits`, sooner; None where not all have the same, or one lies
    at a tie.

    >>> digits_between(3, 3, -3, 5), digits_between(0, 0, 0, 5), digits_between(-5, -3, -3, 1)
    ('0.37500', '0', None)
    """
    if low == high == 0:
        return "0"
    if low < 0:
        text = None if high >= 0 else digits_between(-high, -low, exponent, digits)
        return text and f"-{text}"
    rounded = _rounded_between(low, high, exponent, digits) if low else None
    return _written_out(*rounded, digits) if rounded else None


def _written_out(number: int, exponent: int, digits: int) -> str:
    """Write number·10^exponent, a number of so many digits, as `Decimal` does."""
    before = digits + exponent
    if -5 <= before <= 0:
        return f"0.{'0' * -before}{number}"
    if 0 < before < digits:
        text = str(number)
        return f"{text[:before]}.{text[before:]}"
    return str(Decimal(f"{number}E{exponent}"))


def last_place(mantissa: int, exponent: int, digits: int) -> int | None:
    """Return k where 10^k is a unit of the last of so many digits of mantissa·2^exponent.

    >>> last_place(1, 0, 3), last_place(999, 0, 2), last_place(1, -2, 1)
    (-2, 2, None)
    """
    rounded = _rounded_between(abs(mantissa), abs(mantissa), exponent, digits)
    return rounded and rounded[1]


_LOG10_OF_2 = (30_102_999_566, 30_102_999_567, 10**11)
"""A number below, one above, and what both are divided by."""


def _rounded_between(low: int, high: int, exponent: int, digits: int) -> tuple[int, int] | None:
    """Return N and k, N of so many digits: all positive numbers of an interval round to N·10^k."""
    size = low.bit_length() + exponent - 1
    below, above, scale = _LOG10_OF_2
    # At most ⌊log₁₀ low⌋, and seldom less.
    adjusted = size * (below if size >= 0 else above) // scale
    while True:
        places = digits - 1 - adjusted
        factor, divisor = (10**places, 1) if places >= 0 else (1, 10**-places)
        if exponent >= 0:
            factor <<= exponent
        else:
            divisor <<= -exponent
        half = divisor >> 1
        rounded, rest = divmod(low * factor + half, divisor)
        if rounded < 10**digits:
            break
        adjusted += 1
    is_settled = rest and rounded == (high * factor + half) // divisor
    # Only numbers that are whole in these places have no half.
    return (rounded, -places) if is_settled or (divisor == 1 and low == high) else None


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


def double_or_infinity(value: Fraction) -> float:
    """Round a ratio to the nearest binary64, and to ±∞ beyond the largest.

    >>> double_or_infinity(Fraction(-(10**400))), double_or_infinity(Fraction(1, 2))
    (-inf, 0.5)
    """
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf
