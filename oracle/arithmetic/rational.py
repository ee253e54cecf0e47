"""Exact fractions, for the steps that have no other functions than the four operations.

They settle what no ball can: whether a value is exactly 0, and on which side of a tie it lies.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NoReturn

from gradgrade.oracle.arithmetic import Element
from gradgrade.oracle.arithmetic.lists import ListArithmetic, Rows
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.exact_numbers import Exact, Ratio


class Irrational(OracleError):
    """A step leaves the rational numbers."""


class Rational(ListArithmetic):
    """Python's fractions in nested lists.

    >>> rational = Rational()
    >>> rational.add(rational.matrix([[0.5]]), rational.matrix([[1]]))
    [[Fraction(3, 2)]]
    """

    zero = Fraction(0)
    one = Fraction(1)

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Rows:
        return [[Fraction(entry) for entry in row] for row in rows]

    def ratio(self, element: Fraction) -> Ratio:
        return element.as_integer_ratio()

    def _irrational(self, _: Element) -> NoReturn:
        raise Irrational("this function leaves the rational numbers")

    exp = expm1 = log = log1p = sqrt = sin = cos = tanh = sech = sigmoid = _irrational
    softmax = log_softmax = normal_distribution = normal_density = cos_pi = _irrational
