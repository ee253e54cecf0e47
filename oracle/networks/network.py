"""What an exercise is about, described without a number in it: the structure of a derivation.

Every number that enters a formula (weights, learning rate, alpha …) is a given and has a name, so
that one derivation serves every variant of a structure.
"""

from dataclasses import dataclass
from itertools import accumulate
from math import prod

from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers import Layer


@dataclass(frozen=True, kw_only=True)
class Network:
    """A feed-forward network: its input, its layers counted from 1, and its convention.

    Args:
        inputs: units of the input, or the shape of one sample: `(channels, height, width)`.
        layers: what each layer is.
        convention: `"column"`: samples are columns, W is (to, from), z = W a + b.
            `"row"`: samples are rows, W is (from, to), z = a W + b.

    >>> from gradgrade.oracle.networks.layers import Dense
    >>> network = Network(inputs=3, layers=(Dense(units=4, activation="tanh"), Dense(units=2)))
    >>> network.shapes
    ((3,), (4,), (2,))
    """

    inputs: int | Shape
    layers: tuple[Layer, ...]
    convention: Convention = "column"

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of one sample before layer 1, and after each layer."""
        first = (self.inputs,) if isinstance(self.inputs, int) else self.inputs
        steps = accumulate(
            self.layers, lambda shape, layer: layer.output_shape(shape), initial=first
        )
        return tuple(steps)

    @property
    def outputs(self) -> int:
        """K, the number of output units."""
        return prod(self.shapes[-1])


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A loss by name, and what it is averaged over: `mean`, `mean_elements`, `sum`."""

    name: str
    reduction: str = "mean"
