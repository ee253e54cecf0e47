"""Mistakes with a variance that lines of a program take: what it is divided by, and its ε."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.formulas.expression import Number
from gradgrade.oracle.derivation.formulas.functions import sqrt
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import Changes, Misconception, everywhere, in_turn
from gradgrade.problems.misconceptions.programs.lines import (
    at_place,
    line_by_line,
    line_made,
    line_passed,
    line_scaled,
    lines_reading,
    number_beside,
    source_line,
    terms,
)
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    after,
    before,
    increased,
    ruled,
)

FAMILY = "statistics"

LARGEST_EPSILON = Fraction(1, 64)
"""What is added to an array and is no larger guards it against 0."""


def _is_of_squared_deviations(derivation: Derivation, line: Line) -> bool:
    """Tell whether what is summed or averaged are squares of differences from a mean."""
    squares = source_line(derivation, line)
    if squares is None:
        return False
    is_power = squares.node.function == "power" and number_beside(squares, 0) == 2
    is_product = squares.node.function == "multiply" and squares.reads[0] == squares.reads[1]
    deviations = source_line(derivation, squares)
    if not (is_power or is_product) or deviations is None or deviations.node.function != "subtract":
        return False
    return _is_mean(derivation, source_line(derivation, deviations, 1))


def _is_mean(derivation: Derivation, line: Line | None) -> bool:
    """Tell whether a line is a mean, or a sum over as many as there are."""
    if line is None or line.node.function == "mean":
        return line is not None
    total, by = _scaled_sum(derivation, line)
    return total is not None and by == Fraction(1, terms(total))


def _scaled_sum(derivation: Derivation, line: Line) -> tuple[Line, Fraction] | tuple[None, None]:
    """Return the sum that a line divides by a number, or multiplies by one, and that factor."""
    for operand in (0, 1) if line.node.function == "multiply" else (0,):
        number, total = number_beside(line, operand), source_line(derivation, line, operand)
        if number and total is not None and total.node.function == "sum":
            return total, number if line.node.function == "multiply" else 1 / number
    return None, None


def _to_unbiased(derivation: Derivation, line: Line) -> Fraction | None:
    is_variance = line.node.function == "var" and not line.node.options.get("ddof")
    is_mean = line.node.function == "mean" and _is_of_squared_deviations(derivation, line)
    count = terms(line) if is_variance or is_mean else 1
    return Fraction(count, count - 1) if count > 1 else None


def _to_biased(derivation: Derivation, line: Line) -> Fraction | None:
    if line.node.function == "var" and line.node.options.get("ddof") == 1:
        return Fraction(terms(line) - 1, terms(line))
    is_scaled = line.node.function in ("multiply", "divide")
    total, by = _scaled_sum(derivation, line) if is_scaled else (None, None)
    if total is None or terms(total) == 1 or by != Fraction(1, terms(total) - 1):
        return None
    is_variance = _is_of_squared_deviations(derivation, total)
    return Fraction(terms(total) - 1, terms(total)) if is_variance else None


def _divided_otherwise(factor: Callable[[Derivation, Line], Fraction | None]) -> Changes:
    """Divide variances by another number, and what is passed back through them or not."""
    in_value = line_scaled(factor, on_the_way_back=False)
    return in_turn(
        line_by_line(line_scaled(factor)), at_place("in the forward pass alone", in_value)
    )


unbiased: Changes = _divided_otherwise(_to_unbiased)
"""Variances are divided by one less than there are entries."""


def _epsilon(line: Line | None) -> Fraction | None:
    """Return what a line adds to an array to guard it against 0."""
    if line is None or line.node.function != "add" or line.reads[0] is None:
        return None
    number = number_beside(line, 0)
    return number if number is not None and 0 < number <= LARGEST_EPSILON else None


def is_epsilon(line: Line) -> bool:
    """Tell whether what a line adds only guards an array against 0."""
    return _epsilon(line) is not None


def _without_epsilon(derivation: Derivation, step: Step) -> Step | None:
    if _epsilon(line_made(step)) is None:
        return None
    return ruled(step, unchanged, reads=step.reads[:1])


def is_root(line: Line | None) -> bool:
    """Tell whether a line is a square root."""
    if line is None:
        return False
    is_power = line.node.function == "power" and number_beside(line, 0) == Fraction(1, 2)
    return is_power or line.node.function == "sqrt"


def _outside(derivation: Derivation, step: Step) -> Step | None:
    """√(v + ε) becomes √v + ε: ε is taken from what the root is of, and added to the root."""
    made = line_made(step)
    if _epsilon(made) is not None:
        is_under_root = any(map(is_root, lines_reading(derivation, step.name)))
        return _without_epsilon(derivation, step) if is_under_root else None
    root = made or line_passed(step)
    if root is None or not is_root(root):
        return None
    epsilon = _epsilon(source_line(derivation, root))
    if epsilon is None:
        return None
    if made is not None:
        return after(step, increased(epsilon))
    return before(step, positions(step, {root.makes}), increased(-epsilon))


def _outside_inverse(derivation: Derivation, step: Step) -> Step | None:
    """(v + ε)^−½ becomes 1/(√v + ε), which one goes back through as if it were right."""
    root = line_made(step)
    if root is None or root.node.function != "power":
        return None
    if number_beside(root, 0) != Fraction(-1, 2):
        return None
    epsilon = _epsilon(source_line(derivation, root))
    return None if epsilon is None else after(step, _with_root_increased(epsilon))


def _with_root_increased(epsilon: Fraction) -> Function:
    """Return the function that makes 1/(√v + ε) of (v + ε)^−½."""

    def entry(numbers: Arithmetic, inverse: Element, epsilon: Element) -> Element:
        root = numbers.sqrt(numbers.divide(1, inverse * inverse) - epsilon)
        return numbers.divide(1, root + epsilon)

    def function(arithmetic: Arithmetic, inverse: Matrix) -> Matrix:
        return arithmetic.map(entry, inverse, arithmetic.constant(epsilon))

    return Written(
        function,
        lambda of: 1 / (sqrt(1 / of**2 - Number(epsilon)) + Number(epsilon)),
    )


EPSILON_OUTSIDE: Changes = in_turn(
    everywhere(_outside), at_place("of an inverse", _outside_inverse)
)

STATISTICS = (
    Misconception(
        code="biased_variance",
        title="Variance divided by n",
        explanation=(
            "This variance divides the sum of squares by one less than there are entries. You "
            "divide by their number."
        ),
        source="field: numpy.var divides by n, torch.var by n − 1",
        family=FAMILY,
        exposure="Use few entries.",
        ungated=_divided_otherwise(_to_biased),
    ),
    Misconception(
        code="epsilon_forgotten",
        title="ε forgotten",
        explanation=(
            "A small ε is added here, so that nothing is divided by zero. You leave it out, which "
            "changes the last digits."
        ),
        source="Ioffe, Szegedy (2015)",
        family=FAMILY,
        exposure="Ask for more digits, or give ε a value that shows.",
        ungated=line_by_line(_without_epsilon),
    ),
)
