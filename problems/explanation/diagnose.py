"""Which mistake it was: wrong answers compared with what every known mistake would answer.

A mistake is named only on evidence: the entries that it explains must be unlikely to agree by
chance, and what explains as much is named with it, as not to be told apart by these answers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from itertools import chain
from operator import and_
from typing import Any

import numpy

from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.batch import Batch
from gradgrade.problems.explanation.candidate import Candidate
from gradgrade.problems.explanation.candidates import Candidates
from gradgrade.problems.explanation.own_work import Continuation, OwnWork
from gradgrade.problems.explanation.steps_taken import StepsTaken
from gradgrade.problems.explanation.weighing import (
    LEAST_SHARE,
    Answer,
    Block,
    Match,
    Submission,
    Weights,
    blocks,
    compared,
    row_of,
    weigh,
)
from gradgrade.problems.explanation.work import Work
from gradgrade.problems.walks.differing import leading_here, places
from gradgrade.problems.walks.stacked import Assessment, Prediction

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

MOST_SEARCHES = 3
"""For how many parts it is looked further than for one mistake alone; the first ones tell most."""

NEARLY = 0.01
"""How far off, as a share of a part's largest entry, what is approximated may be."""


class Diagnosis:
    """Looks for the mistakes that one submission shows.

    Args:
        own_work: the student's answers.
        rough: the reference's values in plain binary64.
        is_right: for every well-formed answer, which entries are right.
        followed: by wrong part that follows rightly from earlier ones, by which ways.
        work: counts what looking takes.
    """

    def __init__(
        self,
        *,
        own_work: OwnWork,
        rough: Mapping[Name, Array],
        is_right: Mapping[str, Array],
        followed: Mapping[str, Sequence[Continuation]],
        work: Work,
    ) -> None:
        self.own_work = own_work
        self.rough = rough
        self.is_right = is_right
        self.followed = followed
        self.work = work
        self._named: list[Candidate] = []
        self._weighed: dict[tuple[Candidate, ...], Weights] = {}

    def matches(self, unexplained: Sequence[AskedQuantity]) -> dict[str, tuple[Match, ...]]:
        """Return the best explanations of wrong parts; those of one part come out level.

        Args:
            unexplained: the parts that are wrong, and do not follow from earlier ones.
        """
        if not unexplained:
            return {}
        found: dict[str, tuple[Match, ...]] = {}
        for part in unexplained:
            found[part.name] = (
                self._again(part)
                or self._best(part, self._candidates.single_batches())
                or self._best(part, self._approximations(part))
            )
        for part in [part for part in unexplained if not found[part.name]][:MOST_SEARCHES]:
            found[part.name] = self._from_own_values(part)
            if not found[part.name]:
                found[part.name] = self._best(part, self._candidates.pairs(part))
        return {name: matches for name, matches in found.items() if matches}

    @property
    def _assessment(self) -> Assessment:
        return self.own_work.assessment

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(
            assessment=self._assessment,
            right_walk=self.own_work.right_walk,
            rough=self.rough,
            is_right=self.is_right,
            work=self.work,
        )

    def _again(self, part: AskedQuantity) -> tuple[Match, ...]:
        """Return the mistakes that explain earlier parts, where they explain this one wholly."""
        steps = self._steps_of[part.name]
        explaining = [
            each
            for each in self._named
            if each.reaches(part.name)
            and self._explains(part, each, share=1)
            and self._against.spare(each, steps)
            and self._against.bear_out(part, each)
        ]
        rivals = (batch.reaching(part).bit_count() for batch in self._candidates.batches)
        return self._best_of(explaining, part, sum(rivals) if explaining else 0)

    def _approximations(self, part: AskedQuantity) -> Iterable[Batch]:
        """Return the candidates that come near to the right answers, if a part is nearly right.

        Where values may be rounded, that is what answers are near by.
        """
        right = self._assessment.values[part.name][0]
        off = numpy.abs(self._here(part).entries - right)
        is_nearly_right = (off <= NEARLY * numpy.abs(right).max()).all()
        is_rounded = self._assessment.exercise.rounding is not None
        return self._candidates.approximations(part) if is_nearly_right and not is_rounded else ()

    def _best(self, part: AskedQuantity, batches: Iterable[Batch]) -> tuple[Match, ...]:
        """Return the candidates that explain a part best.

        What a right answer speaks against is walked no further than to that, and what does not
        explain the part no further than to the part.
        """
        steps, here = self._steps_of[part.name], self._here(part)
        rivals, explaining = 0, list[Candidate]()
        for batch in batches:
            rows = self._against.left_by_right_answers(batch, part)
            rivals += batch.differing(part, rows).bit_count()
            explaining += [
                each
                for each in batch.chosen(batch.agreeing(part, rows, here, LEAST_SHARE))
                if self._explains(part, each, share=LEAST_SHARE)
                and self._against.spare(each, steps)
                and self._against.bear_out(part, each)
            ]
        found = self._best_of(explaining, part, rivals)
        mistakes = [match.mistakes for match in found]
        self._named += [each for each in explaining if each.mistakes in mistakes]
        return found

    def _best_of(
        self, candidates: Sequence[Candidate], part: AskedQuantity, rivals: int
    ) -> tuple[Match, ...]:
        if not candidates:
            return ()
        weights = self._weights(_least_idle_first(candidates))
        return weights.best(part.name, rivals=rivals, of_all=weights.bits_of_all)

    def _from_own_values(self, part: AskedQuantity) -> tuple[Match, ...]:
        """Return the mistakes that lead from the student's own earlier values to the answer."""
        rightly = self.own_work.continuation(part, self._assessment.derivation)
        if rightly is None:
            return ()
        right = rightly.values[None], rightly.bands[None]
        steps = places(self._assessment.derivation, rightly.way.made)
        rivals, explaining, answers = 0, list[Candidate](), list[Answer]()
        for each, found in self._continued(part, rightly):
            answer = found.values[None], found.bands[None]
            changes, share = self._agreement(part, Block([each.mistakes], *answer, *right))
            rivals += changes
            if (
                share >= LEAST_SHARE
                and self._against.spare(each, steps)
                and self._against.bear_out(part, each)
            ):
                explaining.append(each)
                named = ({part.name: numbers} for numbers in answer)
                answers.append((each.mistakes, Prediction(each.mistakes[-1], *named)))
        place = {part.name: slice(None)}
        weights = weigh(blocks(answers, *map(numpy.ravel, right)), self._here(part), place)
        # What follows from the student's own values tells most of this part, and nothing of others.
        of_all = numpy.maximum(weights.bits_of_all, self._weights(explaining).bits_of_all)
        return weights.best(part.name, rivals=rivals, of_all=of_all)

    def _continued(
        self, part: AskedQuantity, rightly: Continuation
    ) -> Iterator[tuple[Candidate, Continuation]]:
        """Yield what each mistake would lead to from the student's own values, where it matters."""
        for each in self._candidates.singles:
            if self.work.is_spent:
                return
            if each.reaches(part.name):
                mistaken = each.mistakes[-1].derivation
                found = self.own_work.continuation(part, mistaken, like=rightly)
                if found is not None:
                    yield each, found

    def _explains(self, part: AskedQuantity, candidate: Candidate, *, share: float) -> bool:
        """Tell whether a candidate explains a share of a part's wrong entries."""
        right = self._assessment.values[part.name], self._assessment.bands[part.name]
        block = Block([candidate.mistakes], *candidate.answer(part), *right)
        return self._agreement(part, block)[1] >= share

    def _agreement(self, part: AskedQuantity, block: Block) -> tuple[bool, float]:
        """Return whether one candidate changes a part, and what share it explains of its errors."""
        here = self._here(part)
        differs, agrees = compared(block, here)
        return bool(differs.any()), float((differs & agrees)[0][here.wrong].mean())

    def _weights(self, candidates: Sequence[Candidate]) -> Weights:
        """Return what candidates are compared by; the same often explain one part after another."""
        key = tuple(candidates)
        if key not in self._weighed:
            right = row_of(self._assessment.values), row_of(self._assessment.bands)
            answers = (each.answers() for each in candidates)
            self._weighed[key] = weigh(blocks(answers, *right), self._submission, self._places)
        return self._weighed[key]

    @cached_property
    def _against(self) -> StepsTaken:
        """The steps that the student took rightly, by whatever way the answers show."""
        after = {
            part: reduce(and_, [self.own_work.needed(each, part) for each in ways])
            for part, ways in self.followed.items()
        }
        return StepsTaken(self.own_work, self._steps_of, after)

    @cached_property
    def _steps_of(self) -> Mapping[str, int]:
        """The steps that lead to each part from the givens, as their bits."""
        leading = leading_here(self._assessment.derivation)
        quantities = self._assessment.quantities.items()
        return {name: leading[quantity.name] for name, quantity in quantities}

    @cached_property
    def _places(self) -> Mapping[str, slice]:
        """Where in the row of all entries each part's stand."""
        places, start = {}, 0
        for name, values in self._assessment.values.items():
            places[name] = slice(start, start + values.shape[-1])
            start += values.shape[-1]
        return places

    @cached_property
    def _submission(self) -> Submission:
        size = sum(place.stop - place.start for place in self._places.values())
        entries, wrong = numpy.full(size, numpy.nan), numpy.zeros(size, dtype=bool)
        for name, place in self._places.items():
            if name in self.own_work.submitted:
                entries[place] = self.own_work.submitted[name]
                wrong[place] = ~self.is_right[name]
        return Submission(entries, wrong)

    def _here(self, part: AskedQuantity) -> Submission:
        """Return the submission's entries of one part."""
        place = self._places[part.name]
        return Submission(self._submission.entries[place], self._submission.wrong[place])


def _least_idle_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Put of the same mistakes at several places first that which does nothing in vain.

    A sign that is lost of 0, too, is not where it was lost.
    """
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for each in candidates:
        codes = tuple(mistake.misconception.code for mistake in each.mistakes)
        groups.setdefault(codes, []).append(each)
    ordered = (
        sorted(own, key=lambda each: each.idle) if len(own) > 1 else own for own in groups.values()
    )
    return list(chain.from_iterable(ordered))
