"""Intervals whose ends move by each rounding that a student may do.

Rounding is monotone, so an interval of results becomes the one between the lowest that its low end
and the highest that its high end may be rounded to. The ends are decimals, in which such rounding
is one operation; functions are enclosed by balls.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from math import ceil
from typing import Any

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.reference import BITS_PER_DIGIT
from gradgrade.oracle.arithmetic.rounding import GUARD_DIGITS, Rounding, context_of
from gradgrade.oracle.errors import DIVISION_BY_ZERO, Undecided, UndefinedValue
from gradgrade.oracle.exact_numbers import Exact, Ratio

ZERO, ONE = Decimal(0), Decimal(1)


class Directed:
    """Operations on ends, rounded outwards at the working precision, then as students round."""

    def __init__(self, rounding: Rounding) -> None:
        self.rounding = rounding
        digits = rounding.digits + GUARD_DIGITS
        self.down, self.up = context_of(digits, ROUND_FLOOR), context_of(digits, ROUND_CEILING)
        self.ball = Ball(bits=ceil(digits * BITS_PER_DIGIT))

    def reached(self, low: Decimal, high: Decimal) -> "Interval":
        """Return what a result between two numbers becomes."""
        return Interval(self.rounding.lowest(low), self.rounding.highest(high), self)

    def constant(self, number: Exact) -> "Interval":
        """Take an exact number, which is not rounded."""
        if isinstance(number, (int, float, Decimal)):
            exact = Decimal(number)
            return Interval(exact, exact, self)
        return Interval(*self.ends(number.as_integer_ratio(), number.as_integer_ratio()), self)

    def ends(self, low: Ratio, high: Ratio) -> tuple[Decimal, Decimal]:
        """Return decimals that enclose two ratios."""
        return self.down.divide(*map(Decimal, low)), self.up.divide(*map(Decimal, high))

    def enclosed(self, function: Callable[[Any], Any], value: Decimal) -> tuple[Decimal, Decimal]:
        """Return decimals that enclose a function of balls at a number."""
        ball = self.ball.matrix([[value]])[0, 0]
        return self.ends(*self.ball.ends(function(ball)))


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """All that a student may have for a number, between two ends.

    Operations with 0 and 1 change nothing, so nothing is rounded there.

    >>> from gradgrade.oracle.arithmetic.rounding import ToDecimals
    >>> directed = Directed(ToDecimals(1))
    >>> third = directed.constant(1) / 3
    >>> third.low, third.high
    (Decimal('0.3'), Decimal('0.3333333333333333333333333333334'))
    """

    low: Decimal
    high: Decimal
    directed: Directed

    def __neg__(self) -> "Interval":
        return Interval(self.high.copy_negate(), self.low.copy_negate(), self.directed)

    def __abs__(self) -> "Interval":
        if self.low >= 0:
            return self
        if self.high <= 0:
            return -self
        return Interval(ZERO, max(self.high, self.low.copy_negate()), self.directed)

    def __add__(self, other: Any) -> "Interval":
        return self._plus(self._taken(other))

    __radd__ = __add__

    def _plus(self, other: "Interval") -> "Interval":
        if other.is_exactly(ZERO):
            return self
        if self.is_exactly(ZERO):
            return other
        down, up = self.directed.down, self.directed.up
        return self.directed.reached(down.add(self.low, other.low), up.add(self.high, other.high))

    def __sub__(self, other: Any) -> "Interval":
        return self + -self._taken(other)

    def __rsub__(self, other: Any) -> "Interval":
        return -self + self._taken(other)

    def __mul__(self, other: Any) -> "Interval":
        return self._squared() if other is self else self._times(self._taken(other))

    __rmul__ = __mul__

    def _times(self, other: "Interval") -> "Interval":
        for one, factor in ((self, other), (other, self)):
            if one.is_exactly(ZERO) or factor.is_exactly(ONE):
                return one
        down, up = self.directed.down, self.directed.up
        if self.low >= 0 and other.low >= 0:
            low, high = down.multiply(self.low, other.low), up.multiply(self.high, other.high)
            return self.directed.reached(low, high)
        pairs = [(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        low = min(down.multiply(*pair) for pair in pairs)
        return self.directed.reached(low, max(up.multiply(*pair) for pair in pairs))

    def __truediv__(self, other: Any) -> "Interval":
        other = self._taken(other)
        if other.is_exactly(ZERO):
            raise UndefinedValue(DIVISION_BY_ZERO)
        if other.low <= 0 <= other.high:
            raise Undecided("a division by what may be rounded to 0")
        if self.is_exactly(ZERO) or other.is_exactly(ONE):
            return self
        down, up = self.directed.down, self.directed.up
        pairs = [(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        low = min(down.divide(*pair) for pair in pairs)
        return self.directed.reached(low, max(up.divide(*pair) for pair in pairs))

    def __rtruediv__(self, other: Any) -> "Interval":
        return self._taken(other) / self

    def __pow__(self, exponent: int) -> "Interval":
        """Return a power of a whole exponent, by products one after the other."""
        factors = [self] * exponent
        return reduce(lambda one, other: one * other, factors, self.directed.constant(1))

    def is_exactly(self, number: Decimal) -> bool:
        """Tell whether every student has this number."""
        return self.low == number == self.high

    def hull(self, *others: "Interval") -> "Interval":
        """Return the interval that reaches from the lowest low end to the highest high end."""
        low = min(self.low, *(each.low for each in others))
        return Interval(low, max(self.high, *(each.high for each in others)), self.directed)

    def _squared(self) -> "Interval":
        size = abs(self)
        down, up = self.directed.down, self.directed.up
        low, high = down.multiply(size.low, size.low), up.multiply(size.high, size.high)
        return self.directed.reached(low, high)

    def _taken(self, other: Any) -> "Interval":
        return other if isinstance(other, Interval) else self.directed.constant(other)
