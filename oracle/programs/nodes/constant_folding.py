"""Numbers of the text folded, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradgrade.oracle.exact_numbers import binary64

LARGEST = Fraction(float.fromhex("0x1.fffffffffffffp+1023"))


def fold(function: str, numbers: Sequence[Fraction | None]) -> Fraction | None:
    """Return what an operator makes of numbers of the text alone, exactly; None of others.

    Args:
        function: the operator's.
        numbers: its operands; None of one that is no number of the text.

    Raises:
        ValueError: it is a division by 0, or no number that code has.

    >>> fold("divide", [Fraction(1), Fraction(3)])
    Fraction(1, 3)
    """
    found: Fraction
    match function, numbers:
        case "add", [Fraction() as a, Fraction() as b]:
            found = a + b
        case "subtract", [Fraction() as a, Fraction() as b]:
            found = a - b
        case "multiply", [Fraction() as a, Fraction() as b]:
            found = a * b
        case "divide", [Fraction() as a, Fraction() as b]:
            if b == 0:
                raise ValueError("a division by 0")
            found = a / b
        case "negative", [Fraction() as a]:
            return -a
        case _:
            return None
    if abs(found) > LARGEST:
        raise ValueError("it is outside the range of numbers (about 1.8e308)")
    if found and not nearest_double(found):
        raise ValueError("it is below the smallest number that code has (about 4.9e-324)")
    # What code may lose by cancellation is left to the walk.
    cancels = function in ("add", "subtract") and not _are_doubles(a, b, found)
    return None if cancels else found


def _are_doubles(*numbers: Fraction) -> bool:
    return all(nearest_double(each) == each for each in numbers)


def nearest_double(number: Fraction) -> Fraction:
    """Return the number that code takes a numeral for.

    >>> nearest_double(Fraction(1, 2)), nearest_double(Fraction(1, 10)) == Fraction(1, 10)
    (Fraction(1, 2), False)
    """
    return Fraction(binary64(*number.as_integer_ratio()))
