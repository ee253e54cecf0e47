"""Grading: each part by exact shape, then finiteness, then every entry against its band.

A part is judged against the reference's shape, never the submission's, and passes only where every
entry lies between the smallest and the largest double that its band accepts, so that nothing
broadcasts and no NaN slips through. Only then is what is wrong explained.
"""

from collections.abc import Mapping
from functools import cached_property
from math import prod
from operator import le
from typing import Any

import numpy

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems.documents.answers import Answers
from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.documents.verdict import Note, Verdict
from gradgrade.problems.errors import DocumentError
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.marking.answer_key import AnswerKey, make_answer_key
from gradgrade.problems.marking.marks import Mark, add_up
from gradgrade.problems.solve import Solution, solve

GRADER = "2"
"""The version of the marking: raised whenever the same answers would get another verdict."""


class Grader:
    """Grades answers to one exercise; what does not depend on the answers is worked out once.

    Args:
        exercise: what was asked.
        solution: its solution, where that is there already.
        key: its answer key, where that is there already; one of another version is not used.
    """

    def __init__(
        self,
        exercise: Exercise,
        solution: Solution | None = None,
        key: AnswerKey | None = None,
    ) -> None:
        self.exercise = exercise
        self._solution = solution
        self._key = key if key is not None and key.grader == GRADER else None

    @cached_property
    def solution(self) -> Solution:
        """The exercise's solution."""
        return self._solution or solve(self.exercise)

    def grade(self, answers: Answers | Mapping[str, Any], *, explains: bool = True) -> Verdict:
        """Return the verdict on answers; see `grade`.

        Unless it `explains`, wrong answers are left at that: nothing is carried forward, and no
        mistake is named.
        """
        submitted = self._submitted(Answers.of(answers))
        if self._is_all_right(submitted):
            return self._full_marks
        marks = [self._mark(part, submitted.get(part.name)) for part in self.exercise.ask]
        if explains and any(mark.is_wrong for mark in marks):
            marks = self._explainer.explained(marks)
        return add_up(self.exercise, marks, grader=GRADER)

    @cached_property
    def key(self) -> AnswerKey:
        """Which doubles are accepted."""
        return self._key or make_answer_key(self.solution, grader=GRADER)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.exercise)

    def _is_all_right(self, submitted: Mapping[str, Any]) -> bool:
        """Tell whether every part is answered, and right; the shortest way to the answer."""
        answer: list[float] = []
        for name, shape in self._shapes.items():
            value = submitted.get(name)
            if value is None or shape_of(value) != shape:
                return False
            answer += flatten(value)
        low, high = self._ends
        return all(map(le, low, answer)) and all(map(le, answer, high))

    @cached_property
    def _full_marks(self) -> Verdict:
        right = [
            Mark(part=part, note="correct", is_right=numpy.ones(prod(part.shape), dtype=bool))
            for part in self.exercise.ask
        ]
        return add_up(self.exercise, right, grader=GRADER)

    @cached_property
    def _ends(self) -> tuple[list[float], list[float]]:
        low, high = zip(*(self.key.accepted[name] for name in self._parts), strict=True)
        return numpy.concatenate(low).tolist(), numpy.concatenate(high).tolist()

    @cached_property
    def _shapes(self) -> Mapping[str, tuple[int, ...]]:
        return {name: tuple(part.shape) for name, part in self._parts.items()}

    def _mark(self, part: AskedQuantity, value: Any) -> Mark:
        if value is None:
            return Mark(part=part, note="missing")
        if shape_of(value) != tuple(part.shape):
            return Mark(part=part, note="wrong_shape", found=shape_of(value))
        answer = numpy.array(flatten(value))
        low, high = self.key.accepted[part.name]
        is_right = (low <= answer) & (answer <= high)
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
        raise DocumentError(f"answers: {text!r} is not asked; asked are {known}")

    @cached_property
    def _parts(self) -> Mapping[str, AskedQuantity]:
        return {part.name: part for part in self.exercise.ask}


def grade(exercise: Exercise, answers: Answers | Mapping[str, Any]) -> Verdict:
    """Grade answers to an exercise.

    Args:
        exercise: what was asked.
        answers: an answers document, or a map from names to nested lists or numpy arrays, shapes
            as the exercise states them.

    Returns:
        The verdict. A wrong shape, or an entry that is not finite, makes its part and the whole
        `invalid`, with no points.

    Raises:
        DocumentError: the answers are refused whole: no numbers, ragged, a name that is not asked,
            another exercise's id.
        OracleError: the exercise has no solution.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> verdict = grade(exercise, {"loss": [0.5]})
    >>> verdict.outcome, verdict.parts[2].note
    ('invalid', 'wrong_shape')
    """
    return Grader(exercise).grade(answers)
