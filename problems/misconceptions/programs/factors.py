"""Mistakes in a line's own factor: products, quotients, powers, matrices."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod
from operator import mul, truediv

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import Total
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import (
    MOST_PLACES,
    Misconception,
    in_turn,
    replaced,
)
from gradgrade.problems.misconceptions.programs.lines import (
    at_place,
    gradient_by_gradient,
    gradient_helped,
    line_by_line,
    line_made,
    line_passed,
    number_beside,
    passed_through,
    source_line,
    steps_reading,
)
from gradgrade.problems.misconceptions.programs.losses import is_count_of_loss
from gradgrade.problems.misconceptions.programs.penalties import PENALTY_EXPONENT_FORGOTTEN
from gradgrade.problems.misconceptions.programs.products import (
    NOT_TRANSPOSED_ABOVE,
    OWN_MATRIX,
)
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    after,
    before,
    by_operations,
    entrywise,
    instead,
    ones,
    reading,
    scaled,
    transposed,
)

FAMILY = "factors"

MOST_LESSENED = 4
"""Whole exponents up to this one are taken for one less."""


def _shapes(line: Line) -> tuple[tuple[int, ...], ...]:
    return tuple(each.operand.shape for each in line.node.sources)


def _own_for_other(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "multiply") or passed_through(step, "matmul")
    if line is None or line.operand is None or len(set(_shapes(line))) > 1:
        return None
    own, other = (line.reads[each] for each in (line.operand, 1 - line.operand))
    if own is None or other is None or own == other:
        return None
    return reading(step, {other: own})


def _not_negated(derivation: Derivation, step: Step) -> Step | None:
    return after(step, scaled(-1)) if passed_through(step, "subtract", 1) else None


def _quotient_not_negated(derivation: Derivation, step: Step) -> Step | None:
    return after(step, scaled(-1)) if passed_through(step, "divide", 1) else None


def _quotient_not_squared(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "divide", 1)
    name = None if line is None else line.reads[1]
    return None if name is None else after(step, by_operations(mul), name)


def _left_out(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "multiply") or passed_through(step, "divide", 0)
    if line is None or line.operand is None:
        return None
    other = line.reads[1 - line.operand]
    if other is not None:
        return before(step, positions(step, {other}), ones)
    if is_count_of_loss(derivation, line):
        return None  # which is a mean passed back undivided
    undoing = _undoing(derivation, step)
    return None if undoing is None else after(step, undoing[0])


def _left_out_in_one_use(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """A number left out in one of the gradients that go on from what no line names."""
    for step in derivation.steps:
        undoing = _undoing(derivation, step)
        if undoing is None or step.quantity.group is not Group.INTERNAL:
            continue
        function, others = undoing
        going_on = [
            each
            for each in steps_reading(derivation).get(step.name, ())
            if line_passed(each) is not None and each.reads[0] == step.name
        ]
        for each in going_on[:MOST_PLACES] if len(going_on) > 1 else ():
            changed = before(each, (0,), function, *others)
            if changed is not None:
                gradient = gradient_helped(derivation, each)
                yield f"on the way to {gradient} alone", replaced(derivation, changed)


def _undoing(derivation: Derivation, step: Step) -> tuple[Function, tuple[Name, ...]] | None:
    """Return what takes the number back by which a step multiplies or divides a gradient.

    And what it reads for that: the root of a number is a quantity of its own.
    """
    line = passed_through(step, "multiply") or passed_through(step, "divide", 0)
    if line is None or line.operand is None:
        return None
    is_product = line.node.function == "multiply"
    number, name = number_beside(line, line.operand), line.reads[1 - line.operand]
    if number not in (None, 0, 1):
        assert number is not None
        return scaled(1 / number if is_product else number), ()
    made = None if name is None else derivation.by_name.get(name)
    if made is None or name is None or made.reads:
        return None
    return (_divided if is_product else by_operations(mul)), (name,)


def _left_out_in_one_path(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """A factor left out by one of the paths that come back to a quantity by products."""
    for total in [each for each in derivation.steps if isinstance(each.role, Total)][:MOST_PLACES]:
        products = [
            changed
            for name in total.reads
            if name in derivation.by_name
            and (changed := _left_out(derivation, derivation.by_name[name])) is not None
        ]
        for each in products[:MOST_PLACES] if len(products) > 1 else ():
            path = each.name.relations[-1].which
            yield f"of {total.name.of}, {path}", replaced(derivation, each)


def _left_out_anywhere(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    yield from gradient_by_gradient(_left_out)(derivation)
    yield from _left_out_in_one_use(derivation)
    yield from _left_out_in_one_path(derivation)


def _is_negated(line: Line | None) -> bool:
    """Tell whether a line is −x, or has a number below 0 as a factor or a divisor."""
    if line is None:
        return False
    numbers = (each.operand.constant for each in line.node.sources)
    is_scaled = line.node.function in ("multiply", "divide")
    return line.node.function == "negative" or (is_scaled and any(n and n < 0 for n in numbers))


def _is_falling(step: Step) -> bool:
    """Tell whether a step goes back through a power whose exponent is below 0."""
    exponent = _exponent(step)
    return exponent is not None and exponent < 0


def _minus_lost(derivation: Derivation, step: Step) -> Step | None:
    is_negated = _is_negated(line_passed(step)) or _is_falling(step)
    return after(step, scaled(-1)) if is_negated else None


def _minus_lost_in_value(derivation: Derivation, step: Step) -> Step | None:
    return after(step, scaled(-1)) if _is_negated(line_made(step)) else None


def _signs_lost(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    yield from gradient_by_gradient(_minus_lost)(derivation)
    yield from at_place("in the forward pass too", _minus_lost, _minus_lost_in_value)(derivation)
    yield from at_place("in the forward pass alone", _minus_lost_in_value)(derivation)
    yield from _minus_of_argument_lost(derivation)


def _minus_of_argument_lost(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Lose the minus of −a b in what a function is taken of, and go back as if it were there."""
    by_text: dict[str, list[Step]] = {}
    for step in derivation.steps:
        line = line_made(step)
        if line is None or line.node.function not in ("matmul", "dot", "multiply"):
            continue
        factors = (source_line(derivation, line, each) for each in (0, 1))
        if any(each is not None and each.node.function == "negative" for each in factors):
            by_text.setdefault(line.node.text, []).append(after(step, scaled(-1)))
    for text, steps in list(by_text.items())[:MOST_PLACES]:
        yield f"in the forward pass of {text} alone", replaced(derivation, *steps)


_divided = entrywise(lambda numbers, made, by: numbers.divide(made, by), truediv)


def _exponent(step: Step) -> Fraction | None:
    line = passed_through(step, "power", 0)
    return None if line is None else line.node.sources[1].operand.constant


def _factor_forgotten(derivation: Derivation, step: Step) -> Step | None:
    exponent = _exponent(step)
    return None if exponent in (None, 0, 1) else after(step, scaled(1 / Fraction(exponent or 1)))


def _factor_but_sign_forgotten(derivation: Derivation, step: Step) -> Step | None:
    exponent = _exponent(step)
    is_falling = exponent is not None and exponent < 0 and exponent != -1
    return after(step, scaled(1 / abs(exponent))) if is_falling and exponent else None


def _not_lowered(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "power", 0)
    exponent = _exponent(step)
    base = None if line is None else line.reads[0]
    if exponent in (None, 0, 1) or base is None:
        return None
    return after(step, by_operations(mul), base)


def _one_less(derivation: Derivation, step: Step) -> Step | None:
    """aⁿ becomes aⁿ⁻¹, and so does what passes back through it."""
    line = line_made(step) or line_passed(step)
    if line is None or line.node.function != "power" or line.reads[0] is None:
        return None
    exponent = line.node.sources[1].operand.constant
    if exponent is None or exponent.denominator != 1 or not 2 <= exponent <= MOST_LESSENED:
        return None
    count, base = int(exponent) - 1, line.reads[0]
    if line_made(step) is not None:
        return instead(step, by_operations(lambda a: prod([a] * count)), base)
    rule = by_operations(lambda upstream, a: prod([a] * (count - 1), start=count * upstream))
    return instead(step, rule, step.reads[0], base)


def _not_transposed(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "matmul") or passed_through(step, "dot")
    if line is None or line.operand is None:
        return None
    shape = line.node.sources[1 - line.operand].operand.shape
    if len(shape) != 2 or shape[0] != shape[1] or line.reads[1 - line.operand] is None:
        return None
    return before(step, (1,), transposed)


FACTORS = (
    Misconception(
        code="own_operand",
        title="The operand itself for the other one",
        explanation=(
            "The derivative of a product by one factor is the other factor. You put the factor "
            "itself there."
        ),
        source="field",
        family=FAMILY,
        exposure="Give the factors different values and one shape.",
        changes=line_by_line(_own_for_other),
        ungated=OWN_MATRIX,
    ),
    Misconception(
        code="factor_left_out",
        title="Other factor left out",
        explanation=(
            "The gradient passes back through a product times the other factor, a given number as "
            "much as a parameter, and through a quotient over its denominator. You pass it on as "
            "it arrives."
        ),
        source="Ioffe, Szegedy (2015) for the scale of a normalization; field",
        family=FAMILY,
        exposure="Let the other factor differ from 1.",
        ungated=_left_out_anywhere,
    ),
    Misconception(
        code="negation_lost",
        title="Minus sign lost",
        explanation=(
            "What stands behind a minus is passed the gradient with its sign changed, as with a "
            "loss that is minus a mean of logarithms, or with a power whose exponent is negative. "
            "You lose the minus."
        ),
        source="field",
        family=FAMILY,
        exposure="Write a line with a minus before it.",
        ungated=_signs_lost,
    ),
    Misconception(
        code="difference_not_negated",
        title="Minus sign of a subtraction lost",
        explanation=(
            "What is subtracted is passed the gradient with its sign changed. You pass it on as "
            "it is."
        ),
        source="field",
        family=FAMILY,
        exposure="Let something arrive there.",
        changes=line_by_line(_not_negated),
    ),
    Misconception(
        code="quotient_not_negated",
        title="Sign of a quotient's derivative lost",
        explanation=(
            "A quotient a/b falls where b grows: its derivative by b is −a/b². You leave out the "
            "minus."
        ),
        source="field",
        family=FAMILY,
        exposure="Let something arrive there.",
        changes=line_by_line(_quotient_not_negated),
    ),
    Misconception(
        code="quotient_not_squared",
        title="Denominator not squared",
        explanation="The derivative of a/b by b is −a/b². You divide by b once.",
        source="field",
        family=FAMILY,
        exposure="Let the denominator differ from 1.",
        changes=line_by_line(_quotient_not_squared),
    ),
    Misconception(
        code="exponent_factor_forgotten",
        title="Exponent not brought down as a factor",
        explanation="The derivative of xⁿ is n xⁿ⁻¹. You leave out the factor n.",
        source="field",
        family=FAMILY,
        exposure="Use another exponent than 1.",
        changes=line_by_line(_factor_forgotten),
        ungated=in_turn(
            PENALTY_EXPONENT_FORGOTTEN, at_place("(its sign kept)", _factor_but_sign_forgotten)
        ),
    ),
    Misconception(
        code="exponent_not_lowered",
        title="Exponent not lowered by one",
        explanation="The derivative of xⁿ is n xⁿ⁻¹. You keep the exponent n.",
        source="field",
        family=FAMILY,
        exposure="Let the base differ from 1.",
        changes=line_by_line(_not_lowered),
    ),
    Misconception(
        code="exponent_one_less",
        title="Exponent one less than stated",
        explanation=(
            "This line takes a power. You take it with an exponent that is less by one: an array "
            "itself for its square, say."
        ),
        source="field",
        family=FAMILY,
        exposure="Let the base differ from 1.",
        ungated=line_by_line(_one_less),
    ),
    Misconception(
        code="factor_not_transposed",
        title="Matrix not transposed on the way back",
        explanation=(
            "Through C = A B the gradient passes as ∂L/∂A = ∂L/∂C Bᵀ and ∂L/∂B = Aᵀ ∂L/∂C. You "
            "multiply by the matrix as it is."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a square matrix that is not symmetric.",
        changes=line_by_line(_not_transposed),
        ungated=NOT_TRANSPOSED_ABOVE,
    ),
)
