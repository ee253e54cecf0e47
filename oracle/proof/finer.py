"""Narrower balls of a walk, for values that lie too close to a tie to be rounded by its own."""

from math import prod

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

    def of(self, bits: int) -> Enclosure:
        """Return balls of so many bits of accuracy, or more.

        Raises:
            NotCertified: there is no precision to walk at that gives them.
        """
        if self._finest.bits >= bits:
            return self._finest
        finer = enclose(self._finest.derivation, self._finest.given, bits=bits)
        if finer.ball.bits * _entries(finer) <= MOST_KEPT_BITS:
            self._finest = finer
        return finer


def _entries(enclosure: Enclosure) -> int:
    return sum(prod(step.quantity.matrix_shape) for step in enclosure.derivation.steps)
