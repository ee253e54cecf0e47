"""Mistakes about paths: one kept of several, the upstream gradient forgotten, a line left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.expression import Named
from gradgrade.oracle.derivation.formulas.functions import sum_of
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.roles import Total
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.primitives.arrays import matrix_shape
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import (
    MOST_PLACES,
    Changes,
    Misconception,
    StepChange,
    changed_steps,
    replaced,
)
from gradgrade.problems.misconceptions.programs.lines import (
    REPEATING,
    at_place,
    gradient_by_gradient,
    gradient_helped,
    is_seed,
    line_by_line,
    line_passed,
    own_operand,
    passed_through,
    repeats,
    terms,
)
from gradgrade.problems.misconceptions.programs.losses import PASSED_BACK_UNDIVIDED
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    masked,
    ones,
    ruled,
    scaled,
)

FAMILY = "paths"

MOST_NAMED = 2
"""So many quantities are named in a place; of more it is said how many there are."""

MOST_FORGOTTEN = 12
"""Of so many paths of a quantity each is forgotten alone; of hundreds, none."""


def _totals(derivation: Derivation) -> list[Step]:
    """Return the gradients that several uses of a quantity in a program add up to."""
    return [
        step
        for step in derivation.steps
        if isinstance(step.role, Total)
        and step.reads == step.role.contributions
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
        having = [step for step in totals if which < len(step.reads) - 1]
        if having:
            kept = [_kept(step, which) for step in having]
            place = "" if which == -1 else _keeping(having, which)
            yield place, replaced(derivation, *kept)
    if len(totals) > 1:
        for step in totals[:MOST_PLACES]:
            for which in range(len(step.reads)):
                yield _keeping([step], which), replaced(derivation, _kept(step, which))


def _kept(total: Step, which: int) -> Step:
    return ruled(total, unchanged, reads=(total.reads[which],))


def _keeping(totals: Sequence[Step], which: int) -> str:
    """Return of what one path is kept, and which: through what it goes."""
    if len(totals) > MOST_NAMED:
        return (
            f"of {len(totals)} quantities, keeping only what comes through use {which + 1} of each"
        )
    first, *others = [(step.name.of, _through(step.reads[which])) for step in totals]
    kept = f"of {first[0]}, keeping only what comes {first[1]}"
    return "".join((kept, *(f", and of {name}, only {through}" for name, through in others)))


def _through(use: Name) -> str:
    """Return through what a contribution to a gradient comes: `through line 5`."""
    return use.relations[-1].which


def _one_forgotten(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Of three paths or more; of two, forgetting the one is keeping the other."""
    for total in [step for step in _totals(derivation) if len(step.reads) > 2][:MOST_PLACES]:
        for which in range(min(len(total.reads), MOST_FORGOTTEN)):
            others = (*total.reads[:which], *total.reads[which + 1 :])
            left = sum_of(*map(Named, others))
            forgotten = ruled(total, _added, reads=others, formula=left)
            place = f"of {total.name.of}, {_through(total.reads[which])}"
            yield place, replaced(derivation, forgotten)


def _added(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return reduce(arithmetic.add, matrices)


def _entry_by_entry(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """What = in place of += keeps where each use is of some entries: one use of each entry."""
    totals = [
        step
        for step in _totals(derivation)
        if all(_is_of_entries(derivation.by_name[each]) for each in step.reads)
    ]
    for place, keeps_last in (
        ("entry by entry", True),
        ("entry by entry, keeping the first", False),
    ):
        kept = [_kept_in_entries(derivation, step, keeps_last=keeps_last) for step in totals]
        if kept:
            yield place, replaced(derivation, *kept)


def _is_of_entries(step: Step) -> bool:
    return passed_through(step, "entries") is not None and len(step.reads) == 1


def _kept_in_entries(derivation: Derivation, total: Step, *, keeps_last: bool) -> Step:
    uses = [derivation.by_name[each] for each in total.reads]
    count = len(uses)

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        contributions, upstream = matrices[:count], matrices[count:]
        # What a use sends back for gradients of 1 is 1 where it takes an entry, and 0 elsewhere.
        taken = [
            use.rule(arithmetic, ones(arithmetic, each))
            for use, each in zip(uses, upstream, strict=True)
        ]
        pairs = list(zip(contributions, taken, strict=True))
        first, *others = pairs if keeps_last else reversed(pairs)
        kept = first[0]
        for contribution, where in others:
            kept = arithmetic.map(
                lambda _, old, new, m: old * (1 - m) + new, kept, contribution, where
            )
        return kept

    return ruled(total, rule, reads=(*total.reads, *(use.reads[0] for use in uses)))


def _picked(times: Callable[[Any, Any], Any]) -> Changes:
    """Put something else where entries are picked of what is used otherwise too.

    Args:
        times: of an entry, what the other uses send back and what the picking does, the mistake.
    """

    def changes(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        found = [
            changed
            for total in _totals(derivation)
            if (changed := _with_picked(derivation, total, times)) is not None
        ]
        if found:
            yield "", replaced(derivation, *found)

    return changes


def _with_picked(
    derivation: Derivation, total: Step, times: Callable[[Any, Any], Any]
) -> Step | None:
    uses = [derivation.by_name[each] for each in total.reads]
    picks = [each for each in uses if passed_through(each, "picked")]
    others = tuple(each.name for each in uses if each not in picks)
    if not picks or not others:
        return None
    counts = [len(each.reads) for each in picks]

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        kept, read = _added(arithmetic, *matrices[: len(others)]), matrices[len(others) :]
        for use, count in zip(picks, counts, strict=True):
            upstream, *rest = read[:count]
            sent = use.rule(arithmetic, upstream, *rest)
            picked = use.rule(arithmetic, ones(arithmetic, upstream), *rest)
            kept = arithmetic.map(
                lambda _, entry, own, m: entry * (1 - m) + m * times(entry, own),
                kept,
                sent,
                picked,
            )
            read = read[count:]
        return kept

    return ruled(total, rule, reads=(*others, *(name for each in picks for name in each.reads)))


def _upstream_dropped(derivation: Derivation, step: Step) -> Step | None:
    line = line_passed(step)
    if line is None or is_seed(derivation, step.reads[0]):
        return None
    return before(step, (0,), ones)


def _upstream_dropped_alone(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """In the gradient of one given array alone; in all of a line's it is made line by line."""

    def change(_: Derivation, step: Step) -> Step | None:
        is_of_given = line_passed(step) is not None and _is_of_given(derivation, step)
        return _upstream_dropped(derivation, step) if is_of_given else None

    found = gradient_by_gradient(change)(derivation)
    yield from ((place, mistaken) for place, mistaken in found if place)
    yield from at_place("of a maximum", _upstream_of_maximum_dropped)(derivation)


def _upstream_of_maximum_dropped(derivation: Derivation, step: Step) -> Step | None:
    """And not of what moves its entries in the same line."""
    is_maximum = passed_through(step, "max") or passed_through(step, "min")
    return _upstream_dropped(derivation, step) if is_maximum else None


def _is_of_given(derivation: Derivation, step: Step) -> bool:
    """Tell whether a step of the way back helps to make a given array's gradient."""
    return str(gradient_helped(derivation, step).of) in derivation.given


def _weights_averaged(derivation: Derivation, step: Step) -> Step | None:
    """Divide the gradient of given W in x @ W by how many rows x has."""
    line = passed_through(step, "matmul", 1) or passed_through(step, "dot", 1)
    if line is None or str(line.reads[1]) not in derivation.given:
        return None
    rows = line.node.sources[0].operand.shape
    return after(step, scaled(Fraction(1, rows[0]))) if len(rows) > 1 and rows[0] > 1 else None


def _all_averaged(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Divide those, and what is summed over as many repetitions; without weights it is these."""
    weights = [step for step, _ in changed_steps(derivation, (_weights_averaged,))]
    repeated = [
        step
        for step, original in changed_steps(derivation, (_averaged,))
        if _is_of_given(derivation, original)
    ]
    if weights and repeated:
        yield "", replaced(derivation, *weights, *repeated)


WEIGHTS_AVERAGED: Changes = gradient_by_gradient(_weights_averaged)
ALL_AVERAGED: Changes = _all_averaged


def _averaged(derivation: Derivation, step: Step) -> Step | None:
    line = line_passed(step)
    if line is None or line.node.function not in REPEATING:
        return None
    count = repeats(line)
    return after(step, scaled(Fraction(1, count))) if count > 1 else None


def _averaged_alone(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """In one gradient alone; in all of them it is made line by line."""
    found = gradient_by_gradient(_averaged)(derivation)
    return ((place, mistaken) for place, mistaken in found if place)


def _of_one(which: int) -> StepChange:
    """Keep what one of the repetitions sends back: the first, 0, or the last, −1."""

    def change(derivation: Derivation, step: Step) -> Step | None:
        line = line_passed(step)
        if line is None or line.node.function not in REPEATING or repeats(line) == 1:
            return None
        return before(step, (0,), masked(_repetition(line, which)))

    return change


def _repetition(line: Line, which: int) -> list[list[int]]:
    """Return 1 for the entries of a result that one repetition of its operand makes, else 0."""
    shape, own = line.node.operation.shape, own_operand(line).operand.shape
    padded = (1,) * (len(shape) - len(own)) + own
    axes = zip(padded, shape, strict=True)
    mask = numpy.zeros(shape, dtype=int)
    mask[tuple(slice(None) if length == whole else which for length, whole in axes)] = 1
    rows: list[list[int]] = mask.reshape(matrix_shape(shape)).tolist()
    return rows


def _one_repetition(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    for which, called in ((0, "the first"), (-1, "the last")):
        for place, mistaken in gradient_by_gradient(_of_one(which))(derivation):
            yield f"{place} ({called})".lstrip() if which or place else "", mistaken


def _mean_not_divided(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "mean")
    count = 1 if line is None else terms(line)
    return after(step, scaled(count)) if count > 1 else None


def _sum_divided(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "sum")
    count = 1 if line is None else terms(line)
    return after(step, scaled(Fraction(1, count))) if count > 1 else None


PATHS = (
    Misconception(
        code="path_overwritten",
        title="Paths missing from the gradient",
        explanation=(
            "What is used more than once has the sum of what each use sends back for its "
            "gradient. You keep what comes by one of the paths and lose the others: a gradient is "
            "added to, never set."
        ),
        source="field: = for += in code that accumulates gradients",
        family=FAMILY,
        exposure="Use a quantity twice, by paths that both send something back.",
        changes=_one_kept,
        ungated=_entry_by_entry,
    ),
    Misconception(
        code="path_forgotten",
        title="One path missing from the gradient",
        explanation=(
            "What is used more than once has the sum of what each use sends back for its "
            "gradient; a product with itself uses it twice. You leave one of its uses out."
        ),
        source="field: the path through a normalization's variance, or through its mean",
        family=FAMILY,
        exposure="Use a quantity three times or more, by paths that all send something back.",
        changes=_one_forgotten,
    ),
    Misconception(
        code="picked_entries_left_out",
        title="Gradient of the picked entries left out",
        explanation=(
            "Entries that are picked, as the right class's score is in a hinge loss, are used in "
            "every difference that is taken from them, and have the sum of what these send back. "
            "You leave their gradient zero."
        ),
        source="field: the hinge loss of several classes",
        family=FAMILY,
        exposure="Pick entries of an array that is used as a whole, too.",
        changes=_picked(lambda entry, _: 0 * entry),
    ),
    Misconception(
        code="picked_entries_counted_once",
        title="Picked entries counted once",
        explanation=(
            "Entries that are picked, as the right class's score is in a hinge loss, are used in "
            "every difference that is taken from them, and have minus the sum of what these send "
            "back. You take one of them."
        ),
        source="field: the hinge loss of several classes",
        family=FAMILY,
        exposure="Let more than one difference send something back.",
        ungated=_picked(lambda entry, _: -entry),
    ),
    Misconception(
        code="picked_entries_overwritten",
        title="Picked entries overwritten",
        explanation=(
            "Entries that are picked of an array are among those that it is used as a whole in, "
            "too, and have the sum of both. You set them to what the picking sends back, and so "
            "count a right class's difference from itself."
        ),
        source="field: the hinge loss of several classes",
        family=FAMILY,
        exposure="Pick entries of an array that is used as a whole, too.",
        ungated=_picked(lambda _, own: own),
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
        ungated=_upstream_dropped_alone,
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
        ungated=_averaged_alone,
    ),
    Misconception(
        code="broadcast_of_one_repetition",
        title="Gradient of one repetition alone",
        explanation=(
            "What is repeated along an axis is used once for each repetition, so its gradient is "
            "the sum over that axis. You take what a single one of them sends back."
        ),
        source="field",
        family=FAMILY,
        exposure="Let an operand be repeated more than once.",
        ungated=_one_repetition,
    ),
    Misconception(
        code="mean_not_divided_back",
        title="Mean passed back undivided",
        explanation=(
            "Each of n entries makes up the n-th part of their mean, so each is passed the n-th "
            "part of its gradient: 1/n stays before the derivative of a sum, too. You pass it back "
            "whole."
        ),
        source="field",
        family=FAMILY,
        exposure="Take the mean of more than one entry.",
        changes=line_by_line(_mean_not_divided),
        ungated=PASSED_BACK_UNDIVIDED,
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
