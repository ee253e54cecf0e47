"""The marker: answers marked by an answer key alone, small enough to be kept between submissions.

What was given for the exercise is no part of it, nor its solution. What is wrong is explained by
whoever has those at hand.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import Any

import numpy

from gradgrade.oracle.arithmetic.binary64 import Array
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.oracle.programs.text.parsing import shown_character
from gradgrade.problems.documents.answers import Answers
from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.documents.text import looks_like
from gradgrade.problems.documents.verdict import Note, Verdict
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.marking.answer_key import AnswerKey
from gradgrade.problems.marking.marks import Mark, add_up

Explain = Callable[[Sequence[Mark]], Sequence[Mark]]
"""Returns marks, some of them of wrong answers, with those explained."""

BYTES_OF_ENTRY, BYTES_OF_PART = 40, 4_000
"""What a marker keeps of an entry (two doubles, its code in full marks) and of a part."""


BITS_OF_CODE = 4
"""Of a double's last bit: by so many units a decimal may be off that code has rounded to."""


class Marker:
    """Marks answers to one exercise.

    A part is judged against the reference's shape, never the submission's, and passes only where
    every entry lies between the smallest and the largest double that its band accepts, so that
    nothing broadcasts and no NaN slips through.

    Args:
        exercise: what was asked.
        key: its answer key.
    """

    def __init__(self, exercise: Exercise, key: AnswerKey) -> None:
        # What is given is by far the largest part of an exercise, and no mark depends on it.
        self.exercise = exercise.model_copy(update={"given": {}})
        self.grader = key.grader
        low, high = zip(*(key.accepted[part.name] for part in exercise.ask), strict=True)
        self._low, self._high = numpy.concatenate(low), numpy.concatenate(high)
        if exercise.rounding is not None:
            # Code that rounds, as by round(z / u) * u, has a decimal but for the last bits of it.
            self._low, self._high = -_above(-self._low), _above(self._high)

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        return BYTES_OF_ENTRY * len(self._low) + BYTES_OF_PART * (1 + len(self.exercise.ask))

    def verdict(
        self,
        answers: Answers | Mapping[str, Any],
        explain: Explain | None = None,
        *,
        part_by_part: bool = False,
    ) -> Verdict:
        """Return the verdict on answers.

        Args:
            answers: an answers document, or a map from names to nested lists or numpy arrays.
            explain: what wrong answers are explained by; without it they are left at that.
            part_by_part: whether a malformed part costs itself alone, as where a program answers
                numbers that are nobody's; else the well-formed parts beside it are not judged.

        Raises:
            DocumentError: the answers are refused whole.
        """
        submitted = self._submitted(Answers.of(answers))
        if self._is_all_right(submitted):
            return self._full_marks
        marks: Sequence[Mark] = [
            self._mark(part, submitted.get(part.name)) for part in self.exercise.ask
        ]
        if not part_by_part and any(mark.outcome == "invalid" for mark in marks):
            # It spends no attempt, so it must tell nothing of what a right answer is.
            marks = [mark.unjudged for mark in marks]
        elif explain is not None and any(mark.is_wrong for mark in marks):
            marks = explain(marks)
        return add_up(self.exercise, marks, grader=self.grader, part_by_part=part_by_part)

    def _is_all_right(self, submitted: Mapping[str, Any]) -> bool:
        """Tell whether every part is answered, and right; the shortest way to the answer."""
        entries: list[float] = []
        for name, shape in self._shapes.items():
            value = submitted.get(name)
            if value is None or shape_of(value) != shape:
                return False
            entries += flatten(value)
        answer = numpy.array(entries)
        return bool(((self._low <= answer) & (answer <= self._high)).all())

    @cached_property
    def _full_marks(self) -> Verdict:
        right = [
            Mark(part=part, note="correct", is_right=numpy.ones(prod(part.shape), dtype=bool))
            for part in self.exercise.ask
        ]
        return add_up(self.exercise, right, grader=self.grader)

    @cached_property
    def _shapes(self) -> Mapping[str, tuple[int, ...]]:
        return {name: tuple(part.shape) for name, part in self._parts.items()}

    @cached_property
    def _places(self) -> Mapping[str, slice]:
        """Where among the entries of all parts each part's stand."""
        stops = list(accumulate((prod(shape) for shape in self._shapes.values()), initial=0))
        return dict(zip(self._shapes, map(slice, stops, stops[1:]), strict=True))

    def _mark(self, part: AskedQuantity, value: Any) -> Mark:
        if value is None:
            return Mark(part=part, note="missing")
        if shape_of(value) != tuple(part.shape):
            return Mark(part=part, note="wrong_shape", found=shape_of(value))
        answer, place = numpy.array(flatten(value)), self._places[part.name]
        is_right = (self._low[place] <= answer) & (answer <= self._high[place])
        note: Note = "correct" if is_right.all() else "wrong_entries"
        # What lies between the ends is finite, since they are.
        if note != "correct" and not numpy.isfinite(answer).all():
            return Mark(part=part, note="not_finite")
        return Mark(part=part, note=note, answer=answer, is_right=is_right)

    def _submitted(self, answers: Answers) -> dict[str, Any]:
        """Return the answers by the names of the parts, or refuse them whole."""
        if answers.exercise is not None and answers.exercise != self.exercise.id:
            raise DocumentError(
                f"answers: they are to exercise {answers.exercise!r}, not {self.exercise.id!r}"
            )
        submitted = {}
        for text, value in answers.answers.items():
            name = self._part_named(text)
            if name in submitted:
                raise DocumentError(f"answers: {name!r} is answered twice")
            submitted[name] = value
        return submitted

    def _part_named(self, text: str) -> str:
        """Return the name of the part that a name in answers stands for, or refuse it."""
        if text in self._parts:
            return text
        derivation = self.exercise.derivation()
        quantity = derivation.find(text)
        for name in self._parts:
            if quantity is not None and derivation.find(name) == quantity:
                return name
        known = ", ".join(self._parts)
        alike = self._alike(text)
        raise DocumentError(f"answers: {text!r} is not asked{alike}; asked are {known}")

    def _alike(self, text: str) -> str:
        """Return which character of a name tells it from a part's that looks the same."""
        foreign = next((each for each in text if not each.isascii()), None)
        meant = next((each for each in self._parts if looks_like(each) == looks_like(text)), None)
        if foreign is None or meant is None:
            return ""
        return f", with {shown_character(foreign)} in it: write {meant!r} in ASCII characters"

    @cached_property
    def _parts(self) -> Mapping[str, AskedQuantity]:
        return {part.name: part for part in self.exercise.ask}


def _above(doubles: Array) -> Array:
    """Return doubles a few of their last bits above some, but none that is not finite."""
    above = doubles + BITS_OF_CODE * numpy.spacing(numpy.abs(doubles))
    return numpy.minimum(above, numpy.finfo(numpy.float64).max)
