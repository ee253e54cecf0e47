"""What mistakes with a loss are in programs: what its terms are divided by, and its targets."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.formulas.functions import hadamard
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import (
    Changes,
    StepChange,
    changed_steps,
    everywhere,
    replaced,
)
from gradgrade.problems.misconceptions.programs.lines import (
    is_shift,
    line_made,
    line_passed,
    line_scaled,
    number_beside,
    passed_through,
    source_line,
    terms,
    unmoved_source,
)
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    by_operations,
    entrywise,
    scaled,
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


def is_count_of_loss(derivation: Derivation, line: Line) -> bool:
    """Tell whether a line divides a loss by how many terms it has."""
    return _mean_of(derivation, line) is not None


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


def _is_in_logarithm(derivation: Derivation, name: Name) -> bool:
    """Tell whether the logarithm is taken of a quantity, or of entries of it."""
    readers = (line for step in derivation.steps if (line := line_made(step)))
    return any(
        line.node.function == "log"
        or (line.node.function in _CHOOSING and _is_in_logarithm(derivation, line.makes))
        for line in readers
        if line.reads[0] == name
    )


_CHOOSING = ("picked", "entries", "listed", "reshape", "same")
"""What takes entries of its operand."""


def _is_of_exponentials(derivation: Derivation, line: Line) -> bool:
    """Tell whether a line is z − ln Σ e^z, or e^z / Σ e^z of which the logarithm is taken."""
    other = unmoved_source(derivation, line, 1)
    if other is None:
        return False
    match line.node.function, other.node.function:
        case "subtract", "logsumexp":
            return other.reads[0] == line.reads[0]
        case "subtract", "log":
            total = unmoved_source(derivation, other)
            if total is None or total.node.function != "sum":
                return False
            return _exponent(derivation, total) == line.reads[0]
        case "divide", "sum":
            is_share = other.reads[0] == line.reads[0]
            is_of_exponentials = _exponent(derivation, line) is not None
            return is_share and is_of_exponentials and _is_in_logarithm(derivation, line.makes)
    return False


def _exponent(derivation: Derivation, line: Line) -> Name | None:
    """Return z where the first operand of a line is e^z."""
    source = source_line(derivation, line)
    return source.reads[0] if source and source.node.function == "exp" else None


def _targets_counted(times: int) -> StepChange:
    """Count what comes of a cross-entropy's targets so many times: never, 0, or negated, −1."""
    more, of_two_classes = times - 1, _binary_targets_counted(times)
    of_logarithms = by_operations(lambda made, up: made + more * up)
    of_shares = entrywise(
        lambda _, made, up, a: made + more * up * a,
        lambda made, up, a: made + more * hadamard(up, a),
    )

    def change(derivation: Derivation, step: Step) -> Step | None:
        line = line_passed(step)
        if line is None:
            return None
        match line.node.function, line.operand:
            case "log_softmax", _:
                return after(step, of_logarithms, step.reads[0])
            case "softmax" | "masked_softmax", _ if _is_in_logarithm(derivation, line.makes):
                return after(step, of_shares, step.reads[0], line.makes)
            case "subtract" | "divide", 0 if _is_of_exponentials(derivation, line):
                return after(step, scaled(times))
            case "subtract", 1 if _is_picked_off_sum(derivation, line):
                return after(step, scaled(times))
        return of_two_classes(derivation, step)

    return change


def _binary_targets_counted(times: int) -> StepChange:
    """Do so in y ln p + (1 − y) ln(1 − p)."""
    other_class = by_operations(lambda rest: 1 - times * (1 - rest))

    def change(derivation: Derivation, step: Step) -> Step | None:
        line = passed_through(step, "multiply")
        if line is None or line.operand is None:
            return None
        logarithm = source_line(derivation, line, line.operand)
        target = line.reads[1 - line.operand]
        if logarithm is None or logarithm.node.function != "log" or target is None:
            return None
        if target in _targets(derivation):
            return after(step, scaled(times))
        rest = line_made(derivation.by_name.get(target))
        if rest is None or rest.node.function != "subtract":
            return None
        is_rest = rest.reads[1] in _targets(derivation)
        return before(step, positions(step, {target}), other_class) if is_rest else None

    return change


def _targets(derivation: Derivation) -> set[Name | None]:
    """Return what is given of which a line is 1 − y."""
    lines = (line for step in derivation.steps if (line := line_made(step)))
    rests = (each for each in lines if each.node.function == "subtract")
    return {
        each.reads[1]
        for each in rests
        if number_beside(each, 1) == 1 and str(each.reads[1]) in derivation.given
    }


def _is_picked_off_sum(derivation: Derivation, line: Line) -> bool:
    """Tell whether a line is ln Σ e^z less an entry of z."""
    total, entry = (unmoved_source(derivation, line, each) for each in (0, 1))
    return (
        total is not None
        and entry is not None
        and total.node.function == "logsumexp"
        and entry.node.function == "picked"
        and total.reads[0] == entry.reads[0]
    )


def _with_targets_counted(times: int) -> Changes:
    """Do so on the way back; what a shift by the largest entry sends back is left out, being 0."""
    change = _targets_counted(times)

    def changed(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        found = [step for step, _ in changed_steps(derivation, (change,))]
        if found:
            shifts = [step for step in derivation.steps if is_shift(derivation, step)]
            held = [after(step, scaled(0)) for step in shifts]
            yield "", replaced(derivation, *found, *held)

    return changed


TARGET_NOT_SUBTRACTED: Changes = _with_targets_counted(0)
TARGET_ADDED: Changes = _with_targets_counted(-1)
NOT_AVERAGED: Changes = everywhere(line_scaled(_count, on_the_way_back=False))
SUM_FOR_MEAN: Changes = everywhere(line_scaled(_count))
MEAN_FOR_SUM: Changes = everywhere(line_scaled(_over_count))
ELEMENTS_FOR_SAMPLES: Changes = everywhere(line_scaled(_over_units))
SAMPLES_FOR_ELEMENTS: Changes = everywhere(line_scaled(_units))
