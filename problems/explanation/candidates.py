"""Candidates: the mistakes that can be made in an exercise, in order of likelihood, in batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, combinations, islice
from typing import Any

from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.batch import Batch
from gradgrade.problems.explanation.candidate import Candidate
from gradgrade.problems.explanation.work import Work
from gradgrade.problems.misconceptions import Mistake, approximations, mistakes, pair
from gradgrade.problems.misconceptions.base import AXES, REPORTING
from gradgrade.problems.walks.differing import Difference, difference, places
from gradgrade.problems.walks.on_demand import WalkOnDemand
from gradgrade.problems.walks.stacked import Assessment

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

Made = tuple[tuple[Mistake, ...], Difference]
"""One mistake or two, and how the derivation that makes them differs from the right one."""

MOST_TOGETHER = 500_000
"""How many entries candidates that are walked together make: 4 MB."""

MOST_OF_APPROXIMATIONS = 16 * MEBIBYTE
"""Of derivations by differences: a forward pass for each entry of every parameter."""

BYTES_OF_CHANGE = 1_000
"""What they take a changed step, about: most of them are the same for every h."""

PAIRS_TOGETHER = 16
"""How many pairs are walked together: more cost less each, and fewer end sooner."""


def _bytes_of(made: Sequence[Made]) -> int:
    return BYTES_OF_CHANGE * (1 + sum(len(found.changed) for _, found in made))


@kept_within(MOST_OF_APPROXIMATIONS, size=_bytes_of)
def _approximations(derivation: Derivation, asked: Name) -> tuple[Made, ...]:
    """Return what comes near to a quantity, made in what leads there."""
    losses = (step.name for step in derivation.steps if step.quantity.group is Group.LOSS)
    return tuple(
        ((each,), difference(derivation, each.derivation))
        for each in approximations(derivation.narrowed([asked, *losses]))
    )


class Candidates:
    """All mistakes that can be made in an exercise, as candidates for wrong answers to it.

    Args:
        assessment: of the exercise, alone in its stack.
        right_walk: the reference's values.
        rough: the same in plain binary64.
        is_right: by part that was answered, which entries are right.
        work: counts what looking for them takes.
    """

    def __init__(
        self,
        *,
        assessment: Assessment,
        right_walk: WalkOnDemand,
        rough: Mapping[Name, Array],
        is_right: Mapping[str, Array],
        work: Work,
    ) -> None:
        self.assessment = assessment
        self.right_walk = right_walk
        self.rough = rough
        self.is_right = is_right
        self.work = work
        entries = sum(each.size for each in rough.values())
        singles = sorted(self._reaching_what_is_wrong(), key=self._unlikelihood)
        rows = max(1, MOST_TOGETHER // entries)
        self.batches = list(self._in_batches(singles, rows))
        self._pairs: dict[tuple[Candidate, Candidate], list[Made]] = {}

    @property
    def singles(self) -> Sequence[Candidate]:
        """The candidates of one mistake."""
        return list(chain.from_iterable(each.candidates for each in self.batches))

    def single_batches(self) -> Iterator[Batch]:
        """Yield those in batches, as long as the budget lasts."""
        for each in self.batches:
            if self.work.is_spent:
                return
            yield each

    def pairs(self, part: AskedQuantity) -> Iterator[Batch]:
        """Return two mistakes together, each of which changes a part, and nothing that is right."""
        possible = [
            each
            for batch in self.single_batches()
            for each in batch.chosen(self._changing_alone(batch, part))
            if not each.mistakes[0].place
        ]
        made = chain.from_iterable(self._all_pairs(possible))
        return self._in_batches(made, PAIRS_TOGETHER)

    def approximations(self, part: AskedQuantity) -> Iterator[Batch]:
        """Yield what comes near to the right answer to a part, made in what leads there."""
        self.work.derive()
        asked = self.assessment.quantities[part.name].name
        for each in _approximations(self.assessment.derivation, asked):
            if self.work.is_spent:
                return
            yield self._batch([each])

    def _changing_alone(self, batch: Batch, part: AskedQuantity) -> int:
        """Return which of a batch change a part, and nothing that is right."""
        rows = batch.differing(part, batch.reaching(part))
        for each in self.assessment.exercise.ask:
            rows &= ~batch.spoiling(each, rows)
        return rows

    def _all_pairs(self, possible: Sequence[Candidate]) -> Iterator[Sequence[Made]]:
        # Two likely ones before one that is with one that is not.
        for first, second in sorted(combinations(range(len(possible)), 2), key=sum):
            if self.work.is_spent:
                return
            yield self._both(possible[first], possible[second])

    def _both(self, first: Candidate, second: Candidate) -> Sequence[Made]:
        if (first, second) not in self._pairs:
            self.work.derive()
            self._pairs[first, second] = [
                ((each.first, each.second), difference(self.assessment.derivation, each.derivation))
                for each in pair(first.mistakes[0], second.mistakes[0].misconception)
                if not each.second.place
            ]
        return self._pairs[first, second]

    def _reaching_what_is_wrong(self) -> Iterator[Made]:
        derivation = self.assessment.derivation
        for mistake in mistakes(derivation):
            found = difference(derivation, mistake.derivation)
            if found.reached & self._wrong:
                yield (mistake,), found

    def _unlikelihood(self, made: Made) -> tuple[bool, int, int]:
        """Put first what leads to few parts that are right, and then to many that are wrong.

        What shows something else than what is true leads nowhere, though all that reads the truth
        is then another step.
        """
        (mistake, *_), found = made
        is_shown = mistake.misconception.family in (AXES, REPORTING)
        right, wrong = (found.reached & each for each in (self._right, self._wrong))
        return not is_shown, right.bit_count(), -wrong.bit_count()

    @cached_property
    def _wrong(self) -> int:
        """The steps that make what is answered wrong."""
        return self._places(name for name, each in self.is_right.items() if not each.all())

    @cached_property
    def _right(self) -> int:
        """The steps that make what is answered rightly."""
        return self._places(name for name, each in self.is_right.items() if each.all())

    def _places(self, parts: Iterable[str]) -> int:
        names = {self.assessment.quantities[part].name for part in parts}
        return places(self.assessment.derivation, names)

    def _in_batches(self, made: Iterable[Made], most: int) -> Iterator[Batch]:
        made = iter(made)
        while some := list(islice(made, most)):
            yield self._batch(some)

    def _batch(self, made: Iterable[Made]) -> Batch:
        candidates = [
            Candidate(
                mistakes,
                difference=found,
                right_walk=self.right_walk,
                assessment=self.assessment,
                is_right=self.is_right,
            )
            for mistakes, found in made
        ]
        return Batch(
            candidates,
            known=self.rough,
            assessment=self.assessment,
            is_right=self.is_right,
            work=self.work,
        )
