"""The drawing of an exercise's network on a page: both forms, of which the style shows one."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.problems import Exercise
from gradgrade.problems.drawing.draw import draw
from gradgrade.problems.drawing.marks import marks_of_verdict
from gradgrade.problems.drawing.scene import Mark
from gradgrade.service.course.work.variants import read_exercise

MOST_OF_DRAWINGS = 8 * MEBIBYTE


def drawn(document: str) -> Markup:
    """Return the drawing of a variant's document."""
    return Markup(_drawn(document))


def marks_told(exercise: Exercise, verdict: Mapping[str, Any]) -> tuple[Mark, ...]:
    """Return what is marked of a submission; nothing where it was on other numbers.

    Args:
        exercise: the variant as it is now.
        verdict: the document, as far as it is told.
    """
    if verdict["exercise"] != exercise.id:
        return ()
    outcomes = {part["name"]: part["outcome"] for part in verdict["parts"]}
    return marks_of_verdict(exercise, outcomes=outcomes, first_error=verdict["first_error"])


def drawn_with(exercise: Exercise, marks: tuple[Mark, ...]) -> Markup:
    """Return the drawing of a variant with marks."""
    return Markup(_both(exercise, marks))


def _digest(document: str) -> bytes:
    """Return what stands for a document, which may be far larger than its drawing."""
    return sha256(document.encode()).digest()


@kept_within(MOST_OF_DRAWINGS, size=len, key=_digest)
def _drawn(document: str) -> str:
    return _both(read_exercise(document))


def _both(exercise: Exercise, marks: tuple[Mark, ...] = ()) -> str:
    wide = draw(exercise, key="network", marks=marks)
    return wide + draw(exercise, key="network-turned", is_turned=True, marks=marks)
