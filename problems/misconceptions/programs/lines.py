"""Which operation of a program a step passes a gradient through, and mistakes made line by line."""

from __future__ import annotations

from math import prod

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.programs.deriving import Line
from gradgrade.oracle.programs.graph import Source
from gradgrade.problems.misconceptions.base import Changes, StepChange, place_by_place

MOST_LINES = 12
"""In so many lines a mistake is looked for alone."""


def line_passed(step: Step) -> Line | None:
    """Return the operation of a program through which a step passes a gradient back."""
    if not isinstance(step.role, PullBack):
        return None
    return next((each for each in step.role.through if isinstance(each, Line)), None)


def passed_through(step: Step, function: str, operand: int | None = None) -> Line | None:
    """Return the operation through which a step passes a gradient, if it is the function's.

    Args:
        step: of the way back.
        function: what the table of primitives calls it.
        operand: to which operand, by place from 0; None for any.
    """
    line = line_passed(step)
    if line is None or line.node.function != function:
        return None
    return line if operand in (None, line.operand) else None


def own_operand(line: Line) -> Source:
    """Return the operand that a gradient is passed to."""
    assert line.operand is not None
    return line.node.sources[line.operand]


def repeats(line: Line) -> int:
    """Return how often each entry of the operand is used, where it is repeated to a shape."""
    return prod(line.node.operation.shape) // prod(own_operand(line).operand.shape)


def is_seed(derivation: Derivation, name: Name) -> bool:
    """Tell whether an upstream gradient is the 1 that the way back begins with."""
    step = derivation.by_name.get(name)
    return step is not None and not step.reads


def line_by_line(*changes: StepChange) -> Changes:
    """Make a step-wise change in all lines at once and, where there are several, in each alone."""

    def line_of(step: Step) -> int:
        line = line_passed(step)
        if line is None and isinstance(step.role, Line):
            line = step.role
        return 0 if line is None else line.node.place.line

    return place_by_place(*changes, place_of=line_of, what="line", most=MOST_LINES)
