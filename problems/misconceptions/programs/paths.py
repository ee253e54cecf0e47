"""Mistakes about paths: one kept of several, the upstream gradient forgotten, a line left out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.roles import Total
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.programs.deriving import Line
from gradgrade.problems.misconceptions.base import MOST_PLACES, Misconception, replaced
from gradgrade.problems.misconceptions.programs.lines import (
    is_seed,
    line_by_line,
    line_passed,
    own_operand,
    passed_through,
    repeats,
)
from gradgrade.problems.misconceptions.rewriting import after, before, ones, ruled, scaled

FAMILY = "paths"


def _totals(derivation: Derivation) -> list[Step]:
    """Return the gradients that several uses of a quantity in a program add up to."""
    return [
        step
        for step in derivation.steps
        if isinstance(step.role, Total)
        and all(
            each in derivation.by_name and line_passed(derivation.by_name[each]) is not None
            for each in step.role.contributions
        )
    ]


def _one_kept(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    totals = _totals(derivation)
    if not totals:
        return
    most = max(len(step.reads) for step in totals)
    for which in range(-1, most - 1):
        # The last path first: that is what = in place of += keeps on the way back.
        kept = [
            ruled(step, unchanged, reads=(step.reads[which],))
            for step in totals
            if which < len(step.reads) - 1
        ]
        if kept:
            yield "" if which == -1 else f"keeping path {which + 1}", replaced(derivation, *kept)
    if len(totals) > 1:
        for step in totals[:MOST_PLACES]:
            for which in range(len(step.reads)):
                kept_path = ruled(step, unchanged, reads=(step.reads[which],))
                place = f"of {step.name.of}, keeping path {which + 1}"
                yield place, replaced(derivation, kept_path)


def _upstream_dropped(derivation: Derivation, step: Step) -> Step | None:
    line = line_passed(step)
    if line is None or is_seed(derivation, step.reads[0]):
        return None
    return before(step, (0,), ones)


def _averaged(derivation: Derivation, step: Step) -> Step | None:
    line = line_passed(step)
    if line is None or line.node.function not in ("add", "subtract", "multiply", "divide"):
        return None
    count = repeats(line)
    return after(step, scaled(Fraction(1, count))) if count > 1 else None


def _mean_not_divided(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "mean")
    count = 1 if line is None else _terms(line)
    return after(step, scaled(count)) if count > 1 else None


def _sum_divided(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "sum")
    count = 1 if line is None else _terms(line)
    return after(step, scaled(Fraction(1, count))) if count > 1 else None


def _terms(line: Line) -> int:
    """Return how many entries each sum or mean is of."""
    return prod(own_operand(line).operand.shape) // prod(line.node.operation.shape)


PATHS = (
    Misconception(
        code="path_overwritten",
        title="One path kept where several meet",
        explanation=(
            "What is used more than once has the sum of what each use sends back for its "
            "gradient. You keep what comes by one of the paths and lose the others: a gradient is "
            "added to, never set."
        ),
        source="field: = for += in code that accumulates gradients",
        family=FAMILY,
        exposure="Use a quantity twice, by paths that both send something back.",
        changes=_one_kept,
    ),
    Misconception(
        code="upstream_not_multiplied",
        title="Local derivative alone",
        explanation=(
            "The chain rule multiplies a line's own derivative by the gradient that arrives from "
            "above. You give the local derivative alone."
        ),
        source="field",
        family=FAMILY,
        exposure="Let the upstream gradient differ from 1.",
        changes=line_by_line(_upstream_dropped),
    ),
    Misconception(
        code="broadcast_averaged",
        title="Mean over what was repeated",
        explanation=(
            "What is repeated along an axis is used once for each repetition, so its gradient is "
            "the sum over that axis. You take the mean."
        ),
        source="field",
        family=FAMILY,
        exposure="Let an operand be repeated more than once.",
        changes=line_by_line(_averaged),
    ),
    Misconception(
        code="mean_not_divided_back",
        title="Mean passed back undivided",
        explanation=(
            "Each of n entries makes up the n-th part of their mean, so each is passed the n-th "
            "part of its gradient. You pass it back whole."
        ),
        source="field",
        family=FAMILY,
        exposure="Take the mean of more than one entry.",
        changes=line_by_line(_mean_not_divided),
    ),
    Misconception(
        code="sum_divided_back",
        title="Sum passed back divided",
        explanation=(
            "A sum changes as much as each of its terms does, so each is passed the whole "
            "gradient. You divide it among them, as a mean would."
        ),
        source="field",
        family=FAMILY,
        exposure="Sum more than one entry.",
        changes=line_by_line(_sum_divided),
    ),
)
