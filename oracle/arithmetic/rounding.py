"""How students shorten numbers: to so many digits or to more, by rounding or by truncation.

Towards 0, truncation to k digits reaches farthest. Away from 0 it is rounding to nearest at the
first digit, from the k-th on, behind which a 5 or more stands: 0.123446 is 0.1234 to four decimals,
and 0.12345 to five. What has no further digits stays.
"""

from abc import ABC, abstractmethod
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
)

GUARD_DIGITS = 30
"""Digits that the ends of intervals carry beyond those that students keep."""

ROUNDED_UP_FROM = 5
"""The least digit that is rounded up."""


def context_of(digits: int, rounding: str) -> Context:
    """Return a context of decimals without bounds of exponents."""
    return Context(prec=digits, rounding=rounding, Emin=MIN_EMIN, Emax=MAX_EMAX)


class Rounding(ABC):
    """How students shorten numbers: how far that takes them, to either side.

    Args:
        digits: how many digits are kept at least.
    """

    def __init__(self, digits: int) -> None:
        self.digits = digits

    @abstractmethod
    def lowest(self, value: Decimal) -> Decimal:
        """Return the lowest of a value kept, rounded or truncated."""

    @abstractmethod
    def highest(self, value: Decimal) -> Decimal:
        """Return the highest of a value kept, rounded or truncated."""

    @abstractmethod
    def unit(self, value: Decimal) -> Decimal:
        """Return one unit of the last digit that is kept of a value."""

    @abstractmethod
    def lengthens(self, value: Decimal) -> bool:
        """Tell whether sums may have further digits because a value is in them."""


class Shortening(Rounding):
    """Truncation or rounding to nearest, to so many digits or to more."""

    def __init__(self, digits: int) -> None:
        super().__init__(digits)
        self.whole = context_of(MAX_PREC, ROUND_DOWN)

    @abstractmethod
    def truncated(self, value: Decimal) -> Decimal:
        """Return a value without its further digits."""

    def farthest(self, value: Decimal) -> Decimal:
        """Return the farthest from 0 that rounding to nearest brings a value."""
        _, digits, exponent = value.as_tuple()
        assert isinstance(exponent, int)
        # Of the first digit that is not kept, from the largest power of ten on.
        first = max(0, exponent + len(digits) - self.unit(value).adjusted())
        for at in range(first, len(digits)):
            if digits[at] >= ROUNDED_UP_FROM:
                unit = Decimal((0, (1,), exponent + len(digits) - at))
                return value.quantize(unit, ROUND_HALF_UP, self.whole)
        return value

    def lowest(self, value: Decimal) -> Decimal:
        return self.truncated(value) if value >= 0 else self.farthest(value)

    def highest(self, value: Decimal) -> Decimal:
        return self.truncated(value) if value <= 0 else self.farthest(value)


class ToDecimals(Shortening):
    """Shortening to so many digits behind the point, or more.

    >>> rounding = ToDecimals(2)
    >>> rounding.lowest(Decimal("0.239")), rounding.highest(Decimal("0.239"))
    (Decimal('0.23'), Decimal('0.24'))
    >>> rounding.lowest(Decimal("-0.239")), rounding.highest(Decimal("-0.239"))
    (Decimal('-0.24'), Decimal('-0.23'))
    >>> rounding.highest(Decimal("0.2347"))
    Decimal('0.235')
    """

    def __init__(self, digits: int) -> None:
        super().__init__(digits)
        self._unit = Decimal((0, (1,), -digits))

    def truncated(self, value: Decimal) -> Decimal:
        return value.quantize(self._unit, ROUND_DOWN, self.whole)

    def unit(self, value: Decimal) -> Decimal:
        return self._unit

    def lengthens(self, value: Decimal) -> bool:
        return self.truncated(value) != value


class ToSignificant(Shortening):
    """Shortening to so many digits from the first that is not 0, or more.

    >>> rounding = ToSignificant(2)
    >>> rounding.lowest(Decimal("0.01996")), rounding.highest(Decimal("0.01996"))
    (Decimal('0.019'), Decimal('0.020'))
    """

    def __init__(self, digits: int) -> None:
        super().__init__(digits)
        self._down = context_of(digits, ROUND_DOWN)

    def truncated(self, value: Decimal) -> Decimal:
        return self._down.plus(value)

    def unit(self, value: Decimal) -> Decimal:
        return Decimal((0, (1,), value.adjusted() - self.digits + 1)) if value else Decimal(0)

    def lengthens(self, value: Decimal) -> bool:
        return bool(value)


class OfSums(Rounding):
    """The same, of values that are kept as they are or as many times as large.

    Who divides by N last has N times every gradient on the way, whose digits are others.

    Args:
        shortening: of what is kept.
        times: N.

    >>> rounding = OfSums(ToSignificant(2), times=4)
    >>> rounding.lowest(Decimal("0.2699")), rounding.highest(Decimal("0.2699"))
    (Decimal('0.25'), Decimal('0.275'))
    """

    def __init__(self, shortening: Shortening, *, times: int) -> None:
        super().__init__(shortening.digits)
        self.shortening, self.times = shortening, Decimal(times)
        self._floor, self._ceiling = (
            context_of(shortening.digits + GUARD_DIGITS, how)
            for how in (ROUND_FLOOR, ROUND_CEILING)
        )

    def lowest(self, value: Decimal) -> Decimal:
        many = self.shortening.lowest(self._floor.multiply(value, self.times))
        return min(self.shortening.lowest(value), self._floor.divide(many, self.times))

    def highest(self, value: Decimal) -> Decimal:
        many = self.shortening.highest(self._ceiling.multiply(value, self.times))
        return max(self.shortening.highest(value), self._ceiling.divide(many, self.times))

    def unit(self, value: Decimal) -> Decimal:
        many = self.shortening.unit(self._ceiling.multiply(value, self.times))
        return max(self.shortening.unit(value), self._ceiling.divide(many, self.times))

    def lengthens(self, value: Decimal) -> bool:
        return self.shortening.lengthens(value)
