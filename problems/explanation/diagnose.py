"""Which mistake it was: wrong answers compared with what every known mistake would answer.

A mistake is named only on evidence: the entries that it explains must be unlikely to agree by
chance, and what explains as much is named with it, as not to be told apart by these answers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, islice
from typing import Any

import numpy

from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.carry import Continuation, OwnWork, Way
from gradgrade.problems.explanation.steps_taken import StepsTaken
from gradgrade.problems.explanation.weighing import (
    MOST_HELD,
    Answer,
    Block,
    Match,
    Submission,
    Weights,
    blocks,
    row_of,
    weigh,
)
from gradgrade.problems.misconceptions import Mistake, mistakes, pair
from gradgrade.problems.walks.stacked import Assessment, Prediction

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

MOST_SEARCHES = 3
"""For how many parts it is looked further than for one mistake alone; the first ones tell most."""

MOST_PAIRS, MOST_STEPS_OF_PAIRS = 150, 5000

BYTES_OF_PREDICTED, BYTES_OF_STEP = 16, 8
"""What is kept of an entry that is predicted, and of a step of two mistakes' derivation."""


class Diagnostician:
    """Knows what every mistake would answer to one exercise.

    Where that is little it is worked out once, when first asked, and kept; else anew each time, so
    that no exercise takes more memory than a few candidates do.

    Args:
        assessment: of the exercise, alone in its stack.
    """

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self._held: Sequence[Block] | None = None
        self._known_pairs: dict[tuple[int, int], tuple[Answer, ...]] = {}

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive beside the assessment, about."""
        pairs = sum(map(len, self._known_pairs.values()))
        rows = pairs + sum(len(each.mistakes) for each in self._held or ())
        entries, steps = len(self._right[0]), len(self.assessment.derivation.steps)
        return BYTES_OF_PREDICTED * rows * entries + BYTES_OF_STEP * pairs * steps

    def matches(
        self,
        work: OwnWork,
        right: Mapping[str, Array],
        unexplained: Sequence[AskedQuantity],
        followed: Mapping[str, Sequence[Continuation]],
    ) -> dict[str, tuple[Match, ...]]:
        """Return the best explanations of wrong parts; those of one part come out level.

        Args:
            work: the student's answers.
            right: for every well-formed answer, which entries are right.
            unexplained: the parts that are wrong, and do not follow from earlier ones.
            followed: by wrong part that follows rightly from earlier ones, by which ways.
        """
        if not unexplained:
            return {}
        submission = self._submission(work, right)
        singles = weigh(self._singles(), submission, self._places)
        against = self._against(work, followed)
        found: dict[str, tuple[Match, ...]] = {}
        searches = 0
        pairs: Weights | None = None
        for part in unexplained:
            best = singles.best(part.name, against.spares(singles, self._steps_of[part.name]))
            if not best and searches < MOST_SEARCHES:
                searches += 1
                best = self._from_own_values(work, submission, part, singles, against)
                if not best:
                    pairs = pairs or weigh(
                        self._blocks(self._pairs(singles, part.name)), submission, self._places
                    )
                    best = pairs.best(part.name, against.spares(pairs, self._steps_of[part.name]))
            if best:
                found[part.name] = best
        return found

    @cached_property
    def _steps_of(self) -> Mapping[str, frozenset[Name]]:
        """The steps that lead to each part from the givens."""
        derivation = self.assessment.derivation
        return {
            name: frozenset(
                step.name for step in derivation.needed_for(quantity.name, from_names=())
            )
            for name, quantity in self.assessment.quantities.items()
        }

    def _against(self, work: OwnWork, followed: Mapping[str, Sequence[Continuation]]) -> StepsTaken:
        """Return the steps that the student took rightly, by whatever way the answers show."""
        after = {
            part: frozenset.intersection(*[each.way.needed for each in ways])
            for part, ways in followed.items()
        }
        return StepsTaken(work, self._steps_of, after)

    @cached_property
    def _places(self) -> Mapping[str, slice]:
        """Where in the row of all entries each part's stand."""
        places, start = {}, 0
        for name, values in self.assessment.values.items():
            places[name] = slice(start, start + values.shape[-1])
            start += values.shape[-1]
        return places

    @cached_property
    def _right(self) -> tuple[Array, Array]:
        """The right answers in a row, and their bands."""
        return row_of(self.assessment.values), row_of(self.assessment.bands)

    @property
    def _mistakes(self) -> Sequence[Mistake]:
        return mistakes(self.assessment.derivation)

    @cached_property
    def _is_little(self) -> bool:
        """Whether all that mistakes would answer may be kept."""
        return len(self._mistakes) * len(self._right[0]) <= MOST_HELD

    def _singles(self) -> Iterable[Block]:
        if not self._is_little:
            return self._blocks(self._predicted())
        if self._held is None:
            self._held = list(self._blocks(self._predicted()))
        return self._held

    def _predicted(self) -> Iterator[Answer]:
        for each in self._mistakes:
            yield (each,), self.assessment.predict(each)

    def _blocks(self, answers: Iterable[Answer]) -> Iterator[Block]:
        return blocks(answers, *self._right)

    def _pairs(self, singles: Weights, part: str) -> Iterator[Answer]:
        """Yield what two mistakes together would answer.

        Each must change the part that is wrong, and nothing that is right.
        """
        possible = numpy.flatnonzero(singles.changes[part] & ~singles.spoils_any).tolist()
        chosen = [at for at in possible if not self._mistakes[at].place]
        both = (each for pair in combinations(chosen, 2) for each in self._pair(*pair))
        most = min(MOST_PAIRS, MOST_STEPS_OF_PAIRS // len(self.assessment.derivation.steps))
        return islice(both, most)

    def _pair(self, first: int, second: int) -> Iterable[Answer]:
        if not self._is_little:
            return self._predicted_pair(first, second)
        if (first, second) not in self._known_pairs:
            self._known_pairs[first, second] = tuple(self._predicted_pair(first, second))
        return self._known_pairs[first, second]

    def _predicted_pair(self, first: int, second: int) -> Iterator[Answer]:
        for each in pair(self._mistakes[first], self._mistakes[second].misconception):
            if not each.second.place:
                yield (each.first, each.second), self.assessment.predict(each.second)

    def _submission(self, work: OwnWork, right: Mapping[str, Array]) -> Submission:
        size = sum(place.stop - place.start for place in self._places.values())
        entries, wrong = numpy.full(size, numpy.nan), numpy.zeros(size, dtype=bool)
        for name, place in self._places.items():
            if name in work.submitted:
                entries[place] = work.submitted[name]
                wrong[place] = ~right[name]
        return Submission(entries, wrong)

    def _from_own_values(
        self,
        work: OwnWork,
        submission: Submission,
        part: AskedQuantity,
        singles: Weights,
        against: StepsTaken,
    ) -> tuple[Match, ...]:
        """Return the mistakes that lead from the student's own earlier values to the answer."""
        right_way = work.way(part, self.assessment.derivation)
        rightly = None if right_way is None else work.continuation(part, right_way)
        if right_way is None or rightly is None:
            return ()
        is_spared = against.spares(singles, right_way.made)
        possible = (mistake for at, mistake in enumerate(self._mistakes) if is_spared(at))
        continued = self._continued(work, part, right_way, rightly, possible)
        place = self._places[part.name]
        here = Submission(submission.entries[place], submission.wrong[place])
        weights = weigh(
            blocks(continued, rightly.values, rightly.bands), here, {part.name: slice(None)}
        )
        return weights.best(part.name, lambda _: True)

    def _continued(
        self,
        work: OwnWork,
        part: AskedQuantity,
        right_way: Way,
        rightly: Continuation,
        possible: Iterable[Mistake],
    ) -> Iterator[Answer]:
        """Yield what each mistake would lead to from the student's own values, where it matters."""
        for mistake in possible:
            way = work.way(part, mistake.derivation)
            if way is None or way.is_as(right_way):
                continue
            found = work.continuation(part, way, like=rightly)
            if found is not None:
                values, bands = {part.name: found.values}, {part.name: found.bands}
                yield (mistake,), Prediction(mistake, values, bands)
