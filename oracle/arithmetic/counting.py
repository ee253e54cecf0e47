"""The operations that a rule asks for, counted; a matrix is its shape, and no entry is looked at.

So that what a derivation costs is told by its own rules, before anything is computed, and as soon
for large matrices as for small ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import NoReturn

from gradgrade.oracle.arithmetic import ElementwiseRule, EntryMap, common_shape
from gradgrade.oracle.exact_numbers import Exact

FUNCTION = 100
"""What an elementary function of a number takes, in products of two numbers."""

Size = tuple[int, int]


class Counted:
    """One of a matrix's entries: each operation with it is one more."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting

    def _operation(self, *_: object) -> Counted:
        self._counting.operations += 1
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operation
    __truediv__ = __rtruediv__ = __pow__ = __neg__ = __abs__ = _operation


class Counting:
    """Counts operations, of which a product of two numbers is one.

    >>> counting = Counting()
    >>> counting.dot((4, 3), (3, 2)), counting.operations
    ((4, 2), 24)
    >>> counting.map(lambda arithmetic, z: 1 + arithmetic.exp(z), (4, 2)), counting.operations
    ((4, 2), 832)
    """

    sums_exactly = False

    def __init__(self) -> None:
        self.operations = 0

    @contextmanager
    def active(self) -> Iterator[None]:
        yield

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Size:
        return len(rows), len(rows[0])

    def constant(self, number: Exact) -> Size:
        return 1, 1

    def zeros(self, rows: int, columns: int) -> Size:
        return rows, columns

    def rows(self, matrix: Size) -> NoReturn:
        raise TypeError("what is counted has no numbers")

    def shape(self, matrix: Size) -> Size:
        return matrix

    def ratio(self, element: Counted) -> NoReturn:
        raise TypeError("what is counted has no numbers")

    def dot(self, left: Size, right: Size) -> Size:
        self.operations += left[0] * left[1] * right[1]
        return left[0], right[1]

    def transpose(self, matrix: Size) -> Size:
        return matrix[1], matrix[0]

    def add(self, left: Size, right: Size) -> Size:
        return self._each(common_shape([left, right]))

    subtract = multiply = add

    def divide_by(self, matrix: Size, count: int) -> Size:
        return self._each(matrix)

    def sum(self, matrix: Size, axis: int | None = None) -> Size:
        self._each(matrix)
        return (1 if axis in (0, None) else matrix[0], 1 if axis in (1, None) else matrix[1])

    def reshape(self, matrix: Size, rows: int, columns: int) -> Size:
        return rows, columns

    def rows_between(self, matrix: Size, start: int, stop: int) -> Size:
        return stop - start, matrix[1]

    def stack(self, *matrices: Size) -> Size:
        return sum(rows for rows, _ in matrices), matrices[0][1]

    def gather(self, matrix: Size, entry_map: EntryMap) -> Size:
        self.operations += entry_map.count
        return entry_map.shape

    largest = gather

    def to_largest(
        self, gradient: Size, matrix: Size, entry_map: EntryMap, *, zeros_may_tie: bool
    ) -> Size:
        self.operations += entry_map.count
        return matrix

    def map(self, rule: ElementwiseRule, *matrices: Size) -> Size:
        shape, before = common_shape(matrices), self.operations
        rule(self, *(Counted(self) for _ in matrices))
        self.operations = before + (self.operations - before) * prod(shape)
        return shape

    def softmax(self, matrix: Size, where: Size | None = None) -> Size:
        return self._each(matrix, FUNCTION)

    log_softmax = softmax

    def exp(self, z: Counted) -> Counted:
        self.operations += FUNCTION
        return z

    expm1 = log = log1p = sqrt = normal_distribution = normal_density = exp
    cos_pi = sin = cos = tanh = sech = sigmoid = exp

    def minimum(self, left: Counted, right: Counted) -> Counted:
        self.operations += 1
        return left

    below = divide = minimum

    def choose(self, mask: Counted, then: Counted, otherwise: Counted) -> Counted:
        self.operations += 1
        return then

    def power(self, z: Counted, exponent: int) -> Counted:
        return z**exponent

    def positive_part(self, z: Counted) -> Counted:
        self.operations += 1
        return z

    def _each(self, shape: Size, weight: int = 1) -> Size:
        self.operations += weight * prod(shape)
        return shape
