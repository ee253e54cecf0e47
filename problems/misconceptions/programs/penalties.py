"""Mistakes with a penalty that a program adds to its loss: what squares of weights send back."""

from __future__ import annotations

from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.roles import Total
from gradgrade.oracle.derivation.steps import Step
from gradgrade.problems.misconceptions.base import Changes, StepChange
from gradgrade.problems.misconceptions.programs.lines import (
    at_place,
    line_passed,
    number_beside,
    passed_through,
)
from gradgrade.problems.misconceptions.rewriting import after, scaled


def _is_of_penalty(derivation: Derivation, step: Step) -> bool:
    """Tell whether a step passes back to an array, used elsewhere too, the sum of its squares."""
    line = line_passed(step)
    if line is None:
        return False
    is_power = line.node.function == "power" and number_beside(line, 0) == 2
    is_product = line.node.function == "multiply" and line.reads[0] == line.reads[1]
    above = derivation.by_name.get(step.reads[0])
    if not (is_power or is_product) or above is None or not passed_through(above, "sum"):
        return False
    totals = (each for each in derivation.steps if isinstance(each.role, Total))
    return any(step.name in each.reads for each in totals)


def _gradient_scaled(factor: Fraction | int) -> StepChange:
    def change(derivation: Derivation, step: Step) -> Step | None:
        return after(step, scaled(factor)) if _is_of_penalty(derivation, step) else None

    return change


def _power_scaled(derivation: Derivation, step: Step) -> Step | None:
    is_power = passed_through(step, "power") is not None
    return _gradient_scaled(Fraction(1, 2))(derivation, step) if is_power else None


PENALTY_DOUBLED: Changes = at_place("", _gradient_scaled(2))
PENALTY_SUBTRACTED: Changes = at_place("", _gradient_scaled(-1))
PENALTY_EXPONENT_FORGOTTEN: Changes = at_place("of a penalty", _power_scaled)
