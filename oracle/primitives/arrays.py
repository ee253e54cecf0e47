"""Arrays of up to four axes as the matrices of a walk, and what moves their entries.

A node's matrix holds its entries in numpy's order: (first axis, the rest), a vector one column, a
scalar 1 by 1. Whatever moves, repeats or sums entries is one `EntryMap`, found by doing the same to
an array of indices; passing a gradient back is its adjoint.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy

from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix, Sources
from gradgrade.oracle.derivation.formulas.expression import Expression, Function, Total
from gradgrade.oracle.nested import Shape

Axes = int | tuple[int, ...] | None
"""What an operation goes over, as it is stated."""

Indices = Any  # NDArray[numpy.intp]
Moving = Callable[[Indices], Indices]
"""What numpy does to an array, done to the indices of its entries."""


def matrix_shape(shape: Shape) -> tuple[int, int]:
    """Return rows and columns of the matrix that holds an array.

    >>> matrix_shape((2, 3, 4)), matrix_shape((5,)), matrix_shape(())
    ((2, 12), (5, 1), (1, 1))
    """
    return (shape[0], prod(shape[1:])) if shape else (1, 1)


def shape_after(moving: Moving, *shapes: Shape) -> Shape:
    """Return the shape that something has when its entries have been moved.

    Raises:
        ValueError: numpy's own, where they cannot be.
    """
    return tuple(moving(*(numpy.broadcast_to(numpy.intp(0), shape) for shape in shapes)).shape)


def moved(moving: Moving, source: Shape) -> EntryMap:
    """Return the map of entries that are moved, repeated or left out, each taken from one.

    >>> moved(lambda each: each.T, (2, 3)).sources
    ((0,), (3,), (1,), (4,), (2,), (5,))
    """
    shape = shape_after(moving, source)

    def listing() -> Sources:
        taken = moving(_indices(source)).ravel().tolist()
        return tuple((index,) for index in taken)

    return EntryMap(matrix_shape(shape), matrix_shape(source), prod(shape), listing)


def gathered(axes: Sequence[int], source: Shape, *, keepdims: bool) -> EntryMap:
    """Return the map of what is summed over some axes.

    >>> gathered([0], (2, 3), keepdims=False).sources
    ((0, 3), (1, 4), (2, 5))
    """
    over = sorted(axis % len(source) for axis in axes)
    kept = [axis for axis in range(len(source)) if axis not in over]
    shape = reduced_shape(over, source, keepdims=keepdims)

    def listing() -> Sources:
        rows = _indices(source).transpose([*kept, *over]).reshape(prod(shape), -1)
        return tuple(map(tuple, rows.tolist()))

    return EntryMap(matrix_shape(shape), matrix_shape(source), prod(source), listing)


def axes_of(shape: Shape, axes: Axes) -> tuple[int, ...]:
    """Return the axes that are stated, counted from the first on and in order; None is all of them.

    Raises:
        ValueError: there is no such axis, or one is named twice.

    >>> axes_of((2, 3, 4), -1), axes_of((2, 3, 4), None)
    ((2,), (0, 1, 2))
    """
    if axes is None:
        return tuple(range(len(shape)))
    over = (axes,) if isinstance(axes, int) else axes
    for axis in over:
        if not -len(shape) <= axis < len(shape):
            raise ValueError(f"axis {axis} is none of shape {list(shape)}")
    found = tuple(sorted(axis % len(shape) for axis in over))
    if len(set(found)) != len(found):
        raise ValueError("an axis is named twice")
    return found


def reduced_shape(axes: Sequence[int], source: Shape, *, keepdims: bool) -> Shape:
    """Return the shape that is left when some axes have been summed over."""
    if keepdims:
        return tuple(1 if axis in axes else size for axis, size in enumerate(source))
    return tuple(size for axis, size in enumerate(source) if axis not in axes)


def broadcast_shape(*shapes: Shape) -> Shape:
    """Return the shape that operands share, as numpy repeats axes of length 1.

    Raises:
        ValueError: two of them do not go together.

    >>> broadcast_shape((3, 1), (4,))
    (3, 4)
    """
    try:
        return tuple(numpy.broadcast_shapes(*shapes))
    except ValueError:
        first, second = _at_odds(shapes)
        message = f"shapes {list(first)} and {list(second)} do not go together"
        raise ValueError(message) from None


def _at_odds(shapes: Sequence[Shape]) -> tuple[Shape, Shape]:
    for place, second in enumerate(shapes):
        for first in shapes[:place]:
            try:
                numpy.broadcast_shapes(first, second)
            except ValueError:
                return first, second
    return shapes[0], shapes[-1]


class Repeated:
    """An operand repeated to the shape of a result, and a gradient summed back to the operand's.

    Where the arithmetic's own repetition of rows or columns of length 1 does the same, nothing is
    moved.
    """

    def __init__(self, source: Shape, shape: Shape) -> None:
        self.is_same = source == shape
        """Whether the operand has the shape of the result."""
        self.is_number, self.makes_number = not source, not shape
        """Whether the operand is a number, and whether the result is one."""
        self._takes_all = prod(source) == 1
        self._source, self._rows = matrix_shape(source), matrix_shape(shape)
        padded = (1,) * (len(shape) - len(source)) + source
        first, rest = padded[:1], padded[1:]
        self._plain = (prod(first), prod(rest)) if rest in (shape[1:], (1,) * len(rest)) else None
        self._whole = moved(lambda each: numpy.broadcast_to(each, shape), source)
        self._map = None if self._plain or not shape else self._whole
        self.stays = self.is_same or (self._map is None and self._plain == self._source)
        """Whether the operand is combined as it is."""

    def __call__(self, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        """Return the operand, ready to be combined with matrices of the result's shape."""
        if self.stays:
            return matrix
        if self._map is not None:
            return arithmetic.gather(matrix, self._map)
        return arithmetic.reshape(matrix, *(self._plain or (1, 1)))

    def whole(self, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        """Return the operand with the very shape of the result."""
        return matrix if self.is_same else arithmetic.gather(matrix, self._whole)

    def back(self, arithmetic: Arithmetic, gradient: Matrix) -> Matrix:
        """Return a gradient of the result's shape summed over what was repeated."""
        if self.is_same:
            return gradient
        if self._map is not None:
            return arithmetic.gather(gradient, self._map.adjoint)
        rows, columns = self._plain or (1, 1)
        if rows == columns == 1:
            return arithmetic.sum(gradient)
        if rows == 1 != self._rows[0]:
            gradient = arithmetic.sum(gradient, axis=0)
        elif columns == 1 != self._rows[1]:
            gradient = arithmetic.sum(gradient, axis=1)
        return arithmetic.reshape(gradient, *self._source)

    def written(self, operand: Expression) -> Expression:
        """Return the operand as it stands in a formula, where one does not see it repeated."""
        if self.stays:
            return operand
        return Function("", self.__call__, lambda each: each)(operand)

    def written_back(self, gradient: Expression) -> Expression:
        """Return a gradient of the result's shape, as a formula sums it over what was repeated."""
        if self.is_same:
            return gradient
        if self._takes_all:
            return Total(gradient)
        return Function("Σ", self.back)(gradient)


def _indices(shape: Shape) -> Indices:
    return numpy.arange(prod(shape), dtype=numpy.intp).reshape(shape)
