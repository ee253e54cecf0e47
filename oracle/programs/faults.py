"""What is wrong with a program's text, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gradgrade.oracle.errors import OracleError

LONGEST_SHOWN = 144
"""Characters of a line that is shown; of a longer one, what is around the place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a program.

    Args:
        line: from 1.
        column: from 1, in characters.
        source: the whole line.
    """

    line: int
    column: int
    source: str


class ProgramError(OracleError):
    """A fault of a program's text: one line that says where and what, the line itself, and a caret.

    Args:
        message: what is wrong, and what to write instead.
        place: where.
        others: the faults of other lines, each of which would be told if this one were mended.

    >>> print(ProgramError("shapes [2] and [3] do not go together", Place(1, 5, "q = x + y")))
    line 1, column 5: shapes [2] and [3] do not go together
        q = x + y
            ^
    """

    def __init__(self, message: str, place: Place, others: tuple[ProgramError, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.others = others

    @classmethod
    def of_all(cls, faults: Iterable[ProgramError]) -> ProgramError:
        """Return the first fault with all others; one that is told twice is one fault."""
        first, *others = {(each.place, each.message): each for each in faults}.values()
        return cls(first.message, first.place, tuple(others))

    def __str__(self) -> str:
        """Return the message with its place, and the line with a caret under it."""
        place = self.place
        shown, before = _around(place)
        caret = " " * before + "^"
        told = f"line {place.line}, column {place.column}: {self.message}"
        return f"{told}\n    {shown}\n    {caret}"


def _around(place: Place) -> tuple[str, int]:
    """Return what is shown of a line, the whole where it is short, and how much before the place.

    >>> _around(Place(1, 201, "o = " + "x + " * 100))[1]
    73
    """
    before, after = place.source[: place.column - 1], place.source[place.column - 1 :]
    if len(place.source) > LONGEST_SHOWN:
        half = LONGEST_SHOWN // 2
        before = before if len(before) <= half else f"…{before[-half:]}"
        after = after if len(after) <= half else f"{after[:half]}…"
    return before + after, len(before)
