"""What a layer tells a derivation, and where in the derivation it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from oracle.nested import Shape
from oracle.quantities import Convention, Group, Layout, Name, Quantity
from oracle.steps import Step


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
        input_gradient: the quantity ∂L/∂input that its backward steps make.
        parameters: for each kind of parameter, the name of the value used in this iteration.
        gradients: for each kind of parameter, the name under which its gradient is made.
    """

    layer: int
    iteration: int
    batch: int
    convention: Convention
    input: Quantity
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

    def samples(self, kind: str, shape: Shape, group: Group) -> Quantity:
        """Return a quantity of this layer that has one column a sample."""
        return Quantity(self.here(kind), (*shape, self.batch), Layout.SAMPLES, group)

    def gradient(self, parameter: Parameter) -> Quantity:
        """Return the gradient of a parameter of this layer."""
        name = self.gradients[parameter.kind]
        return Quantity(name, parameter.shape, parameter.layout, Group.GRADIENT)


class Layer(Protocol):
    """A frozen description of a layer that says which steps it adds to a derivation."""

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one sample of the output; raise ValueError where it has none."""

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return the layer's parameters."""

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield the steps from the input to the activation `a{}`."""

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the steps from `da{}` to the parameters' gradients and the input's."""
