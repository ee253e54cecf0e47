"""Other honest ways to compute: in another order of summation, and in single precision."""

from collections.abc import Sequence
from typing import Any

import numpy

from gradgrade.oracle.arithmetic.binary64 import Array, Binary64
from gradgrade.oracle.exact_numbers import Exact


class FromTheEnd(Binary64):
    """Doubles whose sums and products add one term after the other, the last one first.

    >>> FromTheEnd().dot(numpy.array([[1.0, 2.0]]), numpy.array([[3.0], [4.0]]))
    array([[11.]])
    """

    def dot(self, left: Array, right: Array) -> Array:
        terms = left[..., :, :, None] * right[..., None, :, :]
        return numpy.cumsum(terms[..., ::-1, :], axis=-2)[..., -1, :]

    def sum(self, matrix: Array, axis: int | None = None) -> Array:
        if axis is None:
            return self.sum(self.sum(matrix, 0), 1)
        along = axis - 2
        summed = numpy.cumsum(numpy.flip(matrix, along), axis=along)
        return numpy.take(summed, [-1], axis=along)


class Binary32(Binary64):
    """numpy's float32.

    >>> Binary32().matrix([[0.1]]).dtype
    dtype('float32')
    """

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Array:
        return single(super().matrix(rows))

    def zeros(self, rows: int, columns: int) -> Array:
        return single(super().zeros(rows, columns))

    def normal_distribution(self, z: Array) -> Array:
        return single(super().normal_distribution(z))


def single(array: Array) -> Any:
    """Return an array in single precision."""
    return numpy.asarray(array, dtype=numpy.float32)
