"""Ball arithmetic on many variants at once: each has a matrix of its own, of the same shape.

Small matrices take longer to be asked of than to answer. So what acts entry by entry runs once over
the entries of all variants, and what takes whole matrices runs over the variants. The balls are
those that each variant has by itself, but for the last bits of radii.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import chain, islice, repeat
from operator import add, mul, sub
from typing import Any

from flint import arb, arb_mat

from gradgrade.oracle.arithmetic import ElementwiseRule, EntryMap, common_shape
from gradgrade.oracle.arithmetic.ball import Ball, stretched
from gradgrade.oracle.arithmetic.lists import Rows


class Stack:
    """A matrix of each of some variants, all of one shape: as entries, or as matrices.

    Args:
        shape: of each.
        entries: of all, those of a variant one behind the other, row by row.
    """

    def __init__(self, shape: tuple[int, int], entries: list[arb]) -> None:
        self.shape = shape
        self.entries = entries

    @classmethod
    def of(cls, matrices: Sequence[arb_mat]) -> "Stack":
        """Return the stack of some matrices."""
        first = matrices[0]
        entries = list(chain.from_iterable(each.entries() for each in matrices))
        stack = cls((first.nrows(), first.ncols()), entries)
        stack.matrices = matrices
        return stack

    @cached_property
    def matrices(self) -> Sequence[arb_mat]:
        """The matrix of each variant."""
        rows, columns = self.shape
        size, entries = rows * columns, iter(self.entries)
        count = len(self.entries) // size
        return [arb_mat(rows, columns, list(islice(entries, size))) for _ in range(count)]


Stacked = Any
"""A stack; or a matrix, where all variants have the same."""


class StackedBall(Ball):
    """Balls of many variants.

    Args:
        bits: the working precision.
        count: how many variants there are.

    >>> ball = StackedBall(bits=100, count=2)
    >>> x = ball.taken([[[1, 2]], [[3, 4]]])
    >>> with ball.active():
    ...     total = ball.add(ball.sum(x), ball.constant(10))
    >>> total.entries == [13, 17]
    True
    """

    def __init__(self, *, bits: int, count: int) -> None:
        super().__init__(bits=bits)
        self.count = count

    def taken(self, rows: Sequence[Rows]) -> Stacked:
        """Take the exact rows of each variant; of what is the same in all, those of the first."""
        first = rows[0]
        if all(each == first for each in rows):
            return self.matrix(first)
        shape = len(first), len(first[0])
        flat = self.matrix([list(chain.from_iterable(chain.from_iterable(rows)))])
        return Stack(shape, flat.entries())

    def entries_of_each(self, matrices: Sequence[Stacked]) -> list[list[arb]]:
        """Return for each variant the entries of some matrices, one behind the other."""
        sizes = [rows * columns for rows, columns in map(self.shape, matrices)]
        flat = [self._entries(each, self.shape(each)) for each in matrices]
        return [
            list(
                chain.from_iterable(
                    entries[place * size : (place + 1) * size]
                    for entries, size in zip(flat, sizes, strict=True)
                )
            )
            for place in range(self.count)
        ]

    def middles(self, matrix: Stacked) -> Stacked:
        """Return the midpoints."""
        if isinstance(matrix, Stack):
            return Stack(matrix.shape, [entry.mid() for entry in matrix.entries])
        return matrix.mid()

    def shape(self, matrix: Stacked) -> tuple[int, int]:
        return matrix.shape if isinstance(matrix, Stack) else super().shape(matrix)

    def dot(self, left: Stacked, right: Stacked) -> Stacked:
        return self._of_each(super().dot, left, right)

    def transpose(self, matrix: Stacked) -> Stacked:
        if isinstance(matrix, Stack) and 1 in matrix.shape:
            rows, columns = matrix.shape
            return Stack((columns, rows), matrix.entries)
        return self._of_each(super().transpose, matrix)

    def add(self, left: Stacked, right: Stacked) -> Stacked:
        return self._entrywise(add, super().add, left, right)

    def subtract(self, left: Stacked, right: Stacked) -> Stacked:
        return self._entrywise(sub, super().subtract, left, right)

    def multiply(self, left: Stacked, right: Stacked) -> Stacked:
        return self._entrywise(mul, super().multiply, left, right)

    def divide_by(self, matrix: Stacked, count: int) -> Stacked:
        if count == 1 or not isinstance(matrix, Stack):
            return super().divide_by(matrix, count)
        return Stack(matrix.shape, [entry / count for entry in matrix.entries])

    def sum(self, matrix: Stacked, axis: int | None = None) -> Stacked:
        summed = {None: (1, 1), 0: (1, self.shape(matrix)[1]), 1: (self.shape(matrix)[0], 1)}
        if self.shape(matrix) == summed[axis]:
            return matrix
        return self._of_each(lambda each: Ball.sum(self, each, axis), matrix)

    def reshape(self, matrix: Stacked, rows: int, columns: int) -> Stacked:
        if isinstance(matrix, Stack):
            return Stack((rows, columns), matrix.entries)
        return super().reshape(matrix, rows, columns)

    def rows_between(self, matrix: Stacked, start: int, stop: int) -> Stacked:
        return self._of_each(lambda each: Ball.rows_between(self, each, start, stop), matrix)

    def stack(self, *matrices: Stacked) -> Stacked:
        return self._of_each(super().stack, *matrices)

    def gather(self, matrix: Stacked, entry_map: EntryMap) -> Stacked:
        return self._of_each(lambda each: Ball.gather(self, each, entry_map), matrix)

    def largest(self, matrix: Stacked, entry_map: EntryMap) -> Stacked:
        return self._of_each(lambda each: Ball.largest(self, each, entry_map), matrix)

    def to_largest(
        self, gradient: Stacked, matrix: Stacked, entry_map: EntryMap, *, zeros_may_tie: bool
    ) -> Stacked:
        def passed(own: arb_mat, among: arb_mat) -> arb_mat:
            return Ball.to_largest(self, own, among, entry_map, zeros_may_tie=zeros_may_tie)

        return self._of_each(passed, gradient, matrix)

    def map(self, rule: ElementwiseRule, *matrices: Stacked) -> Stacked:
        return self._entrywise(
            partial(rule, self), lambda *each: Ball.map(self, rule, *each), *matrices
        )

    def softmax(self, matrix: Stacked, where: Stacked | None = None) -> Stacked:
        if where is None:
            return self._of_each(super().softmax, matrix)
        return self._of_each(super().softmax, matrix, where)

    def log_softmax(self, matrix: Stacked) -> Stacked:
        return self._of_each(super().log_softmax, matrix)

    def _of_each(self, operation: Callable[..., arb_mat], *operands: Stacked) -> Stacked:
        """Do something with the matrices of each variant; once, where all have the same."""
        if not any(isinstance(each, Stack) for each in operands):
            return operation(*operands)
        matrices = (
            each.matrices if isinstance(each, Stack) else repeat(each, self.count)
            for each in operands
        )
        return Stack.of(list(map(operation, *matrices)))

    def _entrywise(
        self,
        rule: Callable[..., arb],
        operation: Callable[..., arb_mat],
        *operands: Stacked,
    ) -> Stacked:
        """Apply a rule to the entries of all variants at once; an operation does so to matrices."""
        if not any(isinstance(each, Stack) for each in operands):
            return operation(*operands)
        shape = common_shape(map(self.shape, operands))
        return Stack(shape, list(map(rule, *(self._entries(each, shape) for each in operands))))

    def _entries(self, operand: Stacked, shape: tuple[int, int]) -> Sequence[arb]:
        """Return the entries of each variant in turn, axes of length 1 repeated."""
        size = shape[0] * shape[1]
        if not isinstance(operand, Stack):
            if super().shape(operand) == (1, 1):
                return [operand[0, 0]] * (size * self.count)
            return stretched(operand, shape).entries() * self.count
        if operand.shape == shape:
            return operand.entries
        if operand.shape == (1, 1):
            return [entry for entry in operand.entries for _ in range(size)]
        return Stack.of([stretched(each, shape) for each in operand.matrices]).entries
