"""Tolerances: how far a submitted double may lie from an expected value, compared exactly.

Each band is widened by half an ulp of the submitted double, since that is how far the decimal that
the student wrote may lie from the double that it became.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf, isfinite, nextafter, ulp
from typing import Protocol

from gradgrade.oracle.exact_numbers import Ratio, added, binary64, significant_digits

PROVEN_DIGITS = 31
"""How many digits of an expected value are proven at the least."""


class Tolerance(Protocol):
    """A rule that gives each expected value its band."""

    def band(self, expected: Ratio) -> Ratio:
        """Return the largest accepted |submitted − expected|; neither need be reduced."""


@dataclass(frozen=True, kw_only=True)
class Within:
    """|Δ| ≤ absolute + relative·|expected|.

    >>> Within(relative=Fraction(1, 100), absolute=Fraction(0)).band((50, 1))
    (50, 100)
    """

    relative: Fraction
    absolute: Fraction

    def band(self, expected: Ratio) -> Ratio:
        """Return absolute + relative·|expected|."""
        numerator, denominator = expected
        share = self.relative.numerator * abs(numerator), self.relative.denominator * denominator
        return added(self.absolute.as_integer_ratio(), share) if self.absolute else share


@dataclass(frozen=True, kw_only=True)
class Decimals:
    """|Δ| ≤ 10^−k: k decimals, rounded or truncated.

    >>> Decimals(decimals=2).band((5, 1))
    (1, 100)
    """

    decimals: int

    def band(self, expected: Ratio) -> Ratio:
        """Return 10^−k, whatever is expected."""
        return 1, 10**self.decimals


@dataclass(frozen=True, kw_only=True)
class Significant:
    """|Δ| ≤ one unit of the expected value's k-th significant digit, rounded or truncated.

    An expected 0 has no such digit and takes only 0.

    >>> Significant(significant=2).band((314, 100)), Significant(significant=2).band((0, 1))
    ((1, 10), (0, 1))
    """

    significant: int

    def band(self, expected: Ratio) -> Ratio:
        """Return 10^(⌊log₁₀|expected|⌋ − k + 1), or 0."""
        numerator, denominator = expected
        if not numerator:
            return 0, 1
        # A ball's midpoint may lie a hair below the power of ten that it stands for.
        nearest = Fraction(significant_digits(abs(numerator), denominator, PROVEN_DIGITS))
        power = floor_log10(nearest) - self.significant + 1
        return (10**power, 1) if power >= 0 else (1, 10**-power)


def floor_log10(value: Fraction) -> int:
    """Return ⌊log₁₀ value⌋ of a positive value, exactly.

    >>> floor_log10(Fraction(1000)), floor_log10(Fraction(999, 1000))
    (3, -1)
    """
    numerator, denominator = value.numerator, value.denominator
    estimate = Decimal(numerator).adjusted() - Decimal(denominator).adjusted()
    return estimate if value >= Fraction(10) ** estimate else estimate - 1


def accepts(tolerance: Tolerance, *, expected: Ratio, submitted: float) -> bool:
    """Tell whether a submitted double lies within its band; what is not finite never does.

    >>> accepts(Decimals(decimals=4), expected=(2, 3), submitted=0.6666)
    True
    >>> accepts(Decimals(decimals=4), expected=(2, 3), submitted=0.6665)
    False
    """
    band = tolerance.band(expected)
    low, high = added(expected, _negative(band)), added(expected, band)
    return _is_reached(-submitted, _negative(low)) and _is_reached(submitted, high)


def accepted_doubles(low: Ratio, high: Ratio) -> tuple[float, float]:
    """Return the smallest and the largest double that an interval accepts.

    A double lies within if it is no further outside than half an ulp of its own, so the nearest
    double of what the interval holds always does, and whatever is between two that do.

    Args:
        low: its lowest number; neither need be reduced.
        high: its highest.

    Raises:
        OutOfRange: the interval reaches beyond the largest double.

    >>> accepted_doubles((1, 10), (1, 2))
    (0.1, 0.5)
    """
    return -_largest_double(_negative(low)), _largest_double(high)


def _largest_double(high: Ratio) -> float:
    largest = binary64(*high)
    while _is_reached(above := nextafter(largest, inf), high):
        largest = above
    return largest


def _is_reached(double: float, high: Ratio) -> bool:
    """Tell whether a double is finite and no further above a number than half an ulp of its own."""
    if not isfinite(double):
        return False
    # In whole numbers: fractions would be reduced at each step, which takes ten times as long.
    numerator, denominator = high
    value, scale = double.as_integer_ratio()
    unit, unit_scale = ulp(double).as_integer_ratio()
    lowest = 2 * value * unit_scale - unit * scale
    return lowest * denominator <= 2 * numerator * scale * unit_scale


def _negative(number: Ratio) -> Ratio:
    return -number[0], number[1]
