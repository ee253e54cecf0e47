"""Mistakes in a line's own factor: products, quotients, powers, matrices."""

from __future__ import annotations

from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.programs.deriving import Line
from gradgrade.problems.misconceptions.base import Misconception
from gradgrade.problems.misconceptions.programs.lines import line_by_line, passed_through
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    entrywise,
    reading,
    scaled,
    transposed,
)

FAMILY = "factors"


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
    return None if name is None else after(step, entrywise(_multiplied), name)


def _multiplied(_: Arithmetic, made: Element, by: Element) -> Element:
    return made * by


def _exponent(step: Step) -> Fraction | None:
    line = passed_through(step, "power", 0)
    return None if line is None else line.node.sources[1].operand.constant


def _factor_forgotten(derivation: Derivation, step: Step) -> Step | None:
    exponent = _exponent(step)
    return None if exponent in (None, 0, 1) else after(step, scaled(1 / Fraction(exponent or 1)))


def _not_lowered(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "power", 0)
    exponent = _exponent(step)
    base = None if line is None else line.reads[0]
    if exponent in (None, 0, 1) or base is None:
        return None
    return after(step, entrywise(_multiplied), base)


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
    ),
    Misconception(
        code="difference_not_negated",
        title="Sign of a difference lost",
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
    ),
)
