"""The ranges in which the entries of an answer are accepted, for whoever marks by hand."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from itertools import product
from math import isfinite

from gradgrade.oracle.accuracy.tolerance import accepted_doubles
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.solve import Solution
from gradgrade.problems.walks.accepted import accepted_ends

DIGITS_OF_WIDTH = 3
"""So many digits of a range's width are kept: a hundredth of it is lost, or less."""

PRECISION = 800
"""More than any double has."""


def accepted_ranges(solution: Solution) -> Iterator[tuple[str, ...]]:
    """Yield what is accepted of the entries of each asked part, in the order of the document.

    Args:
        solution: of the exercise that asks.

    Raises:
        ExerciseError: no tolerance can be derived.

    >>> from gradgrade.problems import generate, solve
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> next(accepted_ranges(solve(exercise, digits=6)))
    ('a1[1, 1]: 0.600988 to 0.601187', 'a1[2, 1]: 0.615284 to 0.615483')
    """
    ends = accepted_ends(solution)
    for part in solution.exercise.ask:
        ranges = (shown(*accepted_doubles(*each)) for each in ends[part.name])
        yield tuple(f"{label}: {each}" for label, each in zip(_labels(part), ranges, strict=True))


def _labels(part: AskedQuantity) -> Iterator[str]:
    """Yield what each entry is called: its indices count from 1, as on paper."""
    for index in product(*(range(1, length + 1) for length in part.shape)):
        yield f"{part.name}[{', '.join(map(str, index))}]" if index else part.name


def shown(low: float, high: float) -> str:
    """Return a range with no more digits than it needs; what is shown is accepted.

    >>> shown(0.24899154152915416, 0.24918954152915418)
    '0.248992 to 0.249189'
    >>> shown(2.5, 2.5)
    '2.5'
    """
    if low == high:
        return repr(low)
    if not (isfinite(low) and isfinite(high)):
        return f"{low!r} to {high!r}"
    with localcontext(prec=PRECISION):
        width = Decimal(high) - Decimal(low)
        unit = Decimal(1).scaleb(width.adjusted() - DIGITS_OF_WIDTH + 1)
        first = Decimal(low).quantize(unit, ROUND_CEILING)
        last = Decimal(high).quantize(unit, ROUND_FLOOR)
    return f"{_written(first)} to {_written(last)}"


def _written(number: Decimal) -> str:
    return "0" if number.is_zero() else str(number)
