"""How many cases are tried: a share of those that a test asks for, or all by `make full`."""

import os
from collections.abc import Sequence
from typing import TypeVar

Case = TypeVar("Case")

VARIABLE = "GRADGRADE_EXAMPLES"
"""The share of the cases that are tried: 1 for all; where it is not set, it is the usual one."""

USUAL = 0.07
"""So many that a run of all tests is short; `make full` tries all cases."""

FEWEST = 3


def examples(number: int, *, in_full: int | None = None) -> int:
    """Return how many cases hypothesis draws where a test asks for so many.

    Args:
        number: how many show what the test is about.
        in_full: how many `make full` tries, where that is to be more.
    """
    if in_full is not None and share() >= 1:
        return in_full
    return min(number, max(FEWEST, round(number * share())))


def spread(cases: Sequence[Case]) -> list[Case]:
    """Return the cases of a table that are tried where many show the same: evenly spread ones.

    A case that alone shows what it shows has no place in such a table.

    Args:
        cases: all of the table.

    >>> len(spread(range(100))) == examples(100)
    True
    """
    number = examples(len(cases))
    return [cases[index * len(cases) // number] for index in range(number)]


def share() -> float:
    """Return the share of the cases that are tried."""
    return float(os.environ.get(VARIABLE, USUAL))
