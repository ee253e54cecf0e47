"""Which mistake it was: wrong answers compared with what every known mistake would answer.

A mistake is named only on evidence: the entries that it explains must be unlikely to agree by
chance, and what explains as much is named with it, as not to be told apart by these answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from math import log2
from typing import Any

import numpy

from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.carry import OwnWork
from gradgrade.problems.misconceptions import Mistake, mistakes, pair
from gradgrade.problems.walks.stacked import Assessment, Prediction

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

LEAST_SHARE = 0.5
"""What share of a part's wrong entries a mistake must explain to be named."""

SURE_BITS = 3.0
"""By how many bits the evidence must exceed what chance finds among the candidates."""

MOST_BITS = 40.0
"""What one entry can add to the evidence."""

MOST_SEARCHES = 3
"""For how many parts it is looked further than for one mistake alone; the first ones tell most."""

MOST_PAIRS, MOST_STEPS_OF_PAIRS = 150, 5000

_Answer = tuple[tuple[Mistake, ...], Prediction]


@dataclass(frozen=True)
class Match:
    """One mistake that explains wrong entries of a part, or two where one is not enough.

    Args:
        mistakes: which.
        share: of the part's wrong entries, what they explain.
    """

    mistakes: tuple[Mistake, ...]
    share: float

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the misconceptions."""
        return tuple(each.misconception.code for each in self.mistakes)


@dataclass(frozen=True)
class _Submission:
    """The entries of all parts in one row, those of parts left out as NaN."""

    entries: Array
    wrong: Array


class Diagnostician:
    """Knows what every mistake would answer to one exercise; worked out once, when first asked.

    Args:
        assessment: of the exercise, alone in its stack.
    """

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment

    def matches(
        self, work: OwnWork, right: Mapping[str, Array], unexplained: Sequence[AskedQuantity]
    ) -> dict[str, tuple[Match, ...]]:
        """Return the best explanations of wrong parts; those of one part come out level.

        Args:
            work: the student's answers.
            right: for every well-formed answer, which entries are right.
            unexplained: the parts that are wrong, and do not follow from earlier ones.
        """
        submission = self._submission(work, right)
        found: dict[str, tuple[Match, ...]] = {}
        searches = 0
        pairs: _Candidates | None = None
        for part in unexplained:
            place = self._places[part.name]
            best = self._singles.best(submission, place)
            if not best and searches < MOST_SEARCHES:
                searches += 1
                best = self._from_own_values(work, submission, part)
                if not best:
                    pairs = pairs or self._pairs(submission, place)
                    best = pairs.best(submission, place)
            if best:
                found[part.name] = best
        return found

    @cached_property
    def _places(self) -> Mapping[str, slice]:
        """Where in the row of all entries each part's stand."""
        places, start = {}, 0
        for name, values in self.assessment.values.items():
            places[name] = slice(start, start + values.shape[-1])
            start += values.shape[-1]
        return places

    @cached_property
    def _singles(self) -> "_Candidates":
        return self._candidates([((each.mistake,), each) for each in self.assessment.predictions])

    @cached_property
    def _known_pairs(self) -> dict[tuple[int, int], tuple[_Answer, ...]]:
        return {}

    def _pairs(self, submission: _Submission, place: slice) -> "_Candidates":
        """Return what two mistakes together would answer.

        Each must change the part that is wrong, and none that is right.
        """
        differs = self._singles.differs
        is_right = ~submission.wrong & ~numpy.isnan(submission.entries)
        possible = differs[:, place].any(axis=1) & ~differs[:, is_right].any(axis=1)
        chosen = [at for at in numpy.flatnonzero(possible).tolist() if not self._mistake(at).place]
        both = (each for pair in combinations(chosen, 2) for each in self._pair(*pair))
        most = min(MOST_PAIRS, MOST_STEPS_OF_PAIRS // len(self.assessment.derivation.steps))
        return self._candidates(list(islice(both, most)))

    def _pair(self, first: int, second: int) -> tuple[_Answer, ...]:
        if (first, second) not in self._known_pairs:
            together = pair(self._mistake(first), self._mistake(second).misconception)
            self._known_pairs[first, second] = tuple(
                ((each.first, each.second), self.assessment.predict(each.second))
                for each in together
                if not each.second.place
            )
        return self._known_pairs[first, second]

    def _mistake(self, at: int) -> Mistake:
        return self.assessment.predictions[at].mistake

    def _candidates(self, predictions: Sequence[_Answer]) -> "_Candidates":
        rows = [_row(each.values) for _, each in predictions]
        bands = [_row(each.bands) for _, each in predictions]
        right, allowed = _row(self.assessment.values), _row(self.assessment.bands)
        size = right.size
        return _Candidates(
            mistakes=[mistakes for mistakes, _ in predictions],
            predicted=numpy.array(rows).reshape(-1, size),
            bands=numpy.array(bands).reshape(-1, size),
            right=right,
            allowed=allowed,
        )

    def _submission(self, work: OwnWork, right: Mapping[str, Array]) -> _Submission:
        size = sum(place.stop - place.start for place in self._places.values())
        entries, wrong = numpy.full(size, numpy.nan), numpy.zeros(size, dtype=bool)
        for name, place in self._places.items():
            if name in work.submitted:
                entries[place] = work.submitted[name]
                wrong[place] = ~right[name]
        return _Submission(entries, wrong)

    def _from_own_values(
        self, work: OwnWork, submission: _Submission, part: AskedQuantity
    ) -> tuple[Match, ...]:
        """Return the mistakes that lead from the student's own earlier values to the answer."""
        right_way = work.way(part, self.assessment.derivation)
        rightly = None if right_way is None else work.continuation(part, right_way)
        if right_way is None or rightly is None:
            return ()
        continued: list[_Answer] = []
        for mistake in mistakes(self.assessment.derivation):
            way = work.way(part, mistake.derivation)
            if way is None or way.is_as(right_way):
                continue
            found = work.continuation(part, way, like=rightly)
            if found is not None:
                values, bands = {part.name: found.values}, {part.name: found.bands}
                continued.append(((mistake,), Prediction(mistake, values, bands)))
        if not continued:
            return ()
        place = self._places[part.name]
        candidates = _Candidates(
            mistakes=[each for each, _ in continued],
            predicted=numpy.array([_row(each.values) for _, each in continued]),
            bands=numpy.array([_row(each.bands) for _, each in continued]),
            right=rightly.values,
            allowed=rightly.bands,
        )
        here = _Submission(submission.entries[place], submission.wrong[place])
        return candidates.best(here, slice(None))


@dataclass(frozen=True)
class _Candidates:
    """What candidates would answer, a row each, beside the right answers."""

    mistakes: Sequence[tuple[Mistake, ...]]
    predicted: Array
    bands: Array
    right: Array
    allowed: Array

    @cached_property
    def differs(self) -> Array:
        """Where a candidate's answer is not the right one."""
        return numpy.abs(self.predicted - self.right) > self.bands + self.allowed

    def best(self, submission: _Submission, place: slice) -> tuple[Match, ...]:
        """Return what explains the wrong entries of one part best, all that come out level."""
        wrong = numpy.flatnonzero(submission.wrong[place])
        if not len(self.mistakes) or not wrong.size:
            return ()
        agrees = numpy.abs(self.predicted - submission.entries) <= 2 * self.bands
        here = (agrees & self.differs)[:, place][:, wrong]
        shares = here.mean(axis=1)
        bits = (here * self._bits(submission, place)[:, wrong]).sum(axis=1)
        rivals = max(1, int(self.differs[:, place].any(axis=1).sum()))
        is_sure = bits >= log2(rivals) + SURE_BITS
        eligible = (shares >= LEAST_SHARE) & is_sure
        if not eligible.any():
            return ()
        relevant = (self.differs | submission.wrong) & ~numpy.isnan(submission.entries)
        overall = (agrees & relevant).sum(axis=1) / numpy.maximum(relevant.sum(axis=1), 1)
        ranks = numpy.where(eligible, shares + overall, -1.0)
        level = numpy.flatnonzero(ranks >= ranks.max() - 1e-9)
        return _one_of_each(Match(self.mistakes[at], float(shares[at])) for at in level.tolist())

    def _bits(self, submission: _Submission, place: slice) -> Array:
        """Return how unlikely it is, in bits, that each entry agrees by chance.

        Chance being a number of the same size, of either sign.
        """
        scale = numpy.maximum(numpy.abs(submission.entries), numpy.abs(self.right))[place]
        bits = numpy.log2(scale / (2 * self.bands[:, place]))
        return numpy.clip(numpy.nan_to_num(bits, nan=0.0), 0.0, MOST_BITS)


def _row(parts: Mapping[str, Array]) -> Array:
    return numpy.concatenate([each.ravel() for each in parts.values()])


def _one_of_each(matches: Iterator[Match]) -> tuple[Match, ...]:
    """Keep, of matches with the same misconceptions at several places, the first."""
    kept: dict[tuple[str, ...], Match] = {}
    for match in matches:
        kept.setdefault(match.codes, match)
    return tuple(kept.values())
