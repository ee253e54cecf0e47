"""Pooling layers: the largest or the mean entry of each window.

The gradient of a maximum goes to the entry that is largest; where two are, nothing is defined.
Behind a ReLU whole windows are often 0 because its units are inactive: their tie passes no gradient
to any pre-activation, so δ is defined where ∂L/∂a is not, and that ∂L/∂a is not a quantity there.

Source: seed 001 names convolutional networks; windows that do not fit are dropped, as the field's
frameworks do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import prod

from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix
from gradgrade.oracle.derivation.formulas.boxes import (
    Between,
    Box,
    Face,
    Scripts,
    Sign,
    row,
    sentence,
)
from gradgrade.oracle.derivation.formulas.expression import Function, Named, Number
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import Place, PlainLayer
from gradgrade.oracle.networks.layers.windows import Windows, adjoint, pooled
from gradgrade.oracle.networks.lines import Pooled


@dataclass(frozen=True, kw_only=True)
class MaxPooling(PlainLayer):
    """The largest entry of each window.

    Args:
        windows: their size and stride; without padding.

    >>> MaxPooling(windows=Windows(size=(2, 2), stride=(2, 2))).output_shape((3, 5, 4))
    (3, 2, 2)
    """

    windows: Windows

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (channels, height, width) of the windows' positions."""
        return (input_shape[0], *self.windows.positions(input_shape))

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield a."""
        a = place.samples(place.a, self.output_shape(place.input_shape), Group.ACTIVATION)
        rule = partial(_largest, self._map(place))
        formula = _over("max", "window", rule)(Named(place.input.name))
        yield Step(a, (place.input.name,), rule, formula, role=self._pooled(place))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the gradient of the input."""
        behind_relu = place.input_activation == "relu"
        gradient, da = place.input_gradient, place.a.gradient
        if behind_relu:
            gradient = replace(gradient, group=Group.INTERNAL)
        rule = partial(_to_largest, self._map(place), behind_relu)
        at_largest = Function("at the largest", rule, _at_largest, written=1)
        formula = at_largest(Named(da), Named(place.input.name))
        role = PullBack(to=place.input.name, through=(self._pooled(place),), upstream=(da,))
        yield Step(gradient, (da, place.input.name), rule, formula, role=role)

    def _map(self, place: Place) -> EntryMap:
        return pooled(self.windows, place.input_shape, place.batch)

    def _pooled(self, place: Place) -> Pooled:
        return Pooled(takes="largest", entries=self._map(place), size=prod(self.windows.size))


@dataclass(frozen=True, kw_only=True)
class AveragePooling(PlainLayer):
    """The mean entry of each window.

    Args:
        windows: their size and stride; without padding.
    """

    windows: Windows

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (channels, height, width) of the windows' positions."""
        return (input_shape[0], *self.windows.positions(input_shape))

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield a."""
        a = place.samples(place.a, self.output_shape(place.input_shape), Group.ACTIVATION)
        rule = partial(_mean, self._map(place), self._size)
        formula = _over("mean", "window", rule)(Named(place.input.name))
        yield Step(a, (place.input.name,), rule, formula, role=self._pooled(place))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the gradient of the input."""
        gradient, da = place.input_gradient, place.a.gradient
        back = adjoint(self._map(place), gradient.matrix_shape)
        total = _over("Σ", "windows", partial(_sum, back))
        formula = Number(Fraction(1, self._size)) * total(Named(da))
        role = PullBack(to=place.input.name, through=(self._pooled(place),), upstream=(da,))
        yield Step(gradient, (da,), partial(_mean, back, self._size), formula, role=role)

    @property
    def _size(self) -> int:
        return prod(self.windows.size)

    def _map(self, place: Place) -> EntryMap:
        return pooled(self.windows, place.input_shape, place.batch)

    def _pooled(self, place: Place) -> Pooled:
        return Pooled(takes="mean", entries=self._map(place), size=self._size)


def _over(name: str, windows: str, rule: Rule) -> Function:
    """Return a function of the entries of a window, or of the windows of an entry."""
    sign = Sign(name) if len(name) == 1 else Sign(name, Face.FUNCTION)

    def write(entries: Box) -> Box:
        return row(Scripts(sign, sentence(windows)), Between(), entries)

    return Function(name, rule, write)


def _at_largest(gradient: Box) -> Box:
    return row(gradient, Between(), sentence(" at the largest entry of its window"))


def _largest(entry_map: EntryMap, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.largest(matrix, entry_map)


def _to_largest(
    entry_map: EntryMap, zeros_may_tie: bool, arithmetic: Arithmetic, da: Matrix, matrix: Matrix
) -> Matrix:
    return arithmetic.to_largest(da, matrix, entry_map, zeros_may_tie=zeros_may_tie)


def _mean(entry_map: EntryMap, size: int, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.divide_by(_sum(entry_map, arithmetic, matrix), size)


def _sum(entry_map: EntryMap, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.gather(matrix, entry_map)
