"""Explaining what is wrong: where it began, what follows rightly from it, which mistake it was."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy

from gradgrade.oracle.arithmetic.running_error import Estimate
from gradgrade.oracle.derivation.costs import step_costs
from gradgrade.oracle.derivation.names import Name
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.verdict import EntryCode, MatchedMisconception, Note
from gradgrade.problems.explanation.credit import earning
from gradgrade.problems.explanation.diagnose import Diagnosis
from gradgrade.problems.explanation.early_rounding import EarlyRounding, SinglePrecision
from gradgrade.problems.explanation.own_work import OwnWork
from gradgrade.problems.explanation.weighing import Match
from gradgrade.problems.explanation.work import MOST_WORK, Work
from gradgrade.problems.marking.entry_codes import find_entry_codes
from gradgrade.problems.marking.marks import Mark
from gradgrade.problems.walks.on_demand import lowest
from gradgrade.problems.walks.stacked import Assessment, alone, assess

EXPLAINING: frozenset[EntryCode] = frozenset({"ok", "sign", "scale", "transposed", "rounding"})
"""The codes of entries that are right, or of which the code says what became of the right ones."""

OTHER_ORDER = (
    "Rounded after every step, the same formula comes to other last digits in another order."
)
"""What is told where by hand the last digit alone is off, and as many are written as are asked."""


class Explainer:
    """Explains wrong answers to one exercise.

    Args:
        exercise: which.
        most_work: what looking for mistakes may take; see `work`.
    """

    def __init__(self, exercise: Exercise, *, most_work: int = MOST_WORK) -> None:
        self.exercise = exercise
        self.most_work = most_work

    @cached_property
    def assessment(self) -> Assessment:
        """The exercise in binary64, with running errors."""
        return assess([self.exercise])

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        walked: int = sum(each.value.nbytes for each in self.assessment.estimates.values())
        return self.exercise.bytes_kept + 4 * walked

    @cached_property
    def _estimates(self) -> Mapping[Name, Estimate]:
        """The same as matrices, in no stack."""
        return {
            name: each.shaped(alone(each.value), alone(each.error))
            for name, each in self.assessment.estimates.items()
        }

    @cached_property
    def _single_precision(self) -> SinglePrecision:
        return SinglePrecision(self.assessment)

    @cached_property
    def _early_rounding(self) -> EarlyRounding:
        return EarlyRounding(self.assessment)

    def explained(self, marks: Sequence[Mark]) -> list[Mark]:
        """Return the marks, those of wrong answers explained.

        Original marking stands; an answer that follows rightly from wrong earlier ones is carried
        forward; of the others it is said which mistake they show, or that they are right but for
        rounding.
        """
        # A student's numbers may overflow whatever is done with them.
        with numpy.errstate(all="ignore"):
            return self._explained(marks)

    def _explained(self, marks: Sequence[Mark]) -> list[Mark]:
        wrong = [mark for mark in marks if mark.is_wrong]
        work = Work(step_costs(self.assessment.derivation), most=self.most_work)
        right_walk = lowest(self._estimates, self.assessment.arithmetic, work.take)
        own_work = OwnWork(
            assessment=self.assessment,
            submitted={mark.part.name: mark.answer for mark in marks if mark.answer is not None},
            wrong=frozenset(mark.part.name for mark in wrong),
            right_walk=right_walk,
        )
        following = {mark.part.name: own_work.following(mark.part) for mark in wrong}
        diagnosis = Diagnosis(
            own_work=own_work,
            rough={name: each.value for name, each in self._estimates.items()},
            is_right={mark.part.name: mark.is_right for mark in marks if mark.answer is not None},
            followed={name: each for name, each in following.items() if each},
            work=work,
        )
        # What follows rightly shows no mistake of its own, even where it is not carried.
        left = [mark for mark in wrong if not following[mark.part.name]]
        matches = diagnosis.matches([mark.part for mark in left if not self._is_single(mark)])
        told = {mark.part.name: self._told(mark, matches) for mark in wrong}
        explained = [name for name, mark in told.items() if _is_explained(mark)]
        carried = earning(own_work, following, explained)
        return [
            _carried(mark) if mark.part.name in carried else told.get(mark.part.name, mark)
            for mark in marks
        ]

    def _told(self, mark: Mark, matches: Mapping[str, Sequence[Match]]) -> Mark:
        """Return the mark of a wrong answer with what can be said of it by itself."""
        coded = self._coded(mark)
        if mark.part.name in matches:
            return _matched(coded, matches[mark.part.name])
        if self._is_single(mark):
            codes: list[EntryCode] = ["ok" if each else "rounding" for each in mark.is_right]
            return replace(mark, codes=codes, note="single_precision")
        return self._rounded(coded)

    def _is_single(self, mark: Mark) -> bool:
        """Tell whether an answer is right but for the rounding of float32."""
        return self._single_precision.explains(mark.part, mark.answer)

    def _coded(self, mark: Mark) -> Mark:
        """Return a mark with a code for each entry."""
        name = mark.part.name
        codes = find_entry_codes(
            answer=mark.answer,
            right=self.assessment.values[name][0],
            bands=self.assessment.bands[name][0],
            is_right=mark.is_right,
            shape=tuple(mark.part.shape),
        )
        return replace(mark, codes=codes)

    def _rounded(self, mark: Mark) -> Mark:
        """Return a mark with the entries told that are right but for rounding."""
        early = self._early_rounding
        rounded = early.is_shortened(mark.part, mark.answer)
        is_at_the_end = bool((rounded | mark.is_right).all())
        if not is_at_the_end:
            rounded = rounded | early.explains(mark.part, mark.answer)
        codes: list[EntryCode] = [
            "rounding" if each else code
            for each, code in zip(rounded & ~mark.is_right, mark.codes, strict=True)
        ]
        if not (rounded | mark.is_right).all():
            return replace(mark, codes=codes)
        note: Note = "rounded_at_the_end" if is_at_the_end else "rounded_early"
        if is_at_the_end and early.has_as_many_digits_as_asked(mark.answer):
            return replace(mark, codes=codes, note="rounded_early", hint=OTHER_ORDER)
        return replace(mark, codes=codes, note=note)


def _carried(mark: Mark) -> Mark:
    codes: list[EntryCode] = ["ok" if right else "follows" for right in mark.is_right]
    return replace(mark, codes=codes, note="carried_forward")


def _is_explained(mark: Mark) -> bool:
    """Tell whether a wrong answer shows how it came about, and is not just another."""
    return bool(mark.misconceptions) or EXPLAINING.issuperset(mark.codes)


def _matched(mark: Mark, matches: Sequence[Match]) -> Mark:
    """Return a mark with the misconceptions that explain it."""
    found: dict[str, MatchedMisconception] = {}
    for match in matches:
        for mistake in match.mistakes:
            misconception = mistake.misconception
            found.setdefault(
                misconception.code,
                MatchedMisconception(
                    code=misconception.code,
                    title=mistake.title,
                    explanation=misconception.explanation,
                    share=round(match.share, 4),
                ),
            )
    return replace(mark, misconceptions=list(found.values()), hint=_hint(matches))


def _hint(matches: Sequence[Match]) -> str:
    texts = [" together with ".join(each.title for each in match.mistakes) for match in matches]
    if len(texts) == 1:
        return f"It looks like this: {texts[0]}."
    return f"These mistakes cannot be told apart here: {'; '.join(texts)}."
