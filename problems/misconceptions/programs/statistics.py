"""Mistakes with a variance that lines of a program take: what it is divided by, and its ε."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.programs.lines import Line
from gradgrade.problems.misconceptions.base import Changes, Misconception, everywhere
from gradgrade.problems.misconceptions.programs.lines import (
    at_place,
    line_by_line,
    line_made,
    line_passed,
    line_scaled,
    number_beside,
    source_line,
    terms,
)
from gradgrade.problems.misconceptions.recognition import positions
from gradgrade.problems.misconceptions.rewriting import after, before, increased, ruled

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
    means = source_line(derivation, deviations, 1)
    return means is not None and means.node.function == "mean"


def _to_unbiased(derivation: Derivation, line: Line) -> Fraction | None:
    is_variance = line.node.function == "var" and not line.node.options.get("ddof")
    is_mean = line.node.function == "mean" and _is_of_squared_deviations(derivation, line)
    count = terms(line) if is_variance or is_mean else 1
    return Fraction(count, count - 1) if count > 1 else None


def _to_biased(derivation: Derivation, line: Line) -> Fraction | None:
    if line.node.function == "var" and line.node.options.get("ddof") == 1:
        return Fraction(terms(line) - 1, terms(line))
    total = source_line(derivation, line) if line.node.function == "divide" else None
    if total is None or total.node.function != "sum":
        return None
    is_unbiased = number_beside(line, 0) == terms(total) - 1
    if not is_unbiased or not _is_of_squared_deviations(derivation, total):
        return None
    return Fraction(terms(total) - 1, terms(total))


def unbiased(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """Divide variances by one less than there are entries, and what is passed back through them."""
    in_value = line_scaled(_to_unbiased, on_the_way_back=False)
    yield from line_by_line(line_scaled(_to_unbiased))(derivation)
    yield from at_place("in the value alone", in_value)(derivation)


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


def _is_root(line: Line | None) -> bool:
    if line is None:
        return False
    is_power = line.node.function == "power" and number_beside(line, 0) == Fraction(1, 2)
    return is_power or line.node.function == "sqrt"


def _outside(derivation: Derivation, step: Step) -> Step | None:
    """√(v + ε) becomes √v + ε: ε is taken from what the root is of, and added to the root."""
    made = line_made(step)
    if _epsilon(made) is not None:
        readers = (each for each in derivation.steps if each.reads == (step.name,))
        is_under_root = any(_is_root(line_made(each)) for each in readers)
        return _without_epsilon(derivation, step) if is_under_root else None
    root = made or line_passed(step)
    if root is None or not _is_root(root):
        return None
    epsilon = _epsilon(source_line(derivation, root))
    if epsilon is None:
        return None
    if made is not None:
        return after(step, increased(epsilon))
    return before(step, positions(step, {root.makes}), increased(-epsilon))


EPSILON_OUTSIDE: Changes = everywhere(_outside)

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
        ungated=line_by_line(line_scaled(_to_biased)),
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
