"""Agreement of the oracle with the independent interpreter of exercises, to 45 digits."""

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gradgrade.oracle import Derivation, evaluate
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems import Exercise
from tests.independent.interpreter import interpret

DIGITS = 45
# Both compute with so many digits that what cancellation leaves of a value still has its 45, and
# that what rounding leaves of a zero is told from a value by its size.
WORKING_DIGITS = 160
NOTHING = Fraction(1, 10**110)


def interpreted(exercise: Exercise, digits: int = WORKING_DIGITS) -> dict[str, Any]:
    """What the independent interpreter finds."""
    return interpret(json.loads(exercise.to_json(), parse_float=Decimal), digits)


def exact(number: Any) -> Fraction:
    """The exact value of a number of mpmath, or of a numeral."""
    if isinstance(number, str):
        return Fraction(number)
    sign, mantissa, exponent, _ = number._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def agrees(found: Fraction, expected: Fraction) -> bool:
    """Whether two values agree to 45 digits, or are both nothing."""
    if abs(found) < NOTHING:
        return abs(expected) < NOTHING
    return abs(found - expected) * 10**DIGITS <= abs(expected)


def same(found: Any, expected: Any) -> bool:
    """Whether nested numbers have the same shape and agree."""
    return shape_of(found) == shape_of(expected) and all(
        agrees(exact(one), exact(other))
        for one, other in zip(flatten(found), flatten(expected), strict=True)
    )


def disagreements(
    derivation: Derivation, givens: Mapping[str, Any], expected: Mapping[str, Any]
) -> list[str]:
    """The quantities that a derivation makes otherwise than expected."""
    values = evaluate(derivation, givens, Reference(digits=WORKING_DIGITS))
    return [name for name, value in values.items() if not same(value, expected[name])]


def assert_same_as_interpreter(exercise: Exercise) -> None:
    """Assert that oracle and interpreter find the same quantities with the same values."""
    expected, derivation = interpreted(exercise), exercise.derivation()
    assert set(expected) == set(derivation.results)
    assert disagreements(derivation, exercise.givens(), expected) == []
