"""Exact fractions, for the steps that have no other functions than the four operations.

They settle what no ball can: whether a value is exactly 0, and on which side of a tie it lies.
Their digits may double with every product, so that a walk may state where they end.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from operator import mul
from typing import NoReturn, TypeVar

from gradgrade.oracle.arithmetic import Element, ElementwiseRule
from gradgrade.oracle.arithmetic.lists import ListArithmetic, Rows, entrywise
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.exact_numbers import Exact, Ratio

Number = TypeVar("Number")

Integers = tuple[list[int], int]
"""Numbers as integers over one denominator."""


class Irrational(OracleError):
    """A step leaves the rational numbers, or makes one that is too long to go on with."""


class Rational(ListArithmetic):
    """Python's fractions in nested lists.

    Args:
        most_bits: of a number, its numerator and denominator together; what is longer ends the
            walk. None for any length.

    >>> rational = Rational()
    >>> rational.add(rational.matrix([[0.5]]), rational.matrix([[1]]))
    [[Fraction(3, 2)]]
    """

    sums_exactly = True
    zero = Fraction(0)
    one = Fraction(1)

    def __init__(self, *, most_bits: int | None = None) -> None:
        self._most_bits = most_bits

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Rows:
        return [[Fraction(entry) for entry in row] for row in rows]

    def ratio(self, element: Fraction) -> Ratio:
        return element.as_integer_ratio()

    def dot(self, left: Rows, right: Rows) -> Rows:
        columns = list(zip(*right, strict=True))
        ours, theirs = (list(map(self._over_one_denominator, each)) for each in (left, columns))
        if self._are_short(ours, theirs):
            return [
                [Fraction(sum(map(mul, row, column)), over * other) for column, other in theirs]
                for row, over in ours
            ]
        return [[self.sum_of(map(self._product, row, each)) for each in columns] for row in left]

    def _over_one_denominator(self, numbers: Sequence[Fraction]) -> Integers:
        """Return numbers as integers over one denominator; none where that would be too long."""
        common = 1
        for each in numbers:
            common = lcm(common, each.denominator)
            if self._most_bits is not None and common.bit_length() > self._most_bits:
                return [], common
        return [each.numerator * (common // each.denominator) for each in numbers], common

    def _are_short(self, rows: Sequence[Integers], columns: Sequence[Integers]) -> bool:
        """Tell whether products of rows and columns, and all sums of them, are sure to be short."""
        if self._most_bits is None:
            return True
        most = (
            max(
                max(map(int.bit_length, integers), default=0) + over.bit_length()
                for integers, over in each
            )
            for each in (rows, columns)
        )
        return sum(most) + len(rows[0][0]).bit_length() <= self._most_bits

    def add(self, left: Rows, right: Rows) -> Rows:
        return entrywise(lambda a, b: self._short(a + b), left, right)

    def subtract(self, left: Rows, right: Rows) -> Rows:
        return entrywise(lambda a, b: self._short(a - b), left, right)

    def multiply(self, left: Rows, right: Rows) -> Rows:
        return entrywise(self._product, left, right)

    def map(self, rule: ElementwiseRule, *matrices: Rows) -> Rows:
        return entrywise(lambda *elements: self._short(rule(self, *elements)), *matrices)

    def sum_of(self, elements: Iterable[Fraction]) -> Fraction:
        total = self.zero
        for each in elements:
            total = self._short(total + each)
        return total

    def _product(self, left: Fraction, right: Fraction) -> Fraction:
        return self._short(left * right)

    def _short(self, number: Number) -> Number:
        """Return a number that is short enough to go on with.

        Raises:
            Irrational: it is not.
        """
        if self._most_bits is not None and isinstance(number, Fraction):
            bits = number.numerator.bit_length() + number.denominator.bit_length()
            if bits > self._most_bits:
                raise Irrational(f"a number of {bits} bits")
        return number

    def _irrational(self, *_: Element) -> NoReturn:
        raise Irrational("this function leaves the rational numbers")

    exp = expm1 = log = log1p = sqrt = sin = cos = tanh = sech = sigmoid = _irrational
    softmax = log_softmax = normal_distribution = normal_density = cos_pi = _irrational
