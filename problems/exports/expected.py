"""What answers are compared with where another program grades: values, and how far off is right.

Never in anything that a student fetches.
"""

from dataclasses import dataclass
from fractions import Fraction

from gradgrade.oracle.exact_numbers import significant_digits
from gradgrade.oracle.nested import flatten
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.solve import Solution
from gradgrade.problems.walks.accepted import bands

BAND_DIGITS = 17


@dataclass(frozen=True, slots=True)
class ExpectedEntry:
    """One entry of an asked part: its digits, and how far an answer may lie from them; decimals."""

    value: str
    band: str


def expected_entries(solution: Solution) -> dict[str, list[ExpectedEntry]]:
    """Return the expected entries of every asked part, in the order of the document.

    >>> from gradgrade.problems import generate, solve
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> entries = expected_entries(solve(exercise, digits=6))["loss"]
    >>> entries[0].value, abs(float(entries[0].value) - 0.2491) <= float(entries[0].band)
    ('0.249090', True)
    """
    widths = bands(solution)
    return {
        part.name: _entries(part, solution, widths[part.name]) for part in solution.exercise.ask
    }


def _entries(
    part: AskedQuantity, solution: Solution, widths: list[Fraction]
) -> list[ExpectedEntry]:
    digits = flatten(solution[part.name].value)
    return [
        ExpectedEntry(value, significant_digits(*width.as_integer_ratio(), BAND_DIGITS))
        for value, width in zip(digits, widths, strict=True)
    ]
