"""Softmax and sigmoid written out by exponentials, and mistakes on the way back through them."""

from __future__ import annotations

from collections.abc import Iterator
from operator import mul

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import Changes, StepChange, changed_steps, replaced
from gradgrade.problems.misconceptions.programs.lines import (
    line_passed,
    lines_reading,
    number_beside,
    passed_through,
    source_line,
    unmoved_source,
)
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    by_operations,
    entrywise,
    instead,
    ones,
    reading,
    ruled,
    scaled,
)


def exponent(derivation: Derivation, line: Line) -> Name | None:
    """Return z where the first operand of a line is e^z."""
    source = source_line(derivation, line)
    return source.reads[0] if source and source.node.function == "exp" else None


def softmax_written_out(derivation: Derivation, line: Line) -> Name | None:
    """Return z where a line is e^z / Σ e^z."""
    z = exponent(derivation, line) if line.node.function == "divide" else None
    total = None if z is None else unmoved_source(derivation, line, 1)
    if total is None or total.node.function != "sum":
        return None
    return z if exponent(derivation, total) == z else None


def sigmoid_written_out(derivation: Derivation, line: Line) -> Name | None:
    """Return −z where a line is 1 / (1 + e^−z)."""
    is_inverse = line.node.function == "divide" and number_beside(line, 1) == 1
    more = source_line(derivation, line, 1) if is_inverse else None
    if more is None or more.node.function != "add":
        return None
    ones = [place for place in (0, 1) if number_beside(more, place) == 1]
    power = source_line(derivation, more, ones[0]) if ones else None
    of = source_line(derivation, power) if power and power.node.function == "exp" else None
    return of.makes if of is not None and of.node.function == "negative" else None


def _quotient_passed(derivation: Derivation, step: Step) -> Step | None:
    """Return the step that passes to a denominator what a step of the way back goes on from."""
    before = derivation.by_name.get(step.reads[0])
    while before is not None and (line := line_passed(before)) is not None:
        if line.node.function == "divide":
            return before if line.operand == 1 else None
        before = derivation.by_name.get(before.reads[0])
    return None


def slope_of_sigmoid_left_out(derivation: Derivation, step: Step) -> Step | None:
    """Pass what arrives at 1 / (1 + e^−z) on to z as it is."""
    line = passed_through(step, "negative")
    quotient = None if line is None else _quotient_passed(derivation, step)
    sigmoid = None if quotient is None else line_passed(quotient)
    if line is None or quotient is None or sigmoid is None:
        return None
    if sigmoid_written_out(derivation, sigmoid) != line.makes:
        return None
    return ruled(step, unchanged, reads=quotient.reads[:1])


def _diagonal(derivation: Derivation, step: Step) -> Step | None:
    """Of what passes back to e^z by Σ e^z keep what comes of each entry's own share."""
    line = passed_through(step, "sum")
    quotient = None if line is None else _quotient_passed(derivation, step)
    softmax = None if quotient is None else line_passed(quotient)
    if line is None or line.reads[0] is None or quotient is None or softmax is None:
        return None
    total = unmoved_source(derivation, softmax, 1)
    is_own = total is not None and total.makes == line.makes
    if not is_own or softmax_written_out(derivation, softmax) is None:
        return None
    return instead(step, _own_share, quotient.reads[0], softmax.makes, line.reads[0])


# ∂p/∂Σ = −e / Σ² of the same entry, which is −p² / e.
_own_share = entrywise(
    lambda numbers, upstream, p, e: numbers.divide(-upstream * p * p, e),
    lambda upstream, p, e: -upstream * p**2 / e,
)


def back_by_value(derivation: Derivation, quotient: Line) -> list[Step]:
    """Return the steps that go back through p = e^z / Σ e^z by p alone, as one does from memory."""
    z, (e, total) = softmax_written_out(derivation, quotient), quotient.reads
    if z is None or e is None or total is None:
        return []
    found = list[Step | None]()
    for step in derivation.steps:
        line = line_passed(step)
        if line is None:
            continue
        if line.node.function == "exp" and line.reads[0] == z:
            found.append(instead(step, by_operations(mul), step.reads[0], quotient.makes))
        elif line.makes == quotient.makes and line.operand == 0:
            found.append(ruled(step, unchanged, reads=step.reads[:1]))
        elif line.makes == quotient.makes:
            renamed = reading(step, {e: quotient.makes})
            found.append(renamed and before(renamed, positions(renamed, {total}), ones))
    return [step for step in found if step is not None]


def is_shift(derivation: Derivation, step: Step) -> bool:
    """Tell whether a step goes back through max(z) to z, of z − max(z) alone.

    What is made of exponentials does not change with what all are shifted by: nobody passes it.
    """
    line = passed_through(step, "max")
    if line is None:
        return False
    own = lines_reading(derivation, line.makes)
    return bool(own) and all(
        each.node.function == "subtract" and each.reads == (line.reads[0], line.makes)
        for each in own
    )


def shifts_left_aside(change: StepChange, *, place: str = "") -> Changes:
    """Make a change on the way back, and pass nothing back through a shift by the largest entry.

    What is right of all that passes there is 0, and nobody looks there.
    """

    def changed(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        found = [step for step, _ in changed_steps(derivation, (change,))]
        if found:
            shifts = [step for step in derivation.steps if is_shift(derivation, step)]
            held = [after(step, scaled(0)) for step in shifts]
            yield place, replaced(derivation, *found, *held)

    return changed


DIAGONAL_ALONE: Changes = shifts_left_aside(_diagonal, place="of exponentials")
