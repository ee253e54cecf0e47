"""Mistakes in the derivative of a function: its argument for its value, and wrong forms of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix
from gradgrade.oracle.derivation.formulas.functions import exp, hadamard, where
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.functions.activation_derivatives import relu
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.primitives.arrays import matrix_shape, moved
from gradgrade.oracle.primitives.moving import entries_listed
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import Changes, Misconception, in_turn
from gradgrade.problems.misconceptions.programs.lines import (
    at_place,
    gradient_by_gradient,
    gradient_helped,
    is_of_its_shape,
    line_by_line,
    line_passed,
    number_beside,
    passed_through,
    source_line,
)
from gradgrade.problems.misconceptions.programs.written_out import (
    DIAGONAL_ALONE,
    slope_of_sigmoid_left_out,
)
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    after,
    entrywise,
    instead,
    reading,
    ruled,
    scaled,
)
from gradgrade.problems.misconceptions.slopes import SLOPES_FROM_VALUE

FAMILY = "functions"


def _argument_for_value(derivation: Derivation, step: Step) -> Step | None:
    line = line_passed(step)
    if line is None or line.node.function not in SLOPES_FROM_VALUE:
        return None
    argument = line.reads[0]
    if argument is None:
        return None
    slope = SLOPES_FROM_VALUE[line.node.function]

    return instead(step, _times_slope(slope), step.reads[0], argument)


def _times_slope(slope: Callable[[Any], Any]) -> Function:
    """Return the function that multiplies what arrives by a function's slope."""
    return entrywise(
        lambda _, upstream, of: upstream * slope(of),
        lambda upstream, of: hadamard(upstream, slope(of)),
    )


_SOFTMAX = ("softmax", "masked_softmax")

_ACTIVATIONS = ("sigmoid", "tanh", "relu", "softplus", "gelu", "silu", *_SOFTMAX)


def _is_rectifier(derivation: Derivation, line: Line) -> bool:
    """Tell whether a line is relu(x), max(x, 0), x where x > 0 and else 0, or x times x > 0."""
    match line.node.function, line.operand:
        case "relu", _:
            return True
        case "maximum", int(operand):
            return number_beside(line, operand) == 0
        case "where", 1:
            is_zero = line.node.sources[2].operand.constant == 0
            return is_zero and _is_positive(source_line(derivation, line, 0), line.reads[1])
        case "multiply", int(operand):
            condition = source_line(derivation, line, 1 - operand)
            return _is_positive(condition, line.reads[operand])
        case _:
            return False


def _is_positive(condition: Line | None, name: Name | None) -> bool:
    """Tell whether a condition is that a quantity is above 0."""
    if condition is None or condition.node.function not in ("greater", "greater_equal"):
        return False
    return condition.reads[0] == name and number_beside(condition, 0) == 0


def rectified_line(derivation: Derivation, step: Step) -> Line | None:
    """Return the rectifier through which a step passes a gradient back."""
    line = line_passed(step)
    if line is None or not _is_rectifier(derivation, line) or not is_of_its_shape(line):
        return None
    return line


def masked_by(step: Step, name: Name) -> Step:
    """Return a step that passes a gradient where a quantity is above 0."""
    return instead(step, _passed_above_zero, step.reads[0], name)


_passed_above_zero = entrywise(
    lambda numbers, upstream, of: upstream * relu(numbers, of),
    lambda upstream, of: hadamard(upstream, where(of > 0, 1, 0)),
)


def _rectified(derivation: Derivation, step: Step) -> Step | None:
    if rectified_line(derivation, step) is None:
        return None
    record = ACTIVATIONS["relu"]
    return instead(step, Written(record.apply, record.function), step.reads[0])


def _slope_left_out(derivation: Derivation, step: Step) -> Step | None:
    line = line_passed(step)
    if line is None or not is_of_its_shape(line):
        return None
    is_activation = line.node.function in _ACTIVATIONS or _is_rectifier(derivation, line)
    return ruled(step, unchanged, reads=step.reads[:1]) if is_activation else None


def _slope_twice(derivation: Derivation, step: Step) -> Step | None:
    """Of a function whose slope is written by its value, which is multiplied by it once more."""
    line = line_passed(step)
    if line is None or line.node.function not in ("sigmoid", "tanh"):
        return None
    return after(step, _times_slope(SLOPES_FROM_VALUE[line.node.function]), line.makes)


_ELEMENTARY = ("exp", "log", "sin", "cos", "sqrt", "abs", "log_sigmoid")
"""Functions of each entry that no layer is said to have as its activation."""


def _derivative_left_out(derivation: Derivation, step: Step) -> Step | None:
    line = line_passed(step)
    if line is None or line.node.function not in _ELEMENTARY or not is_of_its_shape(line):
        return None
    return ruled(step, unchanged, reads=step.reads[:1])


def _sign_of_sine(derivation: Derivation, step: Step) -> Step | None:
    is_sine = passed_through(step, "sin") or passed_through(step, "cos")
    return after(step, scaled(-1)) if is_sine else None


def _past_slope(derivation: Derivation, step: Step) -> Step | None:
    """Take for a given array's gradient what arrives at an activation, and not what leaves it."""
    line, above = line_passed(step), derivation.by_name.get(step.reads[0]) if step.reads else None
    if line is None or str(gradient_helped(derivation, step).of) not in derivation.given:
        return None
    while above is not None and (sum_passed := passed_through(above, "add")):
        above = derivation.by_name.get(above.reads[0]) if is_of_its_shape(sum_passed) else None
    if above is None or _slope_left_out(derivation, above) is None:
        return None
    return reading(step, {step.reads[0]: above.reads[0]})


def _past_slopes(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """In the gradient of one given array alone."""
    for place, mistaken in gradient_by_gradient(_past_slope)(derivation):
        if place:
            yield f"{place} alone", mistaken


RECTIFIED: Changes = line_by_line(_rectified)
SLOPE_LEFT_OUT: Changes = line_by_line(_slope_left_out)
SLOPE_LEFT_OUT_OTHERWISE: Changes = in_turn(
    at_place("of exponentials", slope_of_sigmoid_left_out), _past_slopes
)
SLOPE_TWICE: Changes = line_by_line(_slope_twice)


def _not_squared(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "tanh")
    if line is None:
        return None

    return instead(step, _times_slope(lambda a: 1 - a), step.reads[0], line.makes)


def _diagonal(derivation: Derivation, step: Step) -> Step | None:
    line = _softmax_passed(step)
    if line is None:
        return None

    return instead(step, _times_slope(SLOPES_FROM_VALUE["sigmoid"]), step.reads[0], line.makes)


def _softmax_passed(step: Step) -> Line | None:
    line = line_passed(step)
    if line is None or line.node.function not in _SOFTMAX or not is_of_its_shape(line):
        return None
    return line


def _diagonal_of_logarithms(derivation: Derivation, step: Step) -> Step | None:
    line = passed_through(step, "log_softmax")
    return None if line is None else instead(step, _off_one, step.reads[0], line.makes)


_off_one = entrywise(
    lambda numbers, upstream, logarithm: upstream * (1 - numbers.exp(logarithm)),
    lambda upstream, logarithm: hadamard(upstream, 1 - exp(logarithm)),
)


def _sum_left_out(derivation: Derivation, step: Step) -> Step | None:
    """Of ∂L/∂x = a ∘ (∂L/∂a − Σ a ∘ ∂L/∂a), and of ∂L/∂x = ∂L/∂a − p Σ ∂L/∂a where a is ln p."""
    if passed_through(step, "log_softmax"):
        return ruled(step, unchanged, reads=step.reads[:1])
    line = _softmax_passed(step)
    if line is None:
        return None
    return instead(step, _times_slope(lambda a: a), step.reads[0], line.makes)


def _overwritten(derivation: Derivation, step: Step) -> Step | None:
    """The last use of an entry or a row alone, where an index is repeated."""
    if (line := passed_through(step, "listed")) is not None:
        return _last_of_listed(step, line)
    line = passed_through(step, "rows")
    if line is None:
        return None
    right = step.rule
    ids = line.node.sources[1].operand
    assert ids.integers is not None
    count, width = prod(ids.shape), ids.integers[1] + 1
    later = EntryMap.of(
        (count, width),
        (count, width),
        tuple(
            tuple(other * width + column for other in range(row + 1, count))
            for row in range(count)
            for column in range(width)
        ),
    )

    def rule(arithmetic: Arithmetic, upstream: Matrix, picks: Matrix) -> Matrix:
        again = arithmetic.gather(picks, later)
        last = arithmetic.map(
            lambda numbers, pick, more: pick * (1 - numbers.minimum(more, 1 + 0 * more)),
            picks,
            again,
        )
        return right(arithmetic, upstream, last)

    return ruled(step, rule)


def _last_of_listed(step: Step, line: Line) -> Step | None:
    """What dx[…] = … keeps of each entry; None where none is listed twice."""
    (source,) = line.node.sources
    shape, indices = source.operand.shape, line.node.options["indices"]
    assert isinstance(indices, tuple)
    taken = entries_listed(shape, indices)
    last = {entry: place for place, entry in enumerate(taken)}
    if len(last) == len(taken):
        return None
    places = tuple((last[each],) if each in last else () for each in range(prod(shape)))
    kept = EntryMap.of(matrix_shape(shape), matrix_shape(line.node.operation.shape), places)
    return ruled(step, lambda arithmetic, upstream: arithmetic.gather(upstream, kept))


def _border_cut_behind(derivation: Derivation, step: Step) -> Step | None:
    """The first entries along each axis, where a border before them is to be left out."""
    line = passed_through(step, "pad")
    if line is None:
        return None
    (source,) = line.node.sources
    first = tuple(slice(length) for length in source.operand.shape)
    kept = moved(lambda each: each[first], line.node.operation.shape)
    return ruled(step, lambda arithmetic, upstream: arithmetic.gather(upstream, kept))


FUNCTIONS = (
    Misconception(
        code="argument_for_value",
        title="Argument put where the value belongs",
        explanation=(
            "The derivatives of exp, tanh and σ are written with the function's value: a, 1 − a² "
            "and a (1 − a). You put the argument there."
        ),
        source="field",
        family=FAMILY,
        exposure="Let argument and value differ.",
        changes=line_by_line(_argument_for_value),
    ),
    Misconception(
        code="tanh_value_not_squared",
        title="1 − tanh for 1 − tanh²",
        explanation="The derivative of tanh is 1 − tanh². You leave out the square.",
        source="field",
        family=FAMILY,
        exposure="Keep tanh away from its ends and its middle.",
        changes=line_by_line(_not_squared),
    ),
    Misconception(
        code="function_derivative_missing",
        title="Function's derivative missing",
        explanation=(
            "Through a function of each entry the gradient passes times the function's derivative: "
            "cos x of sin x, 1/x of ln x, the sign of x of its magnitude. You pass it on as it "
            "arrives."
        ),
        source="field",
        family=FAMILY,
        exposure="Let the derivative differ from 1.",
        changes=line_by_line(_derivative_left_out),
    ),
    Misconception(
        code="sine_derivative_sign",
        title="Sign of the derivative of sine or cosine",
        explanation=(
            "The derivative of sin x is cos x, and that of cos x is −sin x. You have the other "
            "sign."
        ),
        source="field",
        family=FAMILY,
        exposure="Let something arrive there.",
        changes=line_by_line(_sign_of_sine),
    ),
    Misconception(
        code="softmax_diagonal_alone",
        title="Diagonal of the softmax's Jacobian alone",
        explanation=(
            "Each output of a softmax depends on every input: ∂L/∂x = a ∘ (∂L/∂a − Σ a ∘ ∂L/∂a). "
            "You take a (1 − a) of each, as if it depended on its own input alone."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a softmax over more than one entry.",
        changes=line_by_line(_diagonal),
        ungated=in_turn(line_by_line(_diagonal_of_logarithms), DIAGONAL_ALONE),
    ),
    Misconception(
        code="softmax_sum_left_out",
        title="Sum left out of the softmax's gradient",
        explanation=(
            "Each output of a softmax depends on every input: ∂L/∂x = a ∘ (∂L/∂a − Σ a ∘ ∂L/∂a), "
            "and ∂L/∂x = ∂L/∂a − p Σ ∂L/∂a where a is ln p. You leave out what is subtracted."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a softmax over more than one entry, and let the sum differ from zero.",
        ungated=line_by_line(_sum_left_out),
    ),
    Misconception(
        code="repeated_index_overwritten",
        title="A repeated index overwritten",
        explanation=(
            "A row or an entry that is looked up twice has the sum of both gradients. You keep the "
            "last one, as dE[ids] = … and dE[ids] += … do; np.add.at adds them up."
        ),
        source="field",
        family=FAMILY,
        exposure="Look the same row, or entry, up twice.",
        changes=line_by_line(_overwritten),
    ),
    Misconception(
        code="border_cut_behind",
        title="Border cut off behind alone",
        explanation=(
            "What was padded stands behind a border, and so does its gradient: dx is dp[1:-1], "
            "say. You take the entries from the first one on, as dp[:-2] does, border and all."
        ),
        source="field",
        family=FAMILY,
        exposure="Pad before the first entry, not behind the last alone.",
        ungated=line_by_line(_border_cut_behind),
    ),
)
