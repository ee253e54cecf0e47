"""Matrices as nested lists of numbers that have operators: what mpmath and fractions share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from operator import add, mul, sub
from typing import Any

from gradgrade.oracle.arithmetic import Element, ElementwiseRule, EntryMap, common_shape
from gradgrade.oracle.errors import (
    AT_KINK,
    DIVISION_BY_ZERO,
    NOTHING_LEFT,
    TIE,
    UndefinedValue,
)
from gradgrade.oracle.exact_numbers import Exact

Rows = list[list[Any]]


class ListArithmetic:
    """The operations on nested lists that need nothing but the numbers' own operators."""

    zero: Element
    one: Element
    sums_exactly = False

    @contextmanager
    def active(self) -> Iterator[None]:
        yield

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Rows:
        raise NotImplementedError

    def constant(self, number: Exact) -> Rows:
        return self.matrix([[number]])

    def zeros(self, rows: int, columns: int) -> Rows:
        return [[self.zero] * columns for _ in range(rows)]

    def rows(self, matrix: Rows) -> Rows:
        return matrix

    def shape(self, matrix: Rows) -> tuple[int, int]:
        return len(matrix), len(matrix[0])

    def dot(self, left: Rows, right: Rows) -> Rows:
        columns = list(zip(*right, strict=True))
        return [[self.sum_of(map(mul, row, column)) for column in columns] for row in left]

    def transpose(self, matrix: Rows) -> Rows:
        return [list(column) for column in zip(*matrix, strict=True)]

    def turned_column(self, matrix: Rows, column: int) -> Rows:
        """Return one of the columns as a row."""
        return [[row[column] for row in matrix]]

    def add(self, left: Rows, right: Rows) -> Rows:
        return entrywise(add, left, right)

    def subtract(self, left: Rows, right: Rows) -> Rows:
        return entrywise(sub, left, right)

    def multiply(self, left: Rows, right: Rows) -> Rows:
        if len(left) == len(left[0]) == 1:
            factor = left[0][0]
            return [[factor * entry for entry in row] for row in right]
        return entrywise(mul, left, right)

    def divide_by(self, matrix: Rows, count: int) -> Rows:
        return matrix if count == 1 else [[entry / count for entry in row] for row in matrix]

    def sum(self, matrix: Rows, axis: int | None = None) -> Rows:
        if axis == 0:
            return [[self.sum_of(column) for column in zip(*matrix, strict=True)]]
        if axis == 1:
            return [[self.sum_of(row)] for row in matrix]
        return [[self.sum_of(_flat(matrix))]]

    def reshape(self, matrix: Rows, rows: int, columns: int) -> Rows:
        if (len(matrix), len(matrix[0])) == (rows, columns):
            return matrix
        flat = _flat(matrix)
        return [flat[start : start + columns] for start in range(0, rows * columns, columns)]

    def rows_between(self, matrix: Rows, start: int, stop: int) -> Rows:
        return matrix[start:stop]

    def stack(self, *matrices: Rows) -> Rows:
        return [row for matrix in matrices for row in matrix]

    def gather(self, matrix: Rows, entry_map: EntryMap) -> Rows:
        flat = [*_flat(matrix), self.zero]
        if entry_map.moved is not None:
            moved = list(map(flat.__getitem__, entry_map.moved))
            return self.reshape([moved], *entry_map.shape)
        taken = [
            self.sum_of(flat[source] for source in each)
            if len(each) > 1
            else flat[each[0] if each else -1]
            for each in entry_map.sources
        ]
        return self.reshape([taken], *entry_map.shape)

    def largest(self, matrix: Rows, entry_map: EntryMap) -> Rows:
        flat = _flat(matrix)
        taken = [max(flat[source] for source in each) for each in entry_map.sources]
        return self.reshape([taken], *entry_map.shape)

    def to_largest(
        self, gradient: Rows, matrix: Rows, entry_map: EntryMap, *, zeros_may_tie: bool
    ) -> Rows:
        flat, passed = _flat(matrix), [self.zero] * (len(matrix) * len(matrix[0]))
        for each, sources in zip(_flat(gradient), entry_map.sources, strict=True):
            largest = max(flat[source] for source in sources)
            places = [source for source in sources if flat[source] == largest]
            if len(places) == 1:
                passed[places[0]] += each
            elif not (zeros_may_tie and largest == 0):
                raise UndefinedValue(TIE)
        return self.reshape([passed], len(matrix), len(matrix[0]))

    def map(self, rule: ElementwiseRule, *matrices: Rows) -> Rows:
        return entrywise(partial(rule, self), *matrices)

    def minimum(self, left: Element, right: Element) -> Element:
        return min(left, right)

    def choose(self, mask: Element, then: Element, otherwise: Element) -> Element:
        return then if mask else otherwise

    def positive_part(self, z: Element) -> Element:
        return z if z > 0 else self.zero

    def below(self, z: Element, height: Element) -> Element:
        if z == 0 and height != 0:
            raise UndefinedValue(AT_KINK)
        # Added to 0, an integer becomes a number of this arithmetic: 1 / 3 must not be a float.
        return self.zero + height if z < 0 else self.zero

    def divide(self, numerator: Element, denominator: Element) -> Element:
        if not denominator:
            raise UndefinedValue(DIVISION_BY_ZERO)
        return numerator / denominator

    def power(self, z: Element, exponent: int) -> Element:
        return z**exponent

    def sum_of(self, elements: Any) -> Element:
        """Return the sum of an iterable of numbers."""
        return sum(elements, self.zero)


def softmax_where(
    softmax: Callable[[Rows], Rows], columns: Rows, masks: Sequence[Sequence[bool]], zero: Element
) -> Rows:
    """Return softmax of what is left of each of some columns, as columns, with 0 elsewhere.

    Args:
        softmax: of a matrix of one column.
        columns: the columns, each as a list.
        masks: for each of them, which entries are left.
        zero: what stands where an entry is not.

    Raises:
        UndefinedValue: nothing is left of a column.
    """
    found = []
    for column, mask in zip(columns, masks, strict=True):
        left = [[entry] for entry, is_left in zip(column, mask, strict=True) if is_left]
        if not left:
            raise UndefinedValue(NOTHING_LEFT)
        shares = iter(softmax(left))
        found.append([next(shares)[0] if is_left else zero for is_left in mask])
    return found


def _flat(matrix: Rows) -> list[Any]:
    return [entry for row in matrix for entry in row]


def entrywise(rule: Callable[..., Element], *matrices: Rows) -> Rows:
    """Apply a rule entry by entry, repeating axes of length 1.

    >>> entrywise(add, [[1, 2], [3, 4]], [[10], [20]])
    [[11, 12], [23, 24]]
    """
    shapes = [(len(matrix), len(matrix[0])) for matrix in matrices]
    if shapes.count(shapes[0]) == len(shapes):
        return [list(map(rule, *row_of_each)) for row_of_each in zip(*matrices, strict=True)]
    rows, columns = common_shape(shapes)
    return [
        list(map(rule, *(_stretch(row, columns) for row in row_of_each)))
        for row_of_each in zip(*(_stretch(matrix, rows) for matrix in matrices), strict=True)
    ]


def _stretch(sequence: Sequence[Any], length: int) -> Any:
    return sequence if len(sequence) == length else repeat(sequence[0], length)
