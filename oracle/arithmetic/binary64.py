"""What an ordinary student's code computes: IEEE double precision, in numpy arrays."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any

import numpy

from oracle.arithmetic import ElementwiseRule
from oracle.errors import OutOfRange
from oracle.exact import Exact, Ratio, binary64, ratio

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too


class Binary64:
    """numpy's float64. At a kink it takes the derivative 0, as student code does.

    >>> binary64 = Binary64()
    >>> binary64.map(lambda arithmetic, z: arithmetic.sigmoid(z), binary64.matrix([[0.0]]))
    array([[0.5]])
    """

    @contextmanager
    def active(self) -> Iterator[None]:
        with numpy.errstate(all="ignore"):
            yield

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Array:
        return numpy.array([[binary64(*ratio(entry)) for entry in row] for row in rows])

    def zeros(self, rows: int, columns: int) -> Array:
        return numpy.zeros((rows, columns))

    def rows(self, matrix: Array) -> list[list[float]]:
        rows: list[list[float]] = matrix.tolist()
        return rows

    def ratio(self, element: float) -> Ratio:
        if not isfinite(element):
            raise OutOfRange("a value overflowed binary64")
        return element.as_integer_ratio()

    def dot(self, left: Array, right: Array) -> Array:
        return left @ right

    def transpose(self, matrix: Array) -> Array:
        return matrix.T

    def add(self, left: Array, right: Array) -> Array:
        return left + right

    def subtract(self, left: Array, right: Array) -> Array:
        return left - right

    def multiply(self, left: Array, right: Array) -> Array:
        return left * right

    def divide_by(self, matrix: Array, count: int) -> Array:
        return matrix / count

    def sum(self, matrix: Array, axis: int | None = None) -> Array:
        return matrix.sum(axis=axis, keepdims=True)

    def map(self, rule: ElementwiseRule, *matrices: Array) -> Array:
        return rule(self, *matrices)

    def softmax(self, matrix: Array) -> Array:
        exponentials = numpy.exp(matrix - matrix.max(axis=0))
        return exponentials / exponentials.sum(axis=0)

    def log_softmax(self, matrix: Array) -> Array:
        shifted = matrix - matrix.max(axis=0)
        return shifted - numpy.log(numpy.exp(shifted).sum(axis=0))

    def exp(self, z: Array) -> Array:
        return numpy.exp(z)

    def log(self, z: Array) -> Array:
        return numpy.log(z)

    def log1p(self, z: Array) -> Array:
        return numpy.log1p(z)

    def sqrt(self, z: Array) -> Array:
        return numpy.sqrt(z)

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

    def step(self, z: Array) -> Array:
        return (z > 0).astype(numpy.float64)

    def sign(self, z: Array) -> Array:
        return numpy.sign(z)
