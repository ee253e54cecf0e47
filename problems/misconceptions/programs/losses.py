"""What mistakes with a loss are in programs: what its terms are divided by."""

from __future__ import annotations

from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import Changes, everywhere
from gradgrade.problems.misconceptions.programs.lines import (
    line_made,
    line_scaled,
    number_beside,
    terms,
)


def _is_of_loss(derivation: Derivation, line: Line) -> bool:
    """Tell whether a line makes a number that a loss is put together of: a mean, or the whole."""
    losses = (
        step.reads
        for step in derivation.steps
        if step.quantity.group is Group.OBJECTIVE and len(step.reads) == 1
    )
    return any(line.makes in _numbers_of(derivation, name) for (name,) in losses)


def _numbers_of(derivation: Derivation, name: Name) -> set[Name]:
    """Return the numbers, arrays left aside, that a number is computed of, itself among them."""
    found, waiting = set[Name](), [name]
    while waiting:
        line = line_made(derivation.by_name.get(waiting.pop()))
        if line is not None and line.node.operation.shape == ():
            found.add(line.makes)
            waiting += [each for each in line.reads if each is not None]
    return found


def _mean_of(derivation: Derivation, line: Line) -> Line | None:
    """Return the sum that a line of a loss divides by a whole number."""
    if line.node.function != "divide" or not _is_of_loss(derivation, line):
        return None
    number = number_beside(line, 0)
    if number is None or number <= 1 or number.denominator != 1:
        return None
    sums = (
        line_made(derivation.by_name.get(each))
        for each in sorted(_numbers_of(derivation, line.makes))
    )
    return next((each for each in sums if each and each.node.function == "sum"), None)


def _count(derivation: Derivation, line: Line) -> Fraction | None:
    """Return what a line of a loss divides by."""
    if line.node.function == "mean" and _is_of_loss(derivation, line):
        return Fraction(terms(line))
    return number_beside(line, 0) if _mean_of(derivation, line) else None


def _units(derivation: Derivation, line: Line) -> Fraction | None:
    """Return how many entries each row has of an array whose mean is a line of a loss."""
    if line.node.function != "mean" or not _is_of_loss(derivation, line):
        return None
    shape = line.node.sources[0].operand.shape
    return Fraction(terms(line), shape[0]) if len(shape) > 1 else None


def _over_units(derivation: Derivation, line: Line) -> Fraction | None:
    """Return the inverse of the same of an array whose sum is divided by how many rows it has."""
    total = _mean_of(derivation, line)
    if total is None:
        return None
    rows, *others = total.node.sources[0].operand.shape
    return Fraction(rows, terms(total)) if others and number_beside(line, 0) == rows else None


def _over_count(derivation: Derivation, line: Line) -> Fraction | None:
    """Return one over the terms of a sum that is a line of a loss and that nothing divides."""
    if line.node.function != "sum" or not _is_of_loss(derivation, line):
        return None
    lines = map(line_made, derivation.steps)
    is_divided = any(_mean_of(derivation, each) for each in lines if each is not None)
    return None if is_divided else Fraction(1, terms(line))


NOT_AVERAGED: Changes = everywhere(line_scaled(_count, on_the_way_back=False))
SUM_FOR_MEAN: Changes = everywhere(line_scaled(_count))
MEAN_FOR_SUM: Changes = everywhere(line_scaled(_over_count))
ELEMENTS_FOR_SAMPLES: Changes = everywhere(line_scaled(_over_units))
SAMPLES_FOR_ELEMENTS: Changes = everywhere(line_scaled(_units))
