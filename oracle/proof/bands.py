"""Bands beside proofs: a stack of variants walked once in binary64, with running errors.

Where the doubles of a variant, read off its balls, lie within 16·2⁻⁵³·S of what that walk computed,
two arithmetics that share no code agree about them, at a small part of what the mpmath reference
costs. They agree to as much as a band is wide, and no further. So a band refuses nothing, and never
stands for the reference where it would tell little: what it does not hold, and what it is too wide
for, the reference decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from gradgrade.oracle.accuracy.honest_bands import FLOORS, honest_bands
from gradgrade.oracle.arithmetic.binary64 import Array
from gradgrade.oracle.arithmetic.running_error import Estimate
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Convention, Quantity

WIDEST = 2.0**-20
"""How wide a band may be beside its quantity's largest entry to stand for the reference."""

WALKED_IN = "binary64"
"""The precision of the walk, whichever students compute in: S counts the roundings of either."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Where the doubles of one variant must lie.

    Args:
        middles: what was computed: the entries of each step, in the order of documents.
        widths: how far from it a double may lie.
    """

    middles: Array
    widths: Array

    def holds(self, doubles: Sequence[float]) -> bool:
        """Tell whether the doubles of all steps, in the same order, lie within."""
        return bool((numpy.abs(self.middles - doubles) <= self.widths).all())


def bands(
    derivation: Derivation, estimates: Mapping[Name, Estimate], *, variants: int
) -> tuple[Band | None, ...]:
    """Return each variant's band; None where it would tell too little.

    Args:
        derivation: what was walked.
        estimates: every step's values and running errors, (variants, rows, columns); what all
            variants share has no leading axis.
        variants: how many there are.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> from gradgrade.oracle.accuracy.honest_bands import estimates
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    >>> given = {Name("x"): [[2]], Name("y"): [[1]], Name("W", 1): [[0.1]]}
    >>> walked = estimates(
    ...     derivation, given | {Name("learning_rate"): [[0.5]]}, givens_are_rounded=True
    ... )
    >>> (band,) = bands(derivation, walked, variants=1)
    >>> band.holds(band.middles), band.holds(band.middles * (1 + 1e-9))
    (True, False)
    """
    middles, widths = [], []
    are_narrow = numpy.full(variants, fill_value=True)
    for step in derivation.steps:
        estimate = estimates[step.name]
        width = honest_bands(estimate, precision=WALKED_IN)
        middle, width = (
            _entries(step.quantity, each, derivation.convention, variants)
            for each in (estimate.value, width)
        )
        widest = WIDEST * numpy.abs(middle).max(axis=1, keepdims=True) + FLOORS[WALKED_IN]
        are_narrow &= (numpy.isfinite(width) & (width <= widest)).all(axis=1)
        middles.append(middle)
        widths.append(width)
    found = zip(are_narrow, numpy.hstack(middles), numpy.hstack(widths), strict=True)
    return tuple(Band(middle, width) if is_narrow else None for is_narrow, middle, width in found)


def _entries(quantity: Quantity, stack: Array, convention: Convention, variants: int) -> Array:
    """Return the matrices of a stack, (variants, entries in the order of documents)."""
    matrices = numpy.broadcast_to(stack, (variants, *quantity.matrix_shape))
    if quantity.is_transposed(convention):
        matrices = matrices.swapaxes(-1, -2)
    return matrices.reshape(variants, -1)
