"""Mistakes in what a maximum or a minimum passes back: to which entries, and how much."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod
from operator import mul

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.primitives.arrays import gathered, matrix_shape
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import Misconception
from gradgrade.problems.misconceptions.programs.axes import own_axes
from gradgrade.problems.misconceptions.programs.lines import line_by_line, passed_through, terms
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    by_operations,
    masked,
    ruled,
    scaled,
)

FAMILY = "maxima"


def _to_all(derivation: Derivation, step: Step) -> Step | None:
    """A maximum over everything; along axes it is made apart, and gates nothing."""
    line = _largest_passed(step)
    return _given_to_all(step, line) if line and prod(line.node.operation.shape) == 1 else None


def _to_all_along_axes(derivation: Derivation, step: Step) -> Step | None:
    line = _largest_passed(step)
    return _given_to_all(step, line) if line and prod(line.node.operation.shape) > 1 else None


def _to_both(derivation: Derivation, step: Step) -> Step | None:
    """Of the larger or the smaller of two arrays, none of which is repeated."""
    line = passed_through(step, "maximum") or passed_through(step, "minimum")
    shapes = {each.operand.shape for each in line.node.sources} if line else set()
    return ruled(step, unchanged, reads=step.reads[:1]) if len(shapes) == 1 else None


def _shared(derivation: Derivation, step: Step) -> Step | None:
    to_both, line = _to_both(derivation, step), _largest_passed(step)
    if to_both is not None:
        return after(to_both, scaled(Fraction(1, 2)))
    if line is None or terms(line) == 1:
        return None
    shared = after(_given_to_all(step, line), scaled(Fraction(1, terms(line))))
    return replace(shared, formula=step.formula)  # none says that it goes to all


def _largest_passed(step: Step) -> Line | None:
    return passed_through(step, "max") or passed_through(step, "min")


def _given_to_all(step: Step, line: Line) -> Step:
    shape = line.node.sources[0].operand.shape
    everywhere = gathered(own_axes(line.node), shape, keepdims=False).adjoint
    rows, columns = everywhere.source

    def rule(arithmetic: Arithmetic, upstream: Matrix) -> Matrix:
        return arithmetic.gather(arithmetic.reshape(upstream, rows, columns), everywhere)

    return ruled(step, rule, reads=step.reads[:1])


def _to_first(derivation: Derivation, step: Step) -> Step | None:
    """The first entry of each window or row, wherever its largest one is."""
    line = _largest_passed(step)
    if line is None or terms(line) == 1:
        return None
    shape = line.node.sources[0].operand.shape
    axes = own_axes(line.node)
    first = numpy.zeros(shape, dtype=int)
    first[tuple(0 if axis in axes else slice(None) for axis in range(len(shape)))] = 1
    rows: list[list[int]] = first.reshape(matrix_shape(shape)).tolist()
    to_first = after(_given_to_all(step, line), masked(rows))
    return replace(to_first, formula=step.formula)


def _times_value(derivation: Derivation, step: Step) -> Step | None:
    line = _largest_passed(step)
    return None if line is None else before(step, (0,), by_operations(mul), line.makes)


MAXIMA = (
    Misconception(
        code="maximum_to_all",
        title="Gradient of a maximum passed to all",
        explanation=(
            "A maximum changes with its largest entry alone, which is passed the whole gradient; "
            "the others are passed nothing. You pass it to all of them."
        ),
        source="field",
        family=FAMILY,
        exposure="Take the maximum of more than one entry.",
        changes=line_by_line(_to_all),
        ungated=line_by_line(_to_all_along_axes, _to_both),
    ),
    Misconception(
        code="maximum_shared_out",
        title="Gradient of a maximum shared out",
        explanation=(
            "A maximum changes with its largest entry alone, which is passed the whole gradient. "
            "You share it among all entries that it is taken of, as a mean would."
        ),
        source="field",
        family=FAMILY,
        exposure="Take the maximum of more than one entry.",
        ungated=line_by_line(_shared),
    ),
    Misconception(
        code="maximum_to_first",
        title="Gradient of a maximum passed to the first entry",
        explanation=(
            "A maximum changes with its largest entry alone, wherever in its window that is, and "
            "there its gradient goes. You pass it to the first entry."
        ),
        source="field",
        family=FAMILY,
        exposure="Take the maximum of more than one entry, the largest of which is not the first.",
        ungated=line_by_line(_to_first),
    ),
    Misconception(
        code="maximum_times_value",
        title="Gradient of a maximum times its value",
        explanation=(
            "A maximum changes as much as its largest entry does: its derivative by that is 1. You "
            "multiply the gradient by the entry's value."
        ),
        source="field",
        family=FAMILY,
        exposure="Let the largest entry differ from 1.",
        ungated=line_by_line(_times_value),
    ),
)
