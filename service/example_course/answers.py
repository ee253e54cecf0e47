"""Answers as students hand them in: right ones, and wrong ones of every usual kind."""

from __future__ import annotations

from math import isfinite
from typing import Any

from gradgrade.oracle.nested import build
from gradgrade.problems import Exercise
from gradgrade.problems.misconceptions import MISCONCEPTIONS, Mistake
from gradgrade.problems.walks.stacked import Assessment, assess
from gradgrade.service.example_course.cohort import Kind

FREQUENT = (
    *("activation_derivative_missing", "mean_missing_in_gradient", "weights_not_transposed"),
    *("residual_sign", "half_not_cancelled", "derivative_at_activation", "activation_forgotten"),
    *("relu_mask_reversed", "softmax_diagonal_only", "outer_product_transposed"),
)
"""The mistakes of which a class makes some, the most frequent first."""


def answers_to(exercise: Exercise, kind: Kind, pick: float) -> dict[str, Any]:
    """Return answers to an exercise, of one kind.

    Args:
        exercise: the student's variant.
        kind: how they go about it.
        pick: which mistake they make, or which entry loses its sign; from 0 to 1.

    >>> from gradgrade.problems import generate, grade
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("first-steps"), "two-neurons", student="1", secret=b"0")
    >>> kinds = ("right", "mistaken", "slipped", "unfinished")
    >>> [grade(exercise, answers_to(exercise, kind, 0.1)).outcome for kind in kinds]
    ['correct', 'partial', 'partial', 'partial']
    """
    assessment = assess([exercise])
    values = {name: each[0].tolist() for name, each in assessment.values.items()}
    if kind == "mistaken":
        values = _mistaken(assessment, pick) or values
    elif kind == "slipped":
        _lose_a_sign(values, pick)
    answers = {part.name: build(values[part.name], tuple(part.shape)) for part in exercise.ask}
    if kind == "unfinished":
        for part in exercise.ask[(len(exercise.ask) + 1) // 2 :]:
            answers[part.name] = None
    return answers


def _mistaken(assessment: Assessment, pick: float) -> dict[str, list[float]] | None:
    """Return what one of the usual mistakes answers; None where none changes anything."""
    usual = [each for each in MISCONCEPTIONS if each.code in FREQUENT]
    usual.sort(key=lambda each: FREQUENT.index(each.code))
    made: list[Mistake] = []
    for known in usual:
        made += known.mistakes(assessment.derivation)
    # The first of them more often than the others.
    likeliest = int(pick**2 * len(made))
    right = {name: each[0].tolist() for name, each in assessment.values.items()}
    for mistake in (*made[likeliest:], *made[:likeliest]):
        predicted = assessment.predict(mistake).values
        values = {name: each[0].tolist() for name, each in predicted.items()}
        is_finite = all(isfinite(entry) for entries in values.values() for entry in entries)
        if is_finite and values != right:
            return values
    return None


def _lose_a_sign(values: dict[str, list[float]], pick: float) -> None:
    places = [(name, at) for name, entries in values.items() for at in range(len(entries))]
    name, at = places[int(pick * len(places))]
    values[name][at] = -values[name][at]
