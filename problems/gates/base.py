"""What a gate is: a test of many variants at once, which rejects those that cannot tell wrong.

A gate returns its faults by subject, mostly a quantity that is asked: an array of shape
(variants, n) that is true where the variant is at fault, n being 1, or the subject's entries.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.accuracy.honest_bands import honest_bands
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import SENSITIVITIES, Quantity
from gradgrade.problems.walks.stacked import Assessment

Array = Any  # numpy types its operators as Any too
Entries = Mapping[str, Array]
"""By what is asked, (variants, entries in the order of documents)."""

Faults = Mapping[str, Array]

MARGIN = 10
"""How many bands a wrong answer must miss by: a student's own rounding takes up to two."""

MARGIN_IN_ROUNDING = 3
"""The same where intermediate values may be rounded: those bands are reached, but not exceeded."""


@dataclass(frozen=True)
class Candidates:
    """Variants of one structure before the gates.

    Args:
        assessment: their right answers with running errors.
        zeros: entries of the walk's matrices that are 0 in every variant, by name.
        moving: the names of those with zeros that move: what is computed as 0 is 0.
        told: gates and subjects of which a fault does not count: a mistake is not looked for there.
        answers: the right answers, if other than the assessment's.
        tolerated: their bands, if other than the assessment's.
    """

    assessment: Assessment
    zeros: Mapping[str, Array] = field(default_factory=dict)
    moving: Collection[str] = frozenset()
    told: Collection[tuple[str, str]] = frozenset()
    answers: Entries | None = None
    tolerated: Entries | None = None

    def __len__(self) -> int:
        """Count them."""
        return len(self.assessment.exercises)

    @property
    def derivation(self) -> Derivation:
        """The steps of them all."""
        return self.assessment.derivation

    @property
    def quantities(self) -> Mapping[str, Quantity]:
        """What is asked, by name."""
        return self.assessment.quantities

    @property
    def margin(self) -> int:
        """How many bands a wrong answer must miss by."""
        return MARGIN if self.assessment.exercise.rounding is None else MARGIN_IN_ROUNDING

    @cached_property
    def values(self) -> Entries:
        """The right answers."""
        answers = self.assessment.values if self.answers is None else self.answers
        return {
            name: numpy.where(self.known_zeros(name), 0.0, each) for name, each in answers.items()
        }

    @cached_property
    def bands(self) -> Entries:
        """How far from them an answer may lie: no further than a double near by can miss."""
        if self.tolerated is not None:
            return self.tolerated
        bands = self.assessment.bands
        return {
            name: bands[name] + numpy.spacing(numpy.abs(value)) / 2
            for name, value in self.values.items()
        }

    def honest(self, name: Name) -> Array:
        """Return the band of honest code around any quantity, (variants, rows, columns)."""
        if name not in self._honest:
            estimate = self.assessment.estimates[name]
            precision = self.assessment.exercise.precision
            self._honest[name] = honest_bands(estimate, precision=precision)
        return self._honest[name]

    @cached_property
    def _honest(self) -> dict[Name, Array]:
        """The bands that were asked for: most gates ask for the same."""
        return {}

    def entries(self, quantity: Quantity, array: Array) -> Array:
        """Return matrices of the walk as documents count their entries."""
        return self.assessment.entries(quantity, array)

    def known_zeros(self, name: str) -> Array:
        """Return which entries of what is asked are 0: in every variant, or where they move."""
        quantity = self.quantities[name]
        if str(quantity.name) in self.moving:
            computed = self.assessment.computed_zeros(quantity.name)
            return self.entries(quantity, computed) | self.fixed_zeros(name)
        return self.fixed_zeros(name)

    def fixed_zeros(self, name: str) -> Array:
        """Return which entries of what is asked are 0 in every variant."""
        quantity = self.quantities[name]
        zeros = self.zeros.get(str(quantity.name))
        if zeros is None:
            return numpy.zeros(prod(quantity.shape), dtype=bool)
        return self.entries(quantity, zeros)[0]

    def exact_zeros(self, name: str, quantity: Quantity) -> Array:
        """Return which entries of what is asked are 0 whoever computes them.

        They are 0 in every variant, or were computed without any rounding: a unit that is off, a
        class that is not.
        """
        error = self.entries(quantity, self.assessment.estimates[quantity.name].error)
        return (self.values[name] == 0) & (error == 0) | self.known_zeros(name)

    def would_pass(self, name: str, answer: Array | float) -> Array:
        """Tell for which variants an answer to a part would be accepted whole, (variants, 1)."""
        distance = numpy.abs(self.values[name] - answer)
        return (distance <= self.bands[name]).all(axis=-1, keepdims=True)

    def sensitivities(self) -> Iterator[tuple[str, Quantity]]:
        """Yield what is asked of the loss's derivatives."""
        for name, quantity in self.quantities.items():
            if quantity.group in SENSITIVITIES:
                yield name, quantity


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A named reason to reject variants.

    Args:
        code: a stable word for reports.
        meaning: what is the case with what it rejects.
        advice: what an instructor can change where it rejects too many.
        faults: which variants are at fault, by subject.
        structural_advice: likewise, where all draws are so.
        may_be_structural: whether an exercise can be so in every variant, by exact equality; then
            that is told and not gated.
        where_most_pass: whether it holds only for subjects with which most draws pass; the others
            are told.
    """

    code: str
    meaning: str
    advice: str
    faults: Callable[[Candidates], Faults]
    structural_advice: str = "leave the part out, or change the network"
    may_be_structural: bool = False
    where_most_pass: bool = False
