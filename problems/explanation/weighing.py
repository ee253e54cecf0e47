"""Weighing candidates: how well what each would answer agrees with what a student answered.

Candidates come one after the other and are weighed in blocks of so many entries, of which no more
is kept than a few numbers for each part: what they are compared by.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log2
from typing import Any

import numpy

from gradgrade.problems.misconceptions import Mistake
from gradgrade.problems.walks.stacked import Prediction

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

Answer = tuple[tuple[Mistake, ...], Prediction]
"""One mistake or two, and what whoever makes them would answer."""

LEAST_SHARE = 0.75
"""What share of a part's wrong entries a mistake must explain to be named."""

SURE_BITS, SURE_BITS_OF_ALL = 3.0, 7.0
"""By how many bits the evidence of a part, and that of all, must exceed what chance finds among
the candidates. One part that fits is found by chance once in 8 times, and there are many parts."""

MOST_BITS = 40.0
"""What one entry can add to the evidence."""

MOST_HELD = 500_000
"""How many entries of candidates are held at once: with their bands, and what is worked out of them
to weigh them, 25 MB."""


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
class Submission:
    """The entries of all parts in one row, those of parts left out as NaN."""

    entries: Array
    wrong: Array


@dataclass(frozen=True)
class Block:
    """What some candidates would answer, a row each, beside the right answers in one."""

    mistakes: Sequence[tuple[Mistake, ...]]
    predicted: Array
    bands: Array
    right: Array
    allowed: Array


@dataclass(frozen=True)
class Weights:
    """What candidates are compared by; each array has an entry for each of them.

    Args:
        mistakes: what each of them is.
        shares: by part, the share of its wrong entries that it explains.
        bits: by part, how unlikely it is that so much agrees by chance.
        overall: the share that it explains of all that it changes or that is wrong.
    """

    mistakes: Sequence[tuple[Mistake, ...]]
    shares: Mapping[str, Array]
    bits: Mapping[str, Array]
    overall: Array

    @property
    def bits_of_all(self) -> Array:
        """How unlikely it is that as much agrees by chance in all parts."""
        return numpy.sum(list(self.bits.values()), axis=0)

    def best(self, part: str, *, rivals: int, of_all: Array) -> tuple[Match, ...]:
        """Return what explains the wrong entries of one part best, all that come out level.

        Args:
            part: its name.
            rivals: how many candidates there were, whether or not they explain it.
            of_all: the evidence for each of all parts.
        """
        shares = self.shares[part]
        sure = numpy.minimum(self.bits[part] - SURE_BITS, of_all - SURE_BITS_OF_ALL)
        is_sure = sure >= log2(max(1, rivals))
        eligible = (shares >= LEAST_SHARE) & is_sure
        if not eligible.any():
            return ()
        ranks = numpy.where(eligible, shares + self.overall, -1.0)
        level = numpy.flatnonzero(ranks >= ranks.max() - 1e-9)
        return _one_of_each(Match(self.mistakes[at], float(shares[at])) for at in level.tolist())


def blocks(answers: Iterable[Answer], right: Array, allowed: Array) -> Iterator[Block]:
    """Yield candidates' answers in blocks of as many as are held at once.

    Args:
        answers: what the candidates would answer.
        right: the right answers, in one row.
        allowed: their bands.
    """
    rows = max(1, MOST_HELD // max(1, right.size))
    answers = iter(answers)
    while held := list(islice(answers, rows)):
        yield Block(
            mistakes=[mistakes for mistakes, _ in held],
            predicted=numpy.array([row_of(each.values) for _, each in held]),
            bands=numpy.array([row_of(each.bands) for _, each in held]),
            right=right,
            allowed=allowed,
        )


def weigh(
    candidates: Iterable[Block], submission: Submission, places: Mapping[str, slice]
) -> Weights:
    """Weigh candidates by a submission.

    Args:
        candidates: block by block.
        submission: what was answered.
        places: where in a row each part stands, by its name.
    """
    weighed = [_weigh(block, submission, places) for block in candidates]

    def joined(arrays: Iterable[Array]) -> Array:
        return numpy.concatenate([numpy.zeros(0), *arrays])

    def by_part(arrays: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
        return {part: joined([each[part] for each in arrays]) for part in places}

    return Weights(
        mistakes=[mistakes for each in weighed for mistakes in each.mistakes],
        shares=by_part([each.shares for each in weighed]),
        bits=by_part([each.bits for each in weighed]),
        overall=joined([each.overall for each in weighed]),
    )


def _weigh(block: Block, submission: Submission, places: Mapping[str, slice]) -> Weights:
    differs, agrees = compared(block, submission)
    relevant = (differs | submission.wrong) & ~numpy.isnan(submission.entries)
    explained = agrees & differs & submission.wrong
    unlikely = explained * _bits(block, submission)
    shares, bits = {}, {}
    for part, place in places.items():
        wrong = numpy.count_nonzero(submission.wrong[place])
        shares[part] = explained[:, place].sum(axis=1) / max(1, wrong)
        # That a part is 0 all over tells nothing: whatever stops what leads there makes it 0, and
        # so does what is not written yet.
        is_something = numpy.abs(block.predicted[:, place]) > block.bands[:, place]
        is_answered = submission.entries[place].any()
        bits[part] = unlikely[:, place].sum(axis=1) * is_something.any(axis=1) * is_answered
    return Weights(
        mistakes=block.mistakes,
        shares=shares,
        bits=bits,
        overall=(agrees & relevant).sum(axis=1) / numpy.maximum(relevant.sum(axis=1), 1),
    )


def compared(block: Block, submission: Submission) -> tuple[Array, Array]:
    """Return where candidates differ from the right answers, and where they agree with those given.

    Args:
        block: the candidates.
        submission: what was answered.

    Returns:
        Two arrays of booleans, with an entry for each of the block's.
    """
    differs = numpy.abs(block.predicted - block.right) > block.bands + block.allowed
    agrees = numpy.abs(block.predicted - submission.entries) <= 2 * block.bands
    return differs, agrees


def _bits(block: Block, submission: Submission) -> Array:
    """Return how unlikely it is, in bits, that each entry agrees by chance.

    Chance being a number of the same size, of either sign.
    """
    scale = numpy.maximum(numpy.abs(submission.entries), numpy.abs(block.right))
    bits = numpy.log2(scale / (2 * block.bands))
    # What was not answered tells nothing.
    return numpy.minimum(numpy.fmax(bits, 0.0), MOST_BITS)


def row_of(parts: Mapping[str, Array]) -> Array:
    """Return the entries of all parts in one row."""
    return numpy.concatenate([each.ravel() for each in parts.values()])


def _one_of_each(matches: Iterator[Match]) -> tuple[Match, ...]:
    """Keep, of matches with the same misconceptions at several places, the first."""
    kept: dict[tuple[str, ...], Match] = {}
    for match in matches:
        kept.setdefault(match.codes, match)
    return tuple(kept.values())
