"""Grading: answers are marked by the answer key, and what is wrong is then explained."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from gradgrade.problems.documents.answers import Answers
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.marking.answer_key import AnswerKey, make_answer_key
from gradgrade.problems.marking.marker import Marker
from gradgrade.problems.solve import Solution, solve

GRADER = "9"
"""The version of the marking: raised whenever the same answers would get another verdict."""


class Grader:
    """Grades answers to one exercise; what does not depend on the answers is worked out once.

    It keeps all of that for as long as it lives. A server keeps its `marker`, which is small.

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

    @cached_property
    def marker(self) -> Marker:
        """What marks answers to the exercise."""
        return Marker(self.exercise, self._key or make_answer_key(self.solution, grader=GRADER))

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.exercise)

    def grade(
        self,
        answers: Answers | Mapping[str, Any],
        *,
        explains: bool = True,
        part_by_part: bool = False,
    ) -> Verdict:
        """Return the verdict on answers; see `grade`.

        Args:
            answers: as there.
            explains: whether it is said why answers are wrong; else nothing is carried forward,
                and no mistake is named.
            part_by_part: whether a malformed part costs itself alone.
        """
        explain = self._explainer.explained if explains else None
        return self.marker.verdict(answers, explain, part_by_part=part_by_part)


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
