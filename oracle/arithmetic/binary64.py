"""What an ordinary student's code computes: IEEE double precision, in numpy arrays."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import erfc, isfinite, pi, prod, sqrt
from typing import Any

import numpy

from gradgrade.oracle.arithmetic import ElementwiseRule, EntryMap
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.errors import OutOfRange
from gradgrade.oracle.exact_numbers import Exact, Ratio, binary64, ratio

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too


class Binary64:
    """numpy's float64. At a kink it takes the side of z < 0, as most student code does.

    A matrix may be a stack of matrices, (…, rows, columns), that are walked at once.

    >>> binary64 = Binary64()
    >>> binary64.map(lambda arithmetic, z: arithmetic.sigmoid(z), binary64.matrix([[0.0]]))
    array([[0.5]])
    """

    sums_exactly = False

    @contextmanager
    def active(self) -> Iterator[None]:
        with numpy.errstate(all="ignore"):
            yield

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Array:
        return numpy.array([[binary64(*ratio(entry)) for entry in row] for row in rows])

    def constant(self, number: Exact) -> Array:
        return self.matrix([[number]])

    def zeros(self, rows: int, columns: int) -> Array:
        return numpy.zeros((rows, columns))

    def rows(self, matrix: Array) -> list[list[float]]:
        rows: list[list[float]] = matrix.tolist()
        return rows

    def shape(self, matrix: Array) -> tuple[int, int]:
        rows, columns = matrix.shape[-2:]
        return rows, columns

    def ratio(self, element: float) -> Ratio:
        if not isfinite(element):
            raise OutOfRange("a value overflowed binary64")
        return element.as_integer_ratio()

    def dot(self, left: Array, right: Array) -> Array:
        return left @ right

    def transpose(self, matrix: Array) -> Array:
        return matrix.swapaxes(-1, -2)

    def add(self, left: Array, right: Array) -> Array:
        return left + right

    def subtract(self, left: Array, right: Array) -> Array:
        return left - right

    def multiply(self, left: Array, right: Array) -> Array:
        return left * right

    def divide_by(self, matrix: Array, count: int) -> Array:
        return matrix / count

    def sum(self, matrix: Array, axis: int | None = None) -> Array:
        return matrix.sum(axis=(-2, -1) if axis is None else axis - 2, keepdims=True)

    def reshape(self, matrix: Array, rows: int, columns: int) -> Array:
        return matrix.reshape(*matrix.shape[:-2], rows, columns)

    def rows_between(self, matrix: Array, start: int, stop: int) -> Array:
        return matrix[..., start:stop, :]

    def stack(self, *matrices: Array) -> Array:
        leading = numpy.broadcast_shapes(*(each.shape[:-2] for each in matrices))
        wide = [numpy.broadcast_to(each, (*leading, *each.shape[-2:])) for each in matrices]
        return numpy.concatenate(wide, axis=-2)

    def gather(self, matrix: Array, entry_map: EntryMap) -> Array:
        summed = taken_by(matrix, entry_map).sum(axis=-1)
        return summed.reshape(*matrix.shape[:-2], *entry_map.shape)

    def largest(self, matrix: Array, entry_map: EntryMap) -> Array:
        largest = taken_by(matrix, entry_map).max(axis=-1)
        return largest.reshape(*matrix.shape[:-2], *entry_map.shape)

    def to_largest(
        self, gradient: Array, matrix: Array, entry_map: EntryMap, *, zeros_may_tie: bool
    ) -> Array:
        # At a tie it takes the first, as argmax does in student code.
        first = taken_by(matrix, entry_map).argmax(axis=-1)
        targets = indices(entry_map)[numpy.arange(len(entry_map.sources)), first]
        passed = gradient.reshape(*gradient.shape[:-2], -1)
        targets, passed = numpy.broadcast_arrays(targets, passed)
        leading, size = targets.shape[:-1], prod(matrix.shape[-2:])
        starts = size * numpy.arange(prod(leading)).reshape(*leading, 1)
        total = numpy.bincount(
            (targets + starts).ravel(), weights=passed.ravel(), minlength=size * prod(leading)
        )
        return total.reshape(*leading, *matrix.shape[-2:])

    def map(self, rule: ElementwiseRule, *matrices: Array) -> Array:
        return rule(self, *matrices)

    def softmax(self, matrix: Array, where: Array | None = None) -> Array:
        if where is not None:
            matrix = numpy.where(where == 0, -numpy.inf, matrix)
        exponentials = numpy.exp(matrix - matrix.max(axis=-2, keepdims=True))
        return exponentials / exponentials.sum(axis=-2, keepdims=True)

    def log_softmax(self, matrix: Array) -> Array:
        shifted = matrix - matrix.max(axis=-2, keepdims=True)
        return shifted - numpy.log(numpy.exp(shifted).sum(axis=-2, keepdims=True))

    def exp(self, z: Array) -> Array:
        return numpy.exp(z)

    def expm1(self, z: Array) -> Array:
        return numpy.expm1(z)

    def log(self, z: Array) -> Array:
        return numpy.log(z)

    def log1p(self, z: Array) -> Array:
        return numpy.log1p(z)

    def sqrt(self, z: Array) -> Array:
        return numpy.sqrt(z)

    def normal_distribution(self, z: Array) -> Array:
        return numpy.vectorize(erfc, otypes=[numpy.float64])(-z / sqrt(2.0)) / 2

    def normal_density(self, z: Array) -> Array:
        return numpy.exp(-z * z / 2) / sqrt(2 * pi)

    def minimum(self, left: Array, right: Array) -> Array:
        return numpy.minimum(left, right)

    def choose(self, mask: Array, then: Array, otherwise: Array) -> Array:
        return numpy.where(mask != 0, then, otherwise)

    def cos_pi(self, z: Array) -> Array:
        return numpy.cos(pi * z)

    def sin(self, z: Array) -> Array:
        return numpy.sin(z)

    def cos(self, z: Array) -> Array:
        return numpy.cos(z)

    def tanh(self, z: Array) -> Array:
        return numpy.tanh(z)

    def sech(self, z: Array) -> Array:
        e = numpy.exp(-numpy.abs(z))
        return 2 * e / (1 + e * e)

    def sigmoid(self, z: Array) -> Array:
        e = numpy.exp(-numpy.abs(z))
        return numpy.where(z >= 0, 1.0, e) / (1 + e)

    def positive_part(self, z: Array) -> Array:
        return numpy.maximum(z, 0.0)

    def below(self, z: Array, height: Array) -> Array:
        # At a kink it takes the side that student code takes: `z > 0` is False there.
        return numpy.where(z > 0, 0.0, height)

    def divide(self, numerator: Array, denominator: Array) -> Array:
        return numerator / denominator

    def power(self, z: Array, exponent: int) -> Array:
        return z**exponent


@kept_with_argument
def indices(entry_map: EntryMap) -> Array:
    """Return a map's sources as an array, a row for each entry, filled up with −1."""
    width = max(map(len, entry_map.sources), default=0)
    padded = [(*each, *[-1] * (width - len(each))) for each in entry_map.sources]
    return numpy.array(padded, dtype=numpy.intp).reshape(len(padded), width)


def taken_by(matrix: Array, entry_map: EntryMap) -> Array:
    """Return, a row for each entry of a map, what it takes; 0 where it takes nothing."""
    flat = matrix.reshape(*matrix.shape[:-2], -1)
    padding = numpy.zeros((*flat.shape[:-1], 1))
    return numpy.concatenate([flat, padding], axis=-1)[..., indices(entry_map)]
