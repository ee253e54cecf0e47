"""Layers that move entries and compute nothing: flatten, and the last step of a sequence.

Source: the field's frameworks; flatten counts the last axis of a sample fastest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import prod

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.boxes import (
    Box,
    Enclosed,
    Face,
    Row,
    Scripts,
    Sign,
    row,
)
from gradgrade.oracle.derivation.formulas.expression import Function, Named, Number
from gradgrade.oracle.derivation.formulas.functions import sequence
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import VALUE, PullBack, Value
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import Place, PlainLayer
from gradgrade.oracle.networks.lines import LastTimeStep


def _inverse_of_vec(vector: Box) -> Box:
    minus_one = Row((Sign("-"), Sign("1")))
    return row(Scripts(Sign("vec", Face.FUNCTION), above=minus_one), Enclosed(vector))


VEC = Function("vec", unchanged)
INVERSE_OF_VEC = Function("vec⁻¹", unchanged, _inverse_of_vec)


@dataclass(frozen=True, kw_only=True)
class Flatten(PlainLayer):
    """A sample of any shape as a vector.

    >>> Flatten().output_shape((2, 3, 4))
    (24,)
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the number of entries of a sample."""
        return (prod(input_shape),)

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield a."""
        a = place.samples(place.a, self.output_shape(place.input_shape), Group.ACTIVATION)
        yield Step(a, (place.input.name,), unchanged, VEC(Named(place.input.name)))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the gradient of the input."""
        gradient, da = place.input_gradient, place.a.gradient
        yield Step(gradient, (da,), unchanged, INVERSE_OF_VEC(Named(da)), role=_moved_back(place))


@dataclass(frozen=True, kw_only=True)
class LastStep(PlainLayer):
    """The last time step of a sequence of shape (time, units).

    >>> LastStep().output_shape((5, 3))
    (3,)
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (units,).

        Raises:
            ValueError: the input is no sequence.
        """
        if len(input_shape) != 2:
            raise ValueError(f"a sequence [time, units] is needed, not shape {list(input_shape)}")
        return input_shape[1:]

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield a."""
        (units,) = self.output_shape(place.input_shape)
        a = place.samples(place.a, (units,), Group.ACTIVATION)
        total = prod(place.input_shape)
        rule = partial(_rows, total - units, total)
        formula = Function("last", rule)(Named(place.input.name))
        yield Step(a, (place.input.name,), rule, formula, role=_last_time_step(place))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the gradient of the input."""
        (units,) = self.output_shape(place.input_shape)
        gradient, da = place.input_gradient, place.a.gradient
        rule = partial(_below_zeros, prod(place.input_shape) - units, place.batch)
        zeros = [Number(Fraction(0), (units, place.batch))] * (place.input_shape[0] - 1)
        formula = sequence(*zeros, Named(da))
        role = _moved_back(place, _last_time_step(place))
        yield Step(gradient, (da,), rule, formula, role=role)


def _moved_back(place: Place, line: Value = VALUE) -> PullBack:
    return PullBack(to=place.input.name, through=(line,), upstream=(place.a.gradient,))


def _last_time_step(place: Place) -> LastTimeStep:
    return LastTimeStep(sequence=place.input.name, steps=place.input_shape[0])


def _rows(start: int, stop: int, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.rows_between(matrix, start, stop)


def _below_zeros(rows: int, columns: int, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.stack(arithmetic.zeros(rows, columns), matrix) if rows else matrix
