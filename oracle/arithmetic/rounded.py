r"""What rounding by hand can reach: the intervals of all that a student may have.

A student who works to k decimals, or to k significant digits, may round or truncate the result of
any operation to k digits or to more, or keep it whole: 4 digits one time and 10 the next.
What a calculator has a key for (e^z, ln, √, tanh, erf, cos) is one operation; other functions are
their textbook's operations, each of them rounded: σ(z) = 1/(1 + e^−z), softmax with its shift and
without.

Source: seeds 002 and 004, worked by hand to about three decimals and to five, mostly truncated.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property, reduce
from itertools import chain
from typing import Any

from gradgrade.oracle.arithmetic import Element, EntryMap
from gradgrade.oracle.arithmetic.lists import ListArithmetic, Rows, entrywise, softmax_where
from gradgrade.oracle.arithmetic.rounded_intervals import ONE, ZERO, Directed, Interval
from gradgrade.oracle.arithmetic.rounding import Rounding
from gradgrade.oracle.errors import AT_KINK, Undecided, UndefinedValue
from gradgrade.oracle.exact_numbers import Exact, Ratio

LARGEST_EXPONENT = 10_000
"""No value that can be asked for has a power of e beyond; ends that do are lost anyway."""

TANH_IS_LEVEL, ERF_IS_LEVEL = Decimal(5000), Decimal(100)
"""Beyond them tanh and erf are ±1 to 4000 digits."""

SUCCESSIVE = Decimal("1.12")
"""How far rounding to nearest again and again, to fewer digits each time, moves a number, at the
most, in what once does: 1 + 1/10 + 1/100 + …"""


class Rounded(ListArithmetic):
    """Intervals in nested lists: what students may have who round as stated.

    Args:
        rounding: how they round.

    >>> from gradgrade.oracle.arithmetic.rounding import ToDecimals
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

    def choose(self, mask: Interval, then: Interval, otherwise: Interval) -> Interval:
        # As who chooses by products has it.
        return mask * then + (1 - mask) * otherwise

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
