"""What an exercise asks that does not suit where it is exported to."""

from collections.abc import Iterator
from math import ceil, floor, log10

from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.exports.expected import ExpectedEntry, expected_entries
from gradgrade.problems.solve import solve

DIGITS_OF_DOUBLE = 17

MOST_TYPED_DIGITS = 300
"""What a student may be asked to write or type into boxes without a warning."""

FILLED_IN_BY_PROGRAM = frozenset({"notebook", "nbgrader"})


def warnings(exercise: Exercise, form: str) -> Iterator[str]:
    """Yield what does not suit a format, a line each.

    Args:
        exercise: one variant; what is found holds for all of its kind, about.
        form: a format of `sheets`.

    Raises:
        OracleError: a quantity is undefined, leaves binary64's range, or cannot be proven.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("first-steps"), "relu", student="1", secret=b"0")
    >>> list(warnings(exercise, "notebook"))
    []
    """
    if form in FILLED_IN_BY_PROGRAM:
        return
    entries = [each for part in expected_entries(solve(exercise)).values() for each in part]
    digits = list(map(_digits, entries))
    if sum(digits) > MOST_TYPED_DIGITS:
        yield (
            f"{exercise.name}: {len(digits)} boxes with up to {max(digits)} digits each, "
            f"{sum(digits)} digits in all, are much to fill in by hand: ask for less, state a "
            "tolerance such as {significant = 4}, or hand out notebooks"
        )


def _digits(entry: ExpectedEntry) -> int:
    """Return how many significant digits of an entry are needed, so that it is taken rounded."""
    value, band = abs(float(entry.value)), float(entry.band)
    if not value:
        return 1
    if not band:
        return DIGITS_OF_DOUBLE
    needed = ceil(floor(log10(value)) + 1 - log10(2 * band))
    return min(DIGITS_OF_DOUBLE, max(1, needed))
