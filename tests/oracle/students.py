"""Honest students: code that is right, each in ways of its own."""

import random
from dataclasses import replace
from math import erf
from typing import Any

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import EntryMap
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import Rows, take, walk

Array = Any

# Beyond it the textbook forms overflow, so nobody's code takes them.
MOST_EXPONENT = {numpy.float64: 300.0, numpy.float32: 30.0}


class Student(Binary64):
    """Code in some precision that takes textbook forms and orders of summation as they come.

    Args:
        seed: of what this student does.
        precision: numpy's type.
    """

    def __init__(self, *, seed: int, precision: Any = numpy.float64) -> None:
        self.generator = random.Random(seed)
        self.precision = precision

    def matrix(self, rows: Any) -> Array:
        return super().matrix(rows).astype(self.precision)

    def zeros(self, rows: int, columns: int) -> Array:
        return super().zeros(rows, columns).astype(self.precision)

    def divide_by(self, matrix: Array, count: int) -> Array:
        return (
            matrix / self.precision(count) if self._coin() else matrix * (1 / self.precision(count))
        )

    def dot(self, left: Array, right: Array) -> Array:
        if self._coin():
            return left @ right
        total = numpy.zeros((left.shape[0], right.shape[1]), self.precision)
        for k in self._order(left.shape[1]):
            total = total + left[:, k : k + 1] * right[k : k + 1]
        return total

    def sum(self, matrix: Array, axis: int | None = None) -> Array:
        if self._coin():
            return matrix.sum(axis=axis, keepdims=True)
        if axis is None:
            return self.sum(self.sum(matrix, 0), 1)
        total = numpy.zeros_like(matrix.take([0], axis))
        for k in self._order(matrix.shape[axis]):
            total = total + matrix.take([k], axis)
        return total

    def gather(self, matrix: Array, entry_map: EntryMap) -> Array:
        return super().gather(matrix, entry_map).astype(self.precision)

    def largest(self, matrix: Array, entry_map: EntryMap) -> Array:
        return super().largest(matrix, entry_map).astype(self.precision)

    def to_largest(self, *arguments: Any, **options: Any) -> Array:
        return super().to_largest(*arguments, **options).astype(self.precision)

    def softmax(self, matrix: Array, where: Array | None = None) -> Array:
        if where is not None:
            # As most code does it, −∞ or −10⁹ in the place of what is masked.
            out = -numpy.inf if self._coin() else self.precision(-1e9)
            return super().softmax(numpy.where(where == 0, out, matrix))
        if self._coin():
            return super().softmax(matrix)
        if self._coin():
            return numpy.exp(super().log_softmax(matrix))
        return self._where_small(
            matrix, lambda z: numpy.exp(z) / numpy.exp(z).sum(axis=0), super().softmax
        )

    def log_softmax(self, matrix: Array) -> Array:
        if self._coin():
            return super().log_softmax(matrix)
        largest = matrix.max(axis=0)
        return matrix - (largest + numpy.log(numpy.exp(matrix - largest).sum(axis=0)))

    def expm1(self, z: Array) -> Array:
        return self._choose(super().expm1, lambda z: numpy.exp(z) - 1, z)

    def log1p(self, z: Array) -> Array:
        return self._choose(super().log1p, lambda z: numpy.log(1 + z), z)

    def normal_distribution(self, z: Array) -> Array:
        half = numpy.vectorize(lambda z: erf(z / 2**0.5), otypes=[self.precision])
        return self._choose(super().normal_distribution, lambda z: (1 + half(z)) / 2, z).astype(
            self.precision
        )

    def tanh(self, z: Array) -> Array:
        def by_exponentials(z: Array) -> Array:
            return (numpy.exp(z) - numpy.exp(-z)) / (numpy.exp(z) + numpy.exp(-z))

        return self._choose(super().tanh, by_exponentials, z)

    def sech(self, z: Array) -> Array:
        return self._choose(super().sech, lambda z: 1 / numpy.cosh(z), z)

    def sigmoid(self, z: Array) -> Array:
        return self._choose(super().sigmoid, lambda z: 1 / (1 + numpy.exp(-z)), z)

    def _choose(self, stable: Any, textbook: Any, z: Array) -> Array:
        return stable(z) if self._coin() else self._where_small(z, textbook, stable)

    def _where_small(self, z: Array, textbook: Any, stable: Any) -> Array:
        is_small = numpy.abs(z).max() < MOST_EXPONENT[self.precision]
        return textbook(z) if is_small else stable(z)

    def _order(self, count: int) -> list[int]:
        order = list(range(count))
        if self._coin():
            self.generator.shuffle(order)
        return order

    def _coin(self) -> bool:
        return self.generator.random() < 0.5


def some_way(derivation: Derivation, generator: random.Random) -> Derivation:
    """The derivation with each step taken by its rule or by one of its routes."""

    def taken(step: Step) -> Step:
        way = generator.choice([step, *step.routes])
        return replace(step, reads=way.reads, rule=way.rule)

    return derivation.replacing(*map(taken, derivation.steps))


def worked(
    derivation: Derivation, given: dict[Name, Rows], *, seed: int, precision: Any = numpy.float64
) -> dict[Name, Array]:
    """What one student's code finds."""
    student = Student(seed=seed, precision=precision)
    return walk(some_way(derivation, student.generator), take(given, student), student)
