r"""Inverted dropout with a mask that is given: a = x ∘ mask / (1 − rate).

The mask holds 1 for a unit that is kept and 0 for one that is dropped, and is the same in every
iteration; the factor keeps the expected activation what it was.

Source: named by seed 001; Srivastava et al. (2014), in the inverted form that frameworks use.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.latex import latex
from gradgrade.oracle.derivation.quantities import Group, Layout, Name, Quantity
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import DA, Place, PlainLayer, given_number

MASK, RATE = "mask_{}", "rate{}"


@dataclass(frozen=True, kw_only=True)
class Dropout(PlainLayer):
    """A dropout layer; its rate and its mask are given.

    >>> [str(each.name) for each in Dropout().givens(2, (3,), 1)]
    ['mask_2', 'rate2']
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the input."""
        return input_shape

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return the mask and the rate."""
        mask = Quantity(Name(MASK, layer), (*input_shape, batch), Layout.SAMPLES, Group.GIVEN)
        return (mask, given_number(RATE, layer))

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield a."""
        a = place.samples("a{}", place.input_shape, Group.ACTIVATION)
        yield self._masked(place, a, place.input.name)

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the gradient of the input."""
        yield self._masked(place, place.input_gradient, place.here(DA))

    def _masked(self, place: Place, quantity: Quantity, source: Name) -> Step:
        mask, rate = place.given(MASK), place.given(RATE)
        formula = (
            rf"{latex(quantity.name)} = \frac{{1}}{{1 - {latex(rate)}}} "
            rf"{latex(source)} \circ {latex(mask)}"
        )
        return Step(quantity, (source, mask, rate), _masked, formula)


def _masked(arithmetic: Arithmetic, source: Matrix, mask: Matrix, rate: Matrix) -> Matrix:
    def kept(_: Arithmetic, entry: Element, mask: Element, rate: Element) -> Element:
        return entry * mask / (1 - rate)

    return arithmetic.map(kept, source, mask, rate)
