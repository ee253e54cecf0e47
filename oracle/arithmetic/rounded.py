r"""What rounding by hand can reach: intervals whose ends move by each rounding a student may do.

A student who works to k decimals, or to k significant digits, may round or truncate the result of
any operation to k digits or to more, or keep it whole: 4 digits one time and 10 the next. Rounding
is monotone, so an interval of results becomes the one between the lowest that its low end and the
highest that its high end may be rounded to. Towards 0, truncation to k digits reaches farthest.
Away from 0 it is rounding to nearest at the first digit, from the k-th on, behind which a 5 or more
stands: 0.123446 is 0.1234 to four decimals, and 0.12345 to five. What has no further digits stays.

The ends are decimals, in which such rounding is one operation; functions are enclosed by balls.
What a calculator has a key for (e^z, ln, √, tanh, erf, cos) is one operation; other functions are
their textbook's operations, each of them rounded: σ(z) = 1/(1 + e^−z), softmax with its shift and
without.

Source: seeds 002 and 004, worked by hand to about three decimals and to five, mostly truncated.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
from functools import cached_property, reduce
from itertools import chain
from math import ceil
from typing import Any

from gradgrade.oracle.arithmetic import Element, EntryMap
from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.lists import ListArithmetic, Rows, entrywise, softmax_where
from gradgrade.oracle.arithmetic.reference import BITS_PER_DIGIT
from gradgrade.oracle.errors import AT_KINK, DIVISION_BY_ZERO, Undecided, UndefinedValue
from gradgrade.oracle.exact_numbers import Exact, Ratio

GUARD_DIGITS = 30
"""Digits that the ends carry beyond those that students keep."""

LARGEST_EXPONENT = 10_000
"""No value that can be asked for has a power of e beyond; ends that do are lost anyway."""

TANH_IS_LEVEL, ERF_IS_LEVEL = Decimal(5000), Decimal(100)
"""Beyond them tanh and erf are ±1 to 4000 digits."""

ZERO, ONE = Decimal(0), Decimal(1)

ROUNDED_UP_FROM = 5
"""The least digit that is rounded up."""

SUCCESSIVE = Decimal("1.12")
"""How far rounding to nearest again and again, to fewer digits each time, moves a number, at the
most, in what once does: 1 + 1/10 + 1/100 + …"""


def _context(digits: int, rounding: str) -> Context:
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
        self.whole = _context(MAX_PREC, ROUND_DOWN)

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
        self._down = _context(digits, ROUND_DOWN)

    def truncated(self, value: Decimal) -> Decimal:
        return self._down.plus(value)

    def unit(self, value: Decimal) -> Decimal:
        return Decimal((0, (1,), value.adjusted() - self.digits + 1)) if value else ZERO

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
            _context(shortening.digits + GUARD_DIGITS, how) for how in (ROUND_FLOOR, ROUND_CEILING)
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


class Directed:
    """Operations on ends, rounded outwards at the working precision, then as students round."""

    def __init__(self, rounding: Rounding) -> None:
        self.rounding = rounding
        digits = rounding.digits + GUARD_DIGITS
        self.down, self.up = _context(digits, ROUND_FLOOR), _context(digits, ROUND_CEILING)
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


class Rounded(ListArithmetic):
    """Intervals in nested lists: what students may have who round as stated.

    Args:
        rounding: how they round.

    >>> rounded = Rounded(ToDecimals(2))
    >>> [[product]] = rounded.multiply(*(rounded.matrix([[each]]) for each in (0.375, 0.5)))
    >>> product.low, product.high
    (Decimal('0.18'), Decimal('0.19'))
    """

    zero: Interval
    one: Interval

    def __init__(self, rounding: Rounding) -> None:
        self.directed = Directed(rounding)
        self.zero, self.one = self.directed.constant(0), self.directed.constant(1)

    @contextmanager
    def active(self) -> Iterator[None]:
        with self.directed.ball.active():
            yield

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Rows:
        return [list(map(self.directed.constant, row)) for row in rows]

    def constant(self, number: Exact) -> Rows:
        exact = self.directed.constant(number)
        return [[self.directed.reached(exact.low, exact.high)]]

    def retaken(self, rows: Rows) -> Rows:
        """Take intervals of another rounding, which go on by this one."""
        return [[Interval(each.low, each.high, self.directed) for each in row] for row in rows]

    def ratio(self, element: Interval) -> Ratio:
        """Return the low end."""
        return element.low.as_integer_ratio()

    def unite(self, first: Rows, *others: Rows) -> Rows:
        """Return what is reached in any of several ways to one quantity."""
        return entrywise(Interval.hull, first, *others)

    def sum_of(self, elements: Any) -> Interval:
        """Return a sum in any order, each partial sum rounded or not.

        With decimals, an end that has no further digits leaves nothing to round in any sum.
        """
        terms: list[Interval] = [each for each in elements if not each.is_exactly(ZERO)]
        if len(terms) < 3:
            return sum(terms, self.zero)
        directed, rounding = self.directed, self.directed.rounding
        lows, highs = [each.low for each in terms], [each.high for each in terms]
        unit = rounding.unit(reduce(directed.up.add, (abs(each).high for each in terms)))
        # Away from 0 only rounding to nearest moves a sum, and by half a unit at the most.
        half = directed.up.divide(unit, Decimal(2))

        below, above = (
            self._moved(half if is_away else unit, SUCCESSIVE if is_away else ONE, ends)
            for is_away, ends in ((max(highs) <= 0, lows), (min(lows) >= 0, highs))
        )
        low, high = reduce(directed.down.add, lows), reduce(directed.up.add, highs)
        return Interval(directed.down.subtract(low, below), directed.up.add(high, above), directed)

    def _moved(self, most: Decimal, again: Decimal, ends: list[Decimal]) -> Decimal:
        """Return how far rounding moves a sum, each time by `most`.

        That is once for each addition; or once, and `again` to fewer digits, for each term that
        brings further digits.
        """
        directed = self.directed
        added = directed.up.multiply(most, Decimal(len(ends) - 1))
        longer = Decimal(sum(map(directed.rounding.lengthens, ends)))
        return min(added, directed.up.multiply(directed.up.multiply(most, again), longer))

    def largest(self, matrix: Rows, entry_map: EntryMap) -> Rows:
        flat = list(chain.from_iterable(matrix))
        windows = [[flat[source] for source in each] for each in entry_map.sources]
        taken = [
            Interval(
                max(each.low for each in window), max(each.high for each in window), self.directed
            )
            for window in windows
        ]
        return self.reshape([taken], *entry_map.shape)

    def to_largest(
        self, gradient: Rows, matrix: Rows, entry_map: EntryMap, *, zeros_may_tie: bool
    ) -> Rows:
        flat = list(chain.from_iterable(matrix))
        passed: list[list[Interval]] = [[] for _ in flat]
        entries = chain.from_iterable(gradient)
        for each, sources in zip(entries, entry_map.sources, strict=True):
            highest = max(flat[source].low for source in sources)
            rivals = [source for source in sources if flat[source].high >= highest]
            if len(rivals) == 1:
                passed[rivals[0]].append(each)
            elif not (zeros_may_tie and all(flat[source].is_exactly(ZERO) for source in rivals)):
                raise Undecided("a maximum that two entries may share once they are rounded")
        return self.reshape([list(map(self.sum_of, passed))], *self.shape(matrix))

    def softmax(self, matrix: Rows, where: Rows | None = None) -> Rows:
        if where is not None:
            masks = [
                [not each.is_exactly(ZERO) for each in mask] for mask in zip(*where, strict=True)
            ]
            columns = list(map(list, zip(*matrix, strict=True)))
            return self.transpose(softmax_where(self.softmax, columns, masks, self.zero))
        return self._over_columns(matrix, self._shares)

    def log_softmax(self, matrix: Rows) -> Rows:
        def logarithms(shifted: list[Interval]) -> list[Interval]:
            logarithm = self.log(self.sum_of(map(self.exp, shifted)))
            return [each - logarithm for each in shifted]

        return self._over_columns(matrix, logarithms)

    def _over_columns(self, matrix: Rows, rule: Callable[[list[Interval]], list[Interval]]) -> Rows:
        """Return a rule of the columns as they are, and with their largest entry subtracted."""
        columns = []
        for column in zip(*matrix, strict=True):
            highest_low = max(each.low for each in column)
            ways = [rule(list(column))]
            for m, largest in enumerate(column):
                if largest.high >= highest_low:
                    others = [each - largest for each in column]
                    ways.append(rule([*others[:m], self.zero, *others[m + 1 :]]))
            columns.append([Interval.hull(*entries) for entries in zip(*ways, strict=True)])
        return self.transpose(columns)

    def _shares(self, exponents: list[Interval]) -> list[Interval]:
        """Return e^z_k / Σ e^z_j, which rises with e^z_k whatever the others are."""
        directed, powers = self.directed, list(map(self.exp, exponents))
        down, up = directed.down, directed.up
        highest = reduce(up.add, (each.high for each in powers))
        moved = up.multiply(directed.rounding.unit(highest), Decimal(len(powers) - 1))
        shares = []
        for k, power in enumerate(powers):
            others = [*powers[:k], *powers[k + 1 :]]
            most = reduce(up.add, (each.high for each in others), up.add(power.low, moved))
            least = reduce(
                down.add, (each.low for each in others), down.subtract(power.high, moved)
            )
            if least <= 0 or most <= 0:
                raise Undecided("a division by what may be rounded to 0")
            low, high = down.divide(power.low, most), up.divide(power.high, least)
            shares.append(directed.reached(low, high))
        return shares

    def exp(self, z: Interval) -> Interval:
        _check_exponent(z.low, z.high)
        return self._rising(self.directed.ball.exp, z.low, z.high)

    def expm1(self, z: Interval) -> Interval:
        return self.exp(z) - 1

    def log(self, z: Interval) -> Interval:
        if z.low <= 0:
            raise Undecided("a logarithm of what may be rounded to 0")
        return self._rising(self.directed.ball.log, z.low, z.high)

    def log1p(self, z: Interval) -> Interval:
        return self.log(1 + z)

    def sqrt(self, z: Interval) -> Interval:
        return self._rising(self.directed.ball.sqrt, max(z.low, ZERO), max(z.high, ZERO))

    def normal_distribution(self, z: Interval) -> Interval:
        argument = _held(z / self.sqrt(self.directed.constant(2)), ERF_IS_LEVEL)
        error_function = self._rising(lambda ball: ball.erf(), argument.low, argument.high)
        return (1 + error_function) / 2

    def normal_density(self, z: Interval) -> Interval:
        return self.exp(-(z * z) / 2) / self.sqrt(2 * self._pi)

    def minimum(self, left: Interval, right: Interval) -> Interval:
        return Interval(min(left.low, right.low), min(left.high, right.high), self.directed)

    def cos_pi(self, z: Interval) -> Interval:
        return self.cos(z * self._pi)

    def sin(self, z: Interval) -> Interval:
        return self._wave(lambda ball: ball.sin(), z)

    def cos(self, z: Interval) -> Interval:
        return self._wave(lambda ball: ball.cos(), z)

    def _wave(self, function: Callable[[Any], Any], angle: Interval) -> Interval:
        # Neither changes faster than its argument.
        directed = self.directed
        middle = directed.up.divide(directed.up.add(angle.low, angle.high), Decimal(2))
        low, high = directed.enclosed(function, middle)
        away = directed.up.subtract(angle.high, angle.low)
        low, high = directed.down.subtract(low, away), directed.up.add(high, away)
        return directed.reached(max(low, -ONE), min(high, ONE))

    def tanh(self, z: Interval) -> Interval:
        held = _held(z, TANH_IS_LEVEL)
        return self._rising(self.directed.ball.tanh, held.low, held.high)

    def sech(self, z: Interval) -> Interval:
        """Return 1/cosh z whole: no student writes it down, and its square is a derivative."""
        size = abs(z)
        _check_exponent(size.high)
        ends = [
            self.directed.enclosed(self.directed.ball.sech, end) for end in (size.high, size.low)
        ]
        return Interval(ends[0][0], ends[1][1], self.directed)

    def sigmoid(self, z: Interval) -> Interval:
        return 1 / (1 + self.exp(-z))

    def positive_part(self, z: Interval) -> Interval:
        return Interval(max(z.low, ZERO), max(z.high, ZERO), self.directed)

    def below(self, z: Interval, height: Element) -> Interval:
        tall = height if isinstance(height, Interval) else self.directed.constant(height)
        if z.low > 0 or tall.is_exactly(ZERO):
            return self.zero
        if z.high < 0:
            return tall
        if tall.low <= 0 <= tall.high:
            return tall  # It holds 0, so there may be no jump.
        if z.is_exactly(ZERO):
            raise UndefinedValue(AT_KINK)
        raise Undecided("a derivative where its argument may be rounded to 0")

    def divide(self, numerator: Interval, denominator: Interval) -> Interval:
        return numerator / denominator

    @cached_property
    def _pi(self) -> Interval:
        low, high = self.directed.enclosed(lambda ball: ball.pi(), ONE)
        return Interval(low, high, self.directed)

    def _rising(self, function: Callable[[Any], Any], low: Decimal, high: Decimal) -> Interval:
        """Return a rising function of what lies between two ends."""
        lowest, highest = self.directed.enclosed(function, low)
        if high != low:
            _, highest = self.directed.enclosed(function, high)
        return self.directed.reached(lowest, highest)


def _check_exponent(*ends: Decimal) -> None:
    if max(map(Decimal.copy_abs, ends)) > LARGEST_EXPONENT:
        raise Undecided("a power of e that rounding may carry out of all bounds")


def _held(z: Interval, limit: Decimal) -> Interval:
    low, high = (max(limit.copy_negate(), min(limit, end)) for end in (z.low, z.high))
    return Interval(low, high, z.directed)
