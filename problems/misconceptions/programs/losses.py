"""What mistakes with a loss are in programs: what its terms are divided by, and its targets."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.formulas.expression import as_expression
from gradgrade.oracle.derivation.formulas.functions import hadamard, ln
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import (
    Changes,
    StepChange,
    everywhere,
    in_turn,
)
from gradgrade.problems.misconceptions.programs.lines import (
    at_place,
    line_made,
    line_passed,
    line_scaled,
    lines_reading,
    number_beside,
    passed_through,
    source_line,
    terms,
    unmoved_source,
)
from gradgrade.problems.misconceptions.programs.written_out import (
    exponent,
    shifts_left_aside,
    softmax_written_out,
)
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    after,
    before,
    by_operations,
    entrywise,
    scaled,
)


def _is_of_loss(derivation: Derivation, line: Line) -> bool:
    """Tell whether a line makes a number that a loss is put together of: a mean, or the whole."""
    return line.makes in _numbers_of_losses(derivation)


@kept_with_argument
def _numbers_of_losses(derivation: Derivation) -> set[Name]:
    losses = (
        step.reads
        for step in derivation.steps
        if step.quantity.group is Group.OBJECTIVE and len(step.reads) == 1
    )
    return _numbers_of(derivation, *chain.from_iterable(losses))


def _numbers_of(derivation: Derivation, *names: Name) -> set[Name]:
    """Return the numbers, arrays left aside, that some are computed of, and themselves."""
    found, waiting = set[Name](), list(names)
    while waiting:
        line = line_made(derivation.by_name.get(waiting.pop()))
        if line is not None and line.node.operation.shape == ():
            found.add(line.makes)
            waiting += [each for each in line.reads if each is not None]
    return found


def _divisor(line: Line) -> Fraction | None:
    """Return the whole number by which a line divides; as 1/n before a sum does, its sign aside."""
    number = None
    if line.node.function == "divide":
        number = number_beside(line, 0)
    elif line.node.function == "multiply":
        factors = (number_beside(line, each) for each in (0, 1))
        factor = next((each for each in factors if each), None)
        number = factor and 1 / abs(factor)
    return number if number is not None and number > 1 and number.denominator == 1 else None


def _mean_of(derivation: Derivation, line: Line) -> Line | None:
    """Return the sum that a line of a loss divides by a whole number."""
    divisor = _divisor(line)
    if divisor is None or not _is_of_loss(derivation, line):
        return None
    sums = [
        each
        for name in sorted(_numbers_of(derivation, line.makes))
        if (each := line_made(derivation.by_name.get(name))) and each.node.function == "sum"
    ]
    # 1/2 is written before a sum for its own sake, too.
    is_mean = line.node.function == "divide" or any(
        number in _lengths(each) for each in sums for number in (divisor, divisor / 2)
    )
    return sums[0] if sums and is_mean else None


def _lengths(total: Line) -> set[int]:
    """Return how many there may be of what a sum is of: along each axis, and in all."""
    return {*total.node.sources[0].operand.shape, terms(total)} - {1}


def _count(derivation: Derivation, line: Line) -> Fraction | None:
    """Return what a line of a loss divides by."""
    if line.node.function == "mean" and _is_of_loss(derivation, line):
        return Fraction(terms(line))
    return _divisor(line) if _mean_of(derivation, line) else None


def _count_beside_half(derivation: Derivation, line: Line) -> Fraction | None:
    """Return m of a line of a loss that divides by 2 m."""
    total, divisor = _mean_of(derivation, line), _divisor(line)
    if total is None or divisor is None:
        return None
    return divisor / 2 if divisor / 2 in _lengths(total) else None


def _count_of_sum(derivation: Derivation, line: Line) -> Fraction | None:
    return None if line.node.function == "mean" else _count(derivation, line)


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
    return Fraction(rows, terms(total)) if others and _divisor(line) == rows else None


def _over_count(derivation: Derivation, line: Line) -> Fraction | None:
    """Return one over the terms of a sum that is a line of a loss and that nothing divides."""
    if line.node.function != "sum" or not _is_of_loss(derivation, line):
        return None
    lines = map(line_made, derivation.steps)
    is_divided = any(_mean_of(derivation, each) for each in lines if each is not None)
    return None if is_divided else Fraction(1, terms(line))


def _is_in_logarithm(derivation: Derivation, name: Name) -> bool:
    """Tell whether the logarithm is taken of a quantity, or of entries of it."""
    return any(
        line.node.function == "log"
        or (line.node.function in _CHOOSING and _is_in_logarithm(derivation, line.makes))
        for line in lines_reading(derivation, name)
        if line.reads[0] == name
    )


_CHOOSING = ("picked", "entries", "listed", "reshape", "same")
"""What takes entries of its operand."""


def _is_of_exponentials(derivation: Derivation, line: Line) -> bool:
    """Tell whether a line is z − ln Σ e^z, or e^z / Σ e^z of which the logarithm is taken."""
    if softmax_written_out(derivation, line) is not None:
        return _is_in_logarithm(derivation, line.makes)
    other = unmoved_source(derivation, line, 1) if line.node.function == "subtract" else None
    if other is None:
        return False
    if other.node.function == "logsumexp":
        return other.reads[0] == line.reads[0]
    total = unmoved_source(derivation, other) if other.node.function == "log" else None
    is_sum = total is not None and total.node.function == "sum"
    return is_sum and total is not None and exponent(derivation, total) == line.reads[0]


def _is_log_likelihood(derivation: Derivation, line: Line) -> bool:
    """Tell whether a line is σ(z) of which the logarithm alone is taken, as of a pair that is seen.

    Of −z it is of a pair that is not, whose target is 0.
    """
    readers = lines_reading(derivation, line.makes)
    is_logarithm = [each.node.function == "log" for each in readers]
    return bool(is_logarithm) and all(is_logarithm) and not _is_negated(derivation, line)


def _is_negated(derivation: Derivation, line: Line) -> bool:
    """Tell whether a function is of −z, or of a product with a factor −a."""
    source = source_line(derivation, line)
    factors = () if source is None else range(len(source.reads))
    parts = [source, *(source_line(derivation, source, each) for each in factors if source)]
    return any(each is not None and each.node.function == "negative" for each in parts)


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
            case "sigmoid", _ if _is_log_likelihood(derivation, line):
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


@kept_with_argument
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


def _not_divided(*, on_the_way_back: bool) -> Changes:
    """Leave out what a loss's sum is divided by, 1/(2 m), or m alone of that."""
    whole, count = (
        line_scaled(each, on_the_way_back=on_the_way_back) for each in (_count, _count_beside_half)
    )
    return in_turn(everywhere(whole), at_place("(the half kept)", count))


def over_logarithm(base: int) -> Function:
    """Return the function that divides by ln of a base: of logarithms, it takes them to that."""

    def divided(numbers: Arithmetic, logarithm: Element, base: Element) -> Element:
        return numbers.divide(logarithm, numbers.log(base))

    def function(arithmetic: Arithmetic, made: Matrix) -> Matrix:
        return arithmetic.map(divided, made, arithmetic.matrix([[base]]))

    return Written(function, lambda of: of / ln(as_expression(base)))


def _logarithms_in(base: int) -> Changes:
    """Take logarithms to another base, and go back as through natural ones."""

    def change(_: Derivation, step: Step) -> Step | None:
        line = line_made(step)
        is_logarithm = line is not None and line.node.function == "log"
        return after(step, over_logarithm(base)) if is_logarithm else None

    return everywhere(change)


TARGET_NOT_SUBTRACTED: Changes = shifts_left_aside(_targets_counted(0))
TARGET_ADDED: Changes = shifts_left_aside(_targets_counted(-1))
DECIMAL_LOGARITHMS: Changes = _logarithms_in(10)
BINARY_LOGARITHMS: Changes = _logarithms_in(2)
NOT_AVERAGED: Changes = _not_divided(on_the_way_back=False)
SUM_FOR_MEAN: Changes = _not_divided(on_the_way_back=True)
PASSED_BACK_UNDIVIDED: Changes = in_turn(
    at_place("before a sum", line_scaled(_count_of_sum, in_value=False)),
    at_place("before a sum (the half kept)", line_scaled(_count_beside_half, in_value=False)),
)
MEAN_FOR_SUM: Changes = everywhere(line_scaled(_over_count))
ELEMENTS_FOR_SAMPLES: Changes = everywhere(line_scaled(_over_units))
SAMPLES_FOR_ELEMENTS: Changes = everywhere(line_scaled(_units))
