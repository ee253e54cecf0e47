"""Narrower balls of a walk, for values that lie too close to a tie to be rounded by its own."""

from math import prod

from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.proof.enclose import Enclosure, enclose

MOST_KEPT_BITS = 2**30
"""Of larger balls a walk is made again: they would fill the memory of whoever keeps a proof."""


class Finer:
    """What several values of a walk need is enclosed once: a unit is near its tie for all of them.

    Args:
        enclosure: the walk's own balls.
    """

    def __init__(self, enclosure: Enclosure) -> None:
        self._finest = enclosure

    def at(self, precision: int) -> Enclosure:
        """Return balls that were walked at this precision, or a higher one.

        How accurate each entry is then is for whoever asks: what cancels elsewhere in the walk is
        no reason not to tell a value from its tie.

        Raises:
            NotCertified: not even the highest precision gives the accuracy of the walk's own, or
                the balls of the two have nothing in common.
        """
        own = self._finest
        if own.ball.bits >= precision:
            return own
        finer = enclose(own.derivation, own.given, bits=own.bits, precision=precision)
        for name, matrix in own.matrices.items():
            if not matrix.overlaps(finer.matrices[name]):
                raise NotCertified(f"balls of two precisions disagree about {name}")
        if finer.ball.bits * _entries(finer) <= MOST_KEPT_BITS:
            self._finest = finer
        return finer


def _entries(enclosure: Enclosure) -> int:
    return sum(prod(step.quantity.matrix_shape) for step in enclosure.derivation.steps)
