"""Matrices as nested lists of numbers that have operators: what mpmath and fractions share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from operator import add, mul, sub
from typing import Any

from oracle.arithmetic import Element, ElementwiseRule, common_shape

Rows = list[list[Any]]


class ListArithmetic:
    """The operations on nested lists that need nothing but the numbers' own operators."""

    zero: Element
    one: Element

    @contextmanager
    def active(self) -> Iterator[None]:
        yield

    def zeros(self, rows: int, columns: int) -> Rows:
        return [[self.zero] * columns for _ in range(rows)]

    def rows(self, matrix: Rows) -> Rows:
        return matrix

    def dot(self, left: Rows, right: Rows) -> Rows:
        columns = list(zip(*right, strict=True))
        return [[self.sum_of(map(mul, row, column)) for column in columns] for row in left]

    def transpose(self, matrix: Rows) -> Rows:
        return [list(column) for column in zip(*matrix, strict=True)]

    def add(self, left: Rows, right: Rows) -> Rows:
        return entrywise(add, left, right)

    def subtract(self, left: Rows, right: Rows) -> Rows:
        return entrywise(sub, left, right)

    def multiply(self, left: Rows, right: Rows) -> Rows:
        return entrywise(mul, left, right)

    def divide_by(self, matrix: Rows, count: int) -> Rows:
        return [[entry / count for entry in row] for row in matrix]

    def sum(self, matrix: Rows, axis: int | None = None) -> Rows:
        if axis == 0:
            return [[self.sum_of(column) for column in zip(*matrix, strict=True)]]
        if axis == 1:
            return [[self.sum_of(row)] for row in matrix]
        return [[self.sum_of(entry for row in matrix for entry in row)]]

    def map(self, rule: ElementwiseRule, *matrices: Rows) -> Rows:
        return entrywise(lambda *elements: rule(self, *elements), *matrices)

    def sum_of(self, elements: Any) -> Element:
        """Return the sum of an iterable of numbers."""
        return sum(elements, self.zero)


def entrywise(rule: Callable[..., Element], *matrices: Rows) -> Rows:
    """Apply a rule entry by entry, repeating axes of length 1.

    >>> entrywise(add, [[1, 2], [3, 4]], [[10], [20]])
    [[11, 12], [23, 24]]
    """
    rows, columns = common_shape((len(matrix), len(matrix[0])) for matrix in matrices)
    return [
        list(map(rule, *(_stretch(row, columns) for row in row_of_each)))
        for row_of_each in zip(*(_stretch(matrix, rows) for matrix in matrices), strict=True)
    ]


def _stretch(sequence: Sequence[Any], length: int) -> Any:
    return sequence if len(sequence) == length else repeat(sequence[0], length)
