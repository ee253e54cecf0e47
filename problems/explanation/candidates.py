"""Candidates: mistakes that might explain wrong answers, in order of likelihood, walked on demand.

A candidate is first walked to one part alone, in plain binary64. What cannot explain that part is
walked no further; what may is walked again, with the running errors that its bands come from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy

from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import anew
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.weighing import Answer
from gradgrade.problems.explanation.work import Work
from gradgrade.problems.misconceptions import Mistake, approximations, mistakes, pair
from gradgrade.problems.misconceptions.base import AXES, REPORTING
from gradgrade.problems.walks.on_demand import WalkOnDemand
from gradgrade.problems.walks.stacked import Assessment, Prediction

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

Numbers = tuple[Array, Array]
"""Entries, and how far from them another answer may lie."""

ROOM, ROOM_OF_ROUNDING = 4.0, 1e-9
"""How many bands of the right answer, and what share of an entry, a mistaken answer that was walked
without running errors is given: more than its own band, but where it cancels nine digits."""


@dataclass(frozen=True)
class Walks:
    """The same steps walked twice: with running errors, and in plain binary64 at a third of that.

    Args:
        exact: with running errors.
        rough: without.
    """

    exact: WalkOnDemand
    rough: WalkOnDemand

    def upon(self, steps: Mapping[Name, Step]) -> "Walks":
        """Return walks that stand on these."""
        return Walks(self.exact.upon(steps), self.rough.upon(steps))


class Candidate:
    """One mistake or two, and what whoever makes them would answer.

    Args:
        mistakes: which; the last one's derivation makes them all.
        walks: by that derivation.
        assessment: of the exercise.
        is_right: by part that was answered, which entries are right.

    Attributes:
        reached: the names of the parts to which other steps lead than the right ones.
        changed: what other steps make than the right ones.
    """

    def __init__(
        self,
        mistakes: tuple[Mistake, ...],
        *,
        walks: Walks,
        assessment: Assessment,
        is_right: Mapping[str, Array],
    ) -> None:
        self.mistakes = mistakes
        self.walks = walks
        self.assessment = assessment
        self.is_right = is_right
        by_name, walk = assessment.derivation.by_name, walks.exact
        self.reached = frozenset(
            part
            for part, quantity in assessment.quantities.items()
            if walk.differs_at(quantity.name)
        )
        self.changed = frozenset(
            name for name in walk.all_steps if walk.step(name) is not by_name.get(name)
        )
        self._answers: dict[str, Numbers] = {}
        self._rough_answers: dict[str, Numbers] = {}

    def answer(self, part: AskedQuantity) -> Numbers:
        """Return the entries of a part, and their bands, (1, entries) each."""
        if part.name not in self.reached:
            return self._right(part)
        if part.name not in self._answers:
            quantity = self.assessment.quantities[part.name]
            made = self.walks.exact.made(quantity.name)
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
        if part.name not in self.reached or part.name not in self.is_right:
            return False
        return self.surely_spoils(part) or bool(
            (self.differs(part) & self.is_right[part.name]).any()
        )

    def surely_differs(self, part: AskedQuantity) -> Array:
        """Return which of a part's entries it makes wrong by far, told without running errors."""
        values, room = self._rough_answer(part)
        return numpy.abs(values - self._right(part)[0]) > 2 * room

    def surely_spoils(self, part: AskedQuantity) -> bool:
        """Tell whether an entry of a part that is right would be wrong by far."""
        if part.name not in self.reached or part.name not in self.is_right:
            return False
        return bool((self.surely_differs(part) & self.is_right[part.name]).any())

    def may_agree(self, part: AskedQuantity, entries: Array) -> Array:
        """Return which of the entries that were answered it may lead to."""
        values, room = self._rough_answer(part)
        return numpy.abs(values - entries) <= 2 * room

    def _rough_answer(self, part: AskedQuantity) -> Numbers:
        """Return the entries of a part, and more room than their bands would take."""
        if part.name not in self._rough_answers:
            quantity, (right, bands) = self.assessment.quantities[part.name], self._right(part)
            values = self.assessment.entries(quantity, self.walks.rough.made(quantity.name)[None])
            sizes = numpy.abs(values), numpy.abs(right)
            grown = numpy.fmax(1.0, sizes[0] / sizes[1])
            room = ROOM * bands * numpy.where(numpy.isfinite(grown), grown, 1.0)
            self._rough_answers[part.name] = values, room + ROOM_OF_ROUNDING * sum(sizes)
        return self._rough_answers[part.name]

    def _right(self, part: AskedQuantity) -> Numbers:
        return self.assessment.values[part.name], self.assessment.bands[part.name]


class Candidates:
    """All mistakes that can be made in an exercise, as candidates for wrong answers to it.

    Args:
        assessment: of the exercise, alone in its stack.
        right: the reference's values.
        is_right: by part that was answered, which entries are right.
        work: counts what looking for them takes.
    """

    def __init__(
        self,
        *,
        assessment: Assessment,
        right: Walks,
        is_right: Mapping[str, Array],
        work: Work,
    ) -> None:
        self.assessment = assessment
        self.right = right
        self.is_right = is_right
        self.work = work
        self.singles: Sequence[Candidate] = sorted(
            self._reaching_what_is_wrong(), key=self._unlikelihood
        )

    def pairs(self, part: AskedQuantity) -> Iterator[Candidate]:
        """Yield two mistakes together, each of which changes a part, and nothing that is right."""
        possible = [
            each
            for each in self._within_budget()
            if not each.mistakes[0].place
            and part.name in each.reached
            and each.surely_differs(part).any()
            and not any(map(each.surely_spoils, self.assessment.exercise.ask))
        ]
        # Two likely ones before one that is with one that is not.
        places = sorted(combinations(range(len(possible)), 2), key=sum)
        for first, second in places:
            if self.work.is_spent:
                return
            yield from self._both(possible[first], possible[second].mistakes[0])

    def approximations(self, part: AskedQuantity) -> Iterator[Candidate]:
        """Yield what comes near to the right answer to a part, made in what leads there."""
        derivation = self.assessment.derivation
        losses = (step.name for step in derivation.steps if step.quantity.group is Group.LOSS)
        asked = self.assessment.quantities[part.name].name
        self.work.derive()
        for each in approximations(derivation.narrowed([asked, *losses])):
            yield self._candidate((each,), self.right, derivation)

    def _reaching_what_is_wrong(self) -> Iterator[Candidate]:
        derivation = self.assessment.derivation
        for mistake in mistakes(derivation):
            candidate = self._candidate((mistake,), self.right, derivation)
            if not self._wrong.isdisjoint(candidate.reached):
                yield candidate

    def _unlikelihood(self, candidate: Candidate) -> tuple[bool, int, int]:
        """Put first what leads to few parts that are right, and then to many that are wrong.

        What shows something else than what is true leads nowhere, though all that reads the truth
        is then another step.
        """
        is_shown = candidate.mistakes[0].misconception.family in (AXES, REPORTING)
        wrong = len(candidate.reached & self._wrong)
        return not is_shown, len(candidate.reached & self.is_right.keys()) - wrong, -wrong

    @cached_property
    def _wrong(self) -> frozenset[str]:
        return frozenset(name for name, is_right in self.is_right.items() if not is_right.all())

    def _within_budget(self) -> Iterator[Candidate]:
        for each in self.singles:
            if self.work.is_spent:
                return
            yield each

    def _both(self, first: Candidate, second: Mistake) -> Iterator[Candidate]:
        derivation = first.mistakes[0].derivation
        self.work.derive()
        for each in pair(first.mistakes[0], second.misconception):
            if not each.second.place:
                yield self._candidate((each.first, each.second), first.walks, derivation)

    def _candidate(
        self, mistakes: tuple[Mistake, ...], below: Walks, derivation: Derivation
    ) -> Candidate:
        return Candidate(
            mistakes,
            walks=below.upon(anew(derivation, mistakes[-1].derivation)),
            assessment=self.assessment,
            is_right=self.is_right,
        )
