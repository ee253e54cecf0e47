"""The readable reference: mpmath numbers in nested lists, in a context of their own.

Dot products are sums of exact integers, rounded once each, and many times as fast as the operators
of `mp.matrix`. Only where exponents lie very far apart are they mpmath's own sums, which drop terms
far below the largest: values are trusted only where a ball contains them.
"""

from collections.abc import Iterator, Sequence
from math import ceil, log2
from operator import mul
from typing import Any

from mpmath.ctx_mp import MPContext
from mpmath.libmp import MPZ, from_man_exp, mpf_mul, mpf_sum

from oracle.arithmetic import Element
from oracle.arithmetic.lists import ListArithmetic, Rows
from oracle.errors import NOT_POSITIVE, UndefinedValue
from oracle.exact import Exact, Ratio

BITS_PER_DIGIT = log2(10)
GUARD_BITS = 32


def normal_forms(doubles: Sequence[Exact]) -> Iterator[tuple[int, int, int, int]]:
    """Yield doubles as mpmath's own parts: sign, odd mantissa, exponent, bits of the mantissa.

    A whole row at a time, since one by one their conversion costs more than a forward pass.

    >>> list(normal_forms([0.75, -4.0, 0.0]))
    [(0, 3, -2, 2), (1, 1, 2, 1), (0, 0, 0, 0)]
    """
    import numpy  # Here, since a solve by hand needs none of it.

    row = numpy.asarray(doubles, dtype=numpy.float64)
    fractions, exponents = numpy.frexp(numpy.abs(row))
    mantissas = (fractions * 2.0**53).astype(numpy.int64)
    zeros = mantissas == 0
    _, lowest = numpy.frexp((mantissas & -mantissas).astype(numpy.float64))
    trailing = numpy.where(zeros, 0, lowest - 1)
    odd = mantissas >> trailing
    return zip(
        numpy.where(row < 0, 1, 0).tolist(),
        map(MPZ, odd.tolist()),
        numpy.where(zeros, 0, exponents - 53 + trailing).tolist(),
        numpy.where(zeros, 0, 53 - trailing).tolist(),
        strict=True,
    )


Scaled = tuple[list[int], int]
"""Integers m and one exponent e: the numbers m·2^e."""

WIDEST_SPREAD = 100_000
"""Exponents that lie farther apart are not brought to one: the integers would fill the memory."""


def _scaled(parts: Sequence[Any]) -> Scaled | None:
    """Return mpf parts as integers over one exponent, or None where they lie too far apart."""
    exponents = [exponent for _, mantissa, exponent, _ in parts if mantissa]
    lowest = min(exponents, default=0)
    if max(exponents, default=0) - lowest > WIDEST_SPREAD:
        return None
    shifted = [
        (-mantissa if sign else mantissa) << (exponent - lowest) if mantissa else 0
        for sign, mantissa, exponent, _ in parts
    ]
    return shifted, lowest


class Reference(ListArithmetic):
    """mpmath at a stated precision; nothing global is read or set.

    Args:
        digits: decimal digits that the values shall carry; 32 guard bits are added.

    >>> reference = Reference(digits=50)
    >>> a, b = reference.matrix([[1, 2]]), reference.matrix([[3], [4]])
    >>> reference.dot(a, b)
    [[mpf('11.0')]]
    """

    def __init__(self, *, digits: int) -> None:
        self.digits = digits
        self._context = MPContext()
        self._context.prec = ceil(digits * BITS_PER_DIGIT) + GUARD_BITS
        self.zero = self._context.mpf(0)
        self.one = self._context.mpf(1)

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Rows:
        if all(type(entry) is float for row in rows for entry in row):
            make = self._context.make_mpf
            return [[make(parts) for parts in normal_forms(row)] for row in rows]
        return [[self._number(entry) for entry in row] for row in rows]

    def _number(self, exact: Exact) -> Element:
        numerator, denominator = exact.as_integer_ratio()
        return self._context.mpf(numerator) / denominator

    def mantissa_and_exponent(self, element: Element) -> tuple[int, int]:
        """Return m, with its sign, and e of element = m·2^e."""
        sign, mantissa, exponent, _ = element._mpf_
        return (-int(mantissa) if sign else int(mantissa)), int(exponent)

    def ratio(self, element: Element) -> Ratio:
        mantissa, exponent = self.mantissa_and_exponent(element)
        return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)

    def dot(self, left: Rows, right: Rows) -> Rows:
        """Return the matrix product, each entry the exact sum of products, rounded once."""
        columns = [[entry._mpf_ for entry in column] for column in zip(*right, strict=True)]
        scaled_columns = [_scaled(column) for column in columns]
        result = []
        for row in left:
            parts = [entry._mpf_ for entry in row]
            scaled_row = _scaled(parts)
            result.append(
                [
                    self._context.make_mpf(self._sum_of_products(parts, column, scaled_row, scaled))
                    for column, scaled in zip(columns, scaled_columns, strict=True)
                ]
            )
        return result

    def _sum_of_products(
        self, left: list[Any], right: list[Any], scaled: Scaled | None, other: Scaled | None
    ) -> Any:
        precision = self._context.prec
        if scaled is None or other is None:
            return mpf_sum(list(map(mpf_mul, left, right)), precision)
        total = sum(map(mul, scaled[0], other[0]))
        return from_man_exp(total, scaled[1] + other[1], precision, "n")

    def sum_of(self, elements: Any) -> Element:
        return self._context.fsum(elements)

    def softmax(self, matrix: Rows) -> Rows:
        return [[self.exp(entry) for entry in row] for row in self.log_softmax(matrix)]

    def log_softmax(self, matrix: Rows) -> Rows:
        columns = []
        for column in zip(*matrix, strict=True):
            largest = max(column)
            shifted = [entry - largest for entry in column]
            log_sum = self._context.ln(self._context.fsum(map(self.exp, shifted)))
            columns.append([entry - log_sum for entry in shifted])
        return self.transpose(columns)

    def exp(self, z: Element) -> Element:
        return self._context.exp(z)

    def expm1(self, z: Element) -> Element:
        return self._context.expm1(z)

    def log(self, z: Element) -> Element:
        if z <= 0:
            raise UndefinedValue(NOT_POSITIVE)
        return self._context.ln(z)

    def log1p(self, z: Element) -> Element:
        if z <= -1:
            raise UndefinedValue(NOT_POSITIVE)
        return self._context.log1p(z)

    def sqrt(self, z: Element) -> Element:
        return self._context.sqrt(z)

    def normal_distribution(self, z: Element) -> Element:
        # erfc keeps its relative accuracy where 1 + erf cancels.
        return self._context.erfc(-z / self._context.sqrt(2)) / 2

    def normal_density(self, z: Element) -> Element:
        return self._context.exp(-z * z / 2) / self._context.sqrt(2 * self._context.pi)

    def cos_pi(self, z: Element) -> Element:
        return self._context.cospi(z)

    def tanh(self, z: Element) -> Element:
        return self._context.tanh(z)

    def sech(self, z: Element) -> Element:
        return self._context.sech(z)

    def sigmoid(self, z: Element) -> Element:
        e = self._context.exp(-abs(z))
        return (self.one if z >= 0 else e) / (1 + e)
