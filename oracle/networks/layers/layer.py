"""What a layer tells a derivation, and where in the derivation it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.quantities import Convention, Group, Layout, Name, Quantity
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.nested import Shape

DA = "da{}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a layer.

    Args:
        kind: its name with the layer left open, `"W{}"`.
        shape: in column convention.
        layout: what the row convention does to it.
        is_weight: whether regularization applies to it.
    """

    kind: str
    shape: Shape
    layout: Layout
    is_weight: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a layer stands: its number, the iteration, its input and its parameters' names.

    Args:
        layer: its number, from 1.
        iteration: from 1; 0 where there is only one.
        batch: N, the number of samples.
        convention: what its formulas are written in.
        input: the quantity that it reads, x or the activation before.
        input_activation: the name of the activation that made the input, if one did.
        input_gradient: the quantity ∂L/∂input that its backward steps make.
        parameters: for each kind of parameter, the name of the value used in this iteration.
        gradients: for each kind of parameter, the name under which its gradient is made.
    """

    layer: int
    iteration: int
    batch: int
    convention: Convention
    input: Quantity
    input_activation: str | None
    input_gradient: Quantity
    parameters: Mapping[str, Name]
    gradients: Mapping[str, Name]

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample of the input."""
        return self.input.shape[:-1]

    def here(self, kind: str) -> Name:
        """Return the name of a kind of quantity at this layer and iteration."""
        return Name(kind, self.layer, self.iteration)

    def given(self, kind: str) -> Name:
        """Return the name of a number or array that is given for this layer."""
        return Name(kind, self.layer)

    def samples(self, kind: str, shape: Shape, group: Group) -> Quantity:
        """Return a quantity of this layer that has one column a sample."""
        return Quantity(self.here(kind), (*shape, self.batch), Layout.SAMPLES, group)

    def internal(self, kind: str, rows: int, columns: int) -> Quantity:
        """Return a quantity of this layer that no document shows."""
        return Quantity(self.here(kind), (rows, columns), Layout.FIXED, Group.INTERNAL)

    def gradient(self, parameter: Parameter) -> Quantity:
        """Return the gradient of a parameter of this layer."""
        name = self.gradients[parameter.kind]
        return Quantity(name, parameter.shape, parameter.layout, Group.GRADIENT)


class Layer(Protocol):
    """A frozen description of a layer that says which steps it adds to a derivation."""

    @property
    def output_gradient(self) -> str:
        """The kind under which the next layer makes ∂L/∂output.

        It is `da{}` unless the layer adds to it on its own way back.
        """

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one sample of the output; raise ValueError where it has none."""

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return the layer's parameters."""

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return what else is given for the layer: numbers of its formulas, masks."""

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield the steps from the input to the activation `a{}`."""

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the steps from `output_gradient` to the parameters' gradients and the input's."""


class PlainLayer:
    """What most layers answer: no parameters, nothing else given, ∂L/∂output is `da{}`."""

    output_gradient = DA

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return none."""
        return ()

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return none."""
        return ()


def given_number(kind: str, layer: int) -> Quantity:
    """Return a number that is given for a layer."""
    return Quantity(Name(kind, layer), (), Layout.FIXED, Group.GIVEN)


def identity(_: Arithmetic, matrix: Matrix) -> Matrix:
    """Return what is given."""
    return matrix


def one_entry_of_product(rule_of_rows: Rule) -> Rule:
    """Return the rule of one entry of a product of two matrices' rows: left · rightᵀ."""

    def entry(arithmetic: Arithmetic, row: int, column: int, left: Matrix, right: Matrix) -> Matrix:
        return rule_of_rows(arithmetic, [left[row]], [right[column]])

    return entry
