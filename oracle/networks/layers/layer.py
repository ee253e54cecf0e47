"""What a layer tells a derivation, and where in the derivation it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.nested import Shape

INCOMING = "incoming"
"""The part of ∂L/∂output that comes from the next layer, where a layer adds to it itself."""

WEIGHTS = frozenset({Kind.WEIGHTS, Kind.RECURRENT_WEIGHTS})
"""What regularization applies to."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a layer.

    Args:
        text: its name without the layer, `"W"`.
        shape: in column convention.
        layout: what the row convention does to it.
        kind: weights, biases …
    """

    text: str
    shape: Shape
    layout: Layout
    kind: Kind

    @property
    def is_weight(self) -> bool:
        """Whether regularization applies to it."""
        return self.kind in WEIGHTS


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a layer stands: its number, the iteration, its input and its parameters' names.

    Args:
        layer: its number, from 1.
        iteration: from 1; 0 where there is only one.
        batch: N, the number of samples.
        input: the quantity that it reads, x or the activation before.
        input_activation: the name of the activation that made the input, if one did.
        input_gradient: the quantity ∂L/∂input that its backward steps make.
        parameters: for each parameter's text, the name of the value used in this iteration.
        gradients: for each parameter's text, the name under which its gradient is made.
    """

    layer: int
    iteration: int
    batch: int
    input: Quantity
    input_activation: str | None
    input_gradient: Quantity
    parameters: Mapping[str, Name]
    gradients: Mapping[str, Name]

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample of the input."""
        return self.input.shape[:-1]

    def here(self, text: str, time: int | None = None) -> Name:
        """Return a name at this layer and iteration, and at a time step of a sequence."""
        return Name(text, self.layer, self.iteration, time)

    @property
    def z(self) -> Name:
        """The layer's pre-activation."""
        return self.here("z")

    @property
    def a(self) -> Name:
        """The layer's activation, its output."""
        return self.here("a")

    def given(self, text: str) -> Name:
        """Return the name of a number or array that is given for this layer."""
        return Name(text, self.layer)

    def samples(self, name: Name, shape: Shape, group: Group) -> Quantity:
        """Return a quantity that has one column a sample."""
        return Quantity(name, (*shape, self.batch), Layout.SAMPLES, group)

    def internal(self, name: Name, rows: int, columns: int) -> Quantity:
        """Return a quantity that no document shows."""
        return Quantity(name, (rows, columns), Layout.FIXED, Group.INTERNAL)

    def gradient(self, parameter: Parameter) -> Quantity:
        """Return the gradient of a parameter of this layer."""
        name = self.gradients[parameter.text]
        return Quantity(name, parameter.shape, parameter.layout, Group.GRADIENT)


class Layer(Protocol):
    """A frozen description of a layer that says which steps it adds to a derivation."""

    @property
    def adds_to_output_gradient(self) -> bool:
        """Whether what the next layer passes back is a part of ∂L/∂output, and not all of it."""

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one sample of the output; raise ValueError where it has none."""

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return the layer's parameters."""

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return what else is given for the layer: numbers of its formulas, masks."""

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield the steps from the input to the activation."""

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the steps from ∂L/∂output to the parameters' gradients and the input's."""


class PlainLayer:
    """What most layers answer: no parameters, nothing else given, nothing added to ∂L/∂output."""

    adds_to_output_gradient = False

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return none."""
        return ()

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return none."""
        return ()


def given_number(text: str, layer: int) -> Quantity:
    """Return a number that is given for a layer."""
    return Quantity(Name(text, layer), (), Layout.FIXED, Group.GIVEN, Kind.NUMBER)


def identity(_: Arithmetic, matrix: Matrix) -> Matrix:
    """Return what is given."""
    return matrix


def one_entry_of_product(rule_of_rows: Rule) -> Rule:
    """Return the rule of one entry of a product of two matrices' rows: left · rightᵀ."""

    def entry(arithmetic: Arithmetic, row: int, column: int, left: Matrix, right: Matrix) -> Matrix:
        return rule_of_rows(arithmetic, [left[row]], [right[column]])

    return entry
