"""A candidate: one mistake or two that might explain wrong answers, and what would be answered."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy

from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.weighing import Answer
from gradgrade.problems.misconceptions import Mistake
from gradgrade.problems.walks.differing import Difference, leading_here
from gradgrade.problems.walks.on_demand import WalkOnDemand
from gradgrade.problems.walks.stacked import Assessment, Prediction

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

Numbers = tuple[Array, Array]
"""Entries, and how far from them another answer may lie."""


class Candidate:
    """One mistake or two, walked with the running errors that bands come from.

    Args:
        mistakes: which; the last one's derivation makes them all.
        difference: of that derivation from the right one.
        right_walk: the reference's values.
        assessment: of the exercise.
        is_right: by part that was answered, which entries are right.
    """

    def __init__(
        self,
        mistakes: tuple[Mistake, ...],
        *,
        difference: Difference,
        right_walk: WalkOnDemand,
        assessment: Assessment,
        is_right: Mapping[str, Array],
    ) -> None:
        self.mistakes = mistakes
        self.difference = difference
        self.right_walk = right_walk
        self.assessment = assessment
        self.is_right = is_right
        self._answers: dict[str, Numbers] = {}

    def reaches(self, part: str) -> bool:
        """Tell whether other steps lead to a part than the right ones."""
        derivation, name = self.assessment.derivation, self.assessment.quantities[part].name
        return bool(self.difference.reached >> derivation.places[name] & 1)

    def answer(self, part: AskedQuantity) -> Numbers:
        """Return the entries of a part, and their bands, (1, entries) each."""
        if not self.reaches(part.name):
            return self._right(part)
        if part.name not in self._answers:
            quantity = self.assessment.quantities[part.name]
            made = self._walk.made(quantity.name)
            values = self.assessment.entries(quantity, made.value)
            self._answers[part.name] = values, self.assessment.band(part, made, values)
        return self._answers[part.name]

    def answers(self) -> Answer:
        """Return what would be answered to all parts."""
        answers = {part.name: self.answer(part) for part in self.assessment.exercise.ask}
        values = {name: values for name, (values, _) in answers.items()}
        bands = {name: bands for name, (_, bands) in answers.items()}
        return self.mistakes, Prediction(self.mistakes[-1], values, bands)

    def differs(self, part: AskedQuantity) -> Array:
        """Return which of a part's entries it would make wrong, (1, entries)."""
        (values, bands), (right, allowed) = self.answer(part), self._right(part)
        return numpy.abs(values - right) > bands + allowed

    def spoils(self, part: AskedQuantity) -> bool:
        """Tell whether it would make an entry of a part wrong that is right."""
        is_right = self.is_right.get(part.name)
        if is_right is None or not is_right.any() or not self.reaches(part.name):
            return False
        return bool((self.differs(part) & is_right).any())

    @cached_property
    def idle(self) -> int:
        """How many steps to what is asked it changes in vain: they make what they should."""
        derivation, asked = self.assessment.derivation, self.assessment.quantities
        leading = leading_here(derivation)
        on_the_way = 0
        for part in self.assessment.exercise.ask:
            on_the_way |= leading[asked[part.name].name]
        return sum(
            numpy.array_equal(self._walk.made(name).value, self.right_walk.made(name).value)
            for name in self.difference.changed
            if name in derivation.places and on_the_way >> derivation.places[name] & 1
        )

    @cached_property
    def _walk(self) -> WalkOnDemand:
        return self.right_walk.upon(self.difference.steps(self.assessment.derivation))

    def _right(self, part: AskedQuantity) -> Numbers:
        return self.assessment.values[part.name], self.assessment.bands[part.name]
