"""A batch: candidates compared with answers all at once, roughly, in plain binary64.

What cannot explain a part is told from its rough answers, and is walked no further. What may is a
candidate to be walked again, with the running errors that its bands come from. Which of a batch's
candidates something holds for is a number with a bit for each, the likeliest one's the lowest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.explanation.candidate import Candidate, Numbers
from gradgrade.problems.explanation.weighing import Submission
from gradgrade.problems.explanation.work import Work
from gradgrade.problems.walks.differing import bits
from gradgrade.problems.walks.stacked import Assessment
from gradgrade.problems.walks.together import WalkTogether

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

ROOM, ROOM_OF_ROUNDING = 4.0, 1e-9
"""How many bands of the right answer, and what share of an entry, a mistaken answer that was walked
without running errors is given: more than its own band, but where it cancels nine digits."""


@dataclass
class _Told:
    """For which candidates of a batch something was asked, and for which it holds."""

    asked: int = 0
    holding: int = 0


class Batch:
    """Candidates that are walked together.

    Args:
        candidates: which, the likeliest first; one or more.
        known: the reference's values in plain binary64.
        assessment: of the exercise.
        is_right: by part that was answered, which entries are right.
        work: counts what walking them takes.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        *,
        known: Mapping[Name, Array],
        assessment: Assessment,
        is_right: Mapping[str, Array],
        work: Work,
    ) -> None:
        self.candidates = candidates
        self.assessment = assessment
        self.is_right = {name: each for name, each in is_right.items() if each.any()}
        self._walk = WalkTogether(
            assessment.derivation,
            known,
            [each.difference for each in candidates],
            arithmetic=Binary64(),
            taking=work.take_together,
        )
        self._answers: dict[str, tuple[_Told, Array, Array]] = {}
        self._differing: dict[str, _Told] = {}
        self._spoiling: dict[str, _Told] = {}

    def chosen(self, rows: int) -> Iterator[Candidate]:
        """Yield some of the candidates."""
        return (self.candidates[row] for row in bits(rows))

    def reaching(self, part: AskedQuantity) -> int:
        """Return which lead to a part by other steps than the right ones."""
        return self._walk.reaching(self.assessment.quantities[part.name].name)

    def differing(self, part: AskedQuantity, rows: int) -> int:
        """Return which of some make an entry of a part wrong by far."""
        told = self._differing.setdefault(part.name, _Told())
        return self._telling(told, part, rows, numpy.True_)

    def spoiling(self, part: AskedQuantity, rows: int) -> int:
        """Return which of some make an entry of a part wrong by far that is right."""
        if part.name not in self.is_right:
            return 0
        told = self._spoiling.setdefault(part.name, _Told())
        return self._telling(told, part, rows & self.reaching(part), self.is_right[part.name])

    def agreeing(self, part: AskedQuantity, rows: int, here: Submission, share: float) -> int:
        """Return which of some may explain a share of a part's wrong entries."""
        if not rows:
            return 0
        values, room = self._rough_answers(part, rows)
        agree = numpy.abs(values - here.entries) <= 2 * room
        return _where(rows, agree[:, here.wrong].mean(axis=1) >= share)

    def _telling(self, told: _Told, part: AskedQuantity, rows: int, counting: Array) -> int:
        """Return which of some are wrong by far in the entries that count."""
        asked = rows & ~told.asked
        if asked:
            values, room = self._rough_answers(part, asked)
            differ = numpy.abs(values - self.assessment.values[part.name]) > 2 * room
            told.holding |= _where(asked, (differ & counting).any(axis=1))
            told.asked |= asked
        return told.holding & rows

    def _rough_answers(self, part: AskedQuantity, rows: int) -> Numbers:
        """Return entries of a part, and more room than their bands take, a row for each of some."""
        size = self.assessment.values[part.name].shape[-1]
        nothing = numpy.zeros((len(self.candidates), size))
        told, values, room = self._answers.setdefault(part.name, (_Told(), nothing, nothing.copy()))
        lacking = rows & ~told.asked
        if lacking:
            at = list(bits(lacking))
            values[at], room[at] = self._walked(part, lacking)
            told.asked |= lacking
        at = list(bits(rows))
        return values[at], room[at]

    def _walked(self, part: AskedQuantity, rows: int) -> Numbers:
        quantity = self.assessment.quantities[part.name]
        made = self._walk.made(quantity.name, rows)
        if quantity.is_transposed(self.assessment.exercise.convention):
            made = made.swapaxes(-1, -2)
        values = made.reshape(len(made), -1)
        right, bands = self.assessment.values[part.name], self.assessment.bands[part.name]
        sizes = numpy.abs(values), numpy.abs(right)
        grown = numpy.fmax(1.0, sizes[0] / sizes[1])
        room = ROOM * bands * numpy.where(numpy.isfinite(grown), grown, 1.0)
        return values, room + ROOM_OF_ROUNDING * sum(sizes)


def _where(rows: int, holds: Array) -> int:
    """Return those of some rows for which something holds, told for each of them in order."""
    return sum(1 << row for row, each in zip(bits(rows), holds.tolist(), strict=True) if each)
