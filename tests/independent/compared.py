"""What was found beside what was expected, compared in twice the digits that are asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import mpmath
from mpmath import MPContext

from tests.independent.nested import leaves, mapped, shape

DIGITS = 60
CONTEXT = MPContext()
CONTEXT.dps = 2 * DIGITS
STEP = Decimal("1e-40")
TOLERANCE = CONTEXT.mpf("1e-55")


def written(nested: Any) -> Any:
    """Values as decimal strings that lose nothing of interest."""
    return mapped(lambda value: mpmath.nstr(value, 100), nested)


def assert_close(found: Any, expected: Any, tolerance: Any = TOLERANCE) -> None:
    """Equal shapes, and entries that differ by no more than the tolerance."""
    assert shape(found) == shape(expected)
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        assert abs(CONTEXT.mpf(one) - CONTEXT.mpf(other)) <= tolerance


def assert_figures(found: Any, expected: Any, significant: int = 10) -> None:
    """Entries that round to the figures expected."""
    assert mapped(lambda v: float(mpmath.nstr(v, significant)), found) == expected


def quotient(numerator: int, denominator: int) -> Any:
    """A fraction in the precision of the tests."""
    return CONTEXT.mpf(numerator) / denominator
