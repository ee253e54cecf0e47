"""Answers with rows for columns: what is shown is transposed, what follows from it is right."""

from collections.abc import Iterator

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.quantities import Group, Layout
from gradgrade.oracle.derivation.steps import Step
from gradgrade.problems.misconceptions.base import (
    AXES,
    MOST_PLACES,
    Changes,
    Misconception,
    shown,
)
from gradgrade.problems.misconceptions.recognition import is_square
from gradgrade.problems.misconceptions.rewriting import ruled, transposed

SHOWN = frozenset(Group) - {Group.GIVEN, Group.INTERNAL}


def _shown_transposed(layout: Layout) -> Changes:
    def changes(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        steps = [
            step
            for step in derivation.steps
            if step.quantity.group in SHOWN
            and step.quantity.layout is layout
            and is_square(derivation, step.name)
        ]
        layers = sorted({step.name.layer for step in steps})
        if steps:
            yield "", _showing_transposed(derivation, steps)
        if len(layers) > 1:
            for layer in layers[:MOST_PLACES]:
                own = [step for step in steps if step.name.layer == layer]
                yield f"in layer {layer}", _showing_transposed(derivation, own)

    return changes


def _showing_transposed(derivation: Derivation, steps: list[Step]) -> Derivation:
    return shown(derivation, *(ruled(each, transposed, reads=(each.name,)) for each in steps))


AXES_EXCHANGED = (
    Misconception(
        code="weights_shown_transposed",
        title="Weights given with rows for columns",
        explanation=(
            "What you computed is right, but it is laid out the other way: rows and columns of the "
            "weights are exchanged. Read which index of the exercise's convention comes first."
        ),
        source="seeds 000, 001",
        family=AXES,
        exposure="Use a layer with as many units as inputs; otherwise the shape already tells.",
        changes=_shown_transposed(Layout.WEIGHTS),
    ),
    Misconception(
        code="samples_shown_transposed",
        title="Samples given with rows for columns",
        explanation=(
            "What you computed is right, but samples stand where units belong. Read whether the "
            "exercise has its samples in rows or in columns."
        ),
        source="seeds 000, 001",
        family=AXES,
        exposure="Use as many samples as a layer has units; otherwise the shape already tells.",
        changes=_shown_transposed(Layout.SAMPLES),
    ),
)
