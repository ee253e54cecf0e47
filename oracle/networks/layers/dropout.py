r"""Inverted dropout with a mask that is given: a = x ∘ mask / (1 − rate).

The mask holds 1 for a unit that is kept and 0 for one that is dropped, and is the same in every
iteration; the factor keeps the expected activation what it was.

Source: named by seed 001; Srivastava et al. (2014), in the inverted form that frameworks use.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.formulas.expression import Named, hadamard
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import PullBack, Role
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import Place, PlainLayer, given_number
from gradgrade.oracle.networks.lines import Dropped

MASK, RATE = "mask", "rate"


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
        name, shape = Name(MASK, layer), (*input_shape, batch)
        mask = Quantity(name, shape, Layout.SAMPLES, Group.GIVEN, Kind.MASK)
        return (mask, given_number(RATE, layer))

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield a."""
        a = place.samples(place.a, place.input_shape, Group.ACTIVATION)
        yield self._masked(place, a, place.input.name, self._dropped(place))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield the gradient of the input."""
        da = place.a.gradient
        role = PullBack(to=place.input.name, through=(self._dropped(place),), upstream=(da,))
        yield self._masked(place, place.input_gradient, da, role)

    def _dropped(self, place: Place) -> Dropped:
        return Dropped(mask=place.given(MASK), rate=place.given(RATE))

    def _masked(self, place: Place, quantity: Quantity, source: Name, role: Role) -> Step:
        reads = (source, place.given(MASK), place.given(RATE))
        entries, mask, rate = map(Named, reads)
        formula = 1 / (1 - rate) * hadamard(entries, mask)
        return Step(quantity, reads, _masked, formula, role=role)


def _masked(arithmetic: Arithmetic, source: Matrix, mask: Matrix, rate: Matrix) -> Matrix:
    def kept(_: Arithmetic, entry: Element, mask: Element, rate: Element) -> Element:
        return entry * mask / (1 - rate)

    return arithmetic.map(kept, source, mask, rate)
