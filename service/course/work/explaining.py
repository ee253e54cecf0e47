"""Explaining wrong answers on a server, which keeps what it can of that for the next ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradgrade.problems import Exercise
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.marking.marker import Explain
from gradgrade.problems.marking.marks import Mark
from gradgrade.service.course.backend import Backend


def explaining(backend: Backend, variant: bytes, read: Callable[[], Exercise]) -> Explain:
    """Return what explains wrong answers to a variant.

    Args:
        backend: whose process keeps it.
        variant: what stands for the variant.
        read: reads it, where it is not at hand.
    """

    def explain(marks: Sequence[Mark]) -> Sequence[Mark]:
        return backend.explainers.get(variant, lambda: Explainer(read())).explained(marks)

    return explain
