"""What tests have called a module with, and which mistakes those calls tell from what is right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy

from gradgrade.problems.audits.answering import Array, Given, Known, known_of
from gradgrade.problems.audits.audited import Audited, off_each
from gradgrade.problems.audits.patterns import Call
from gradgrade.problems.audits.sizes import Unfitting
from gradgrade.problems.audits.variants import SizeForbids, Variant

STACK = 256
"""How many calls are walked at once."""


@dataclass(frozen=True, eq=False)
class Calls:
    """Calls of the same kind and sizes.

    Args:
        audited: the exercise.
        call: the script's.
        known: what they are given, stacks of arrays.
        count: how many there are.
    """

    audited: Audited
    call: Call
    known: Known
    count: int

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """What they answer."""
        return self.known.reachable(self.call.answers)

    @cached_property
    def right(self) -> Mapping[str, Array]:
        """What is right, a row a call."""
        return self._rows(self.known.answers(self.targets))

    @cached_property
    def bands(self) -> Mapping[str, Array]:
        """How far honest code may be off."""
        return self._rows(self.known.bands(self.targets, self.audited.exercise.precision))

    def distances(self, variant: Variant) -> Mapping[str, Array]:
        """Return by how many bands a mistake is off, of each answer, a number a call."""
        try:
            answers = variant.answers(self.known, self.targets)
        except SizeForbids:
            changed = self.audited.changed_by(variant).get(self.call.number, ())
            return {name: numpy.full(self.count, numpy.inf) for name in changed}
        found = {}
        for name in self.targets:
            answer = answers[name]
            if answer.ndim == self.right[name].ndim - 1:
                answer = numpy.broadcast_to(answer, (self.count, *answer.shape))
            found[name] = off_each(answer, self.right[name], self.bands[name])
        return found

    def _rows(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Return arrays with an axis for the calls, of what is the same for all of them too."""
        found = {}
        for name, array in arrays.items():
            shape = self.known.sized.shape(name)
            found[name] = numpy.broadcast_to(array, (self.count, *shape))
        return found


def grouped(
    audited: Audited, recorded: Sequence[tuple[int, Mapping[str, Given]]]
) -> Iterator[Calls]:
    """Yield recorded calls, those of one kind and the same sizes together."""
    groups: dict[Any, list[tuple[Known, Mapping[str, Given]]]] = {}
    for number, given in recorded:
        try:
            known = known_of(audited.shapes, given)
        except Unfitting:
            continue
        sizes = tuple(sorted(known.sized.sizes.items()))
        groups.setdefault((number, sizes, tuple(sorted(given))), []).append((known, given))
    for (number, _, names), found in groups.items():
        for start in range(0, len(found), STACK):
            some = [known for known, _ in found[start : start + STACK]]
            arrays = {name: numpy.stack([each.arrays[name] for each in some]) for name in names}
            known = Known(some[0].sized, arrays)
            yield Calls(audited, audited.by_number[number], known, len(some))


def told(calls: Sequence[Calls], variant: Variant) -> Mapping[str, float]:
    """Return by how many bands a mistake is off at most, of each answer, over all calls."""
    found: dict[str, float] = {}
    for each in calls:
        for name, distances in each.distances(variant).items():
            found[name] = max(found.get(name, 0.0), float(distances.max()))
    return {name: distance for name, distance in found.items() if distance > 0}
