"""Which operation of a program a step passes a gradient through, and mistakes made line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import chain
from math import prod

from gradgrade.oracle import Derivation
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.programs.lines import Line
from gradgrade.oracle.programs.nodes.node import Source
from gradgrade.problems.misconceptions.base import (
    Changes,
    StepChange,
    changed_steps,
    everywhere,
    place_by_place,
    replaced,
)
from gradgrade.problems.misconceptions.rewriting import after, scaled

MOST_LINES = 12
"""In so many lines, or gradients, a mistake is looked for alone."""

REPEATING = ("add", "subtract", "multiply", "divide")
"""What repeats its operands to one shape."""

_MOVING = ("entries", "reshape", "transpose", "swapaxes")
"""What has the entries of its operand, some or all, in another order."""


def line_passed(step: Step) -> Line | None:
    """Return the operation of a program through which a step passes a gradient back."""
    if not isinstance(step.role, PullBack):
        return None
    return next((each for each in step.role.through if isinstance(each, Line)), None)


def line_made(step: Step | None) -> Line | None:
    """Return the operation of a program that a step of the forward pass is."""
    return step.role if step is not None and isinstance(step.role, Line) else None


@kept_with_argument
def steps_reading(derivation: Derivation) -> Mapping[Name, tuple[Step, ...]]:
    """Return the steps that read each quantity, in order."""
    found: dict[Name, tuple[Step, ...]] = {}
    for step in derivation.steps:
        for name in dict.fromkeys(step.reads):
            found[name] = (*found.get(name, ()), step)
    return found


def lines_reading(derivation: Derivation, name: Name) -> list[Line]:
    """Return the operations of the forward pass that read a quantity, in order."""
    steps = steps_reading(derivation).get(name, ())
    return [line for step in steps if (line := line_made(step))]


def source_line(derivation: Derivation, line: Line, operand: int = 0) -> Line | None:
    """Return the operation that makes an operand of another; None of what is given."""
    name = line.reads[operand]
    return None if name is None else line_made(derivation.by_name.get(name))


def unmoved_source(derivation: Derivation, line: Line, operand: int = 0) -> Line | None:
    """Return the same, with what only moves entries about left aside."""
    found = source_line(derivation, line, operand)
    while found is not None and found.node.function in _MOVING:
        found = source_line(derivation, found)
    return found


def number_beside(line: Line, operand: int) -> Fraction | None:
    """Return the number of the text that stands beside an operand of two; None of what varies."""
    return line.node.sources[1 - operand].operand.constant


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


def is_whole(line: Line, operand: int) -> bool:
    """Tell whether an operand is an array of the shape that a line makes."""
    is_named = line.reads[operand] is not None
    return is_named and line.node.sources[operand].operand.shape == line.node.operation.shape


def repeats(line: Line) -> int:
    """Return how often each entry of the operand is used, where it is repeated to a shape."""
    return prod(line.node.operation.shape) // prod(own_operand(line).operand.shape)


def is_of_its_shape(line: Line) -> bool:
    """Tell whether a result has its operand's shape, so that one's gradient may be the other's."""
    return line.node.operation.shape == own_operand(line).operand.shape


def terms(line: Line) -> int:
    """Return how many entries each sum, mean or variance is of."""
    return prod(line.node.sources[0].operand.shape) // prod(line.node.operation.shape)


def is_seed(derivation: Derivation, name: Name) -> bool:
    """Tell whether an upstream gradient is the 1 that the way back begins with."""
    step = derivation.by_name.get(name)
    return step is not None and not step.reads


def line_scaled(
    factor: Callable[[Derivation, Line], Fraction | None],
    *,
    in_value: bool = True,
    on_the_way_back: bool = True,
) -> StepChange:
    """Scale what a line makes, and what is passed back through it, by its factor if it has one."""

    def change(derivation: Derivation, step: Step) -> Step | None:
        line = (in_value and line_made(step)) or (on_the_way_back and line_passed(step)) or None
        by = None if line is None else factor(derivation, line)
        return None if by is None or by == 1 else after(step, scaled(by))

    return change


def at_place(place: str, *changes: StepChange) -> Changes:
    """Make a step-wise change at all steps at once, which is told by a place of its own."""

    def changed(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        return ((place, mistaken) for _, mistaken in everywhere(*changes)(derivation))

    return changed


def line_by_line(*changes: StepChange) -> Changes:
    """Make a step-wise change in all lines at once and, where there are several, in each alone."""

    def line_of(step: Step) -> int:
        line = line_passed(step) or line_made(step)
        return 0 if line is None else line.node.place.line

    return place_by_place(*changes, place_of=line_of, what="line", most=MOST_LINES)


def gradient_by_gradient(*changes: StepChange) -> Changes:
    """Make a step-wise change in all gradients at once and, where there are several, in each alone.

    What is passed back to entries of an array belongs to the array's gradient, in all iterations.
    """

    def changed(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        by_gradient: dict[Name, list[Step]] = {}
        for step, original in changed_steps(derivation, changes):
            by_gradient.setdefault(gradient_helped(derivation, original), []).append(step)
        if by_gradient:
            yield "", replaced(derivation, *chain.from_iterable(by_gradient.values()))
        if len(by_gradient) > 1:
            for gradient in list(by_gradient)[:MOST_LINES]:
                yield f"in {gradient}", replaced(derivation, *by_gradient[gradient])

    return changed


def gradient_helped(derivation: Derivation, step: Step) -> Name:
    """Return the gradient that a step of the way back makes, or makes some entries of."""
    assert isinstance(step.role, PullBack)
    name = step.role.to
    line = line_made(derivation.by_name.get(name))
    while line is not None and line.node.function in _MOVING and not line.node.is_line:
        if line.reads[0] is None:
            break  # a number of the text is moved
        name = line.reads[0]
        line = line_made(derivation.by_name.get(name))
    return name.bare.gradient
