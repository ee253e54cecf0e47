"""Whole numbers that pick something: of a batch a sample, of an array a row.

Documents show the numbers; a walk is given a row of 0 and a single 1 for each, so that what is
picked differs from variant to variant of one structure.
"""

from dataclasses import dataclass
from math import prod
from typing import Any

from gradgrade.oracle.nested import Shape, flatten
from gradgrade.problems.documents.base import as_whole
from gradgrade.problems.documents.number import Number
from gradgrade.problems.errors import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """An array of whole numbers that pick.

    Args:
        name: of the array.
        shape: as documents show it.
        lowest, highest: which numbers there may be.
        first: what the first that can be picked is called.
        what: one of the things that are picked.
    """

    name: str
    shape: Shape
    lowest: int
    highest: int
    first: int
    what: str

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return prod(self.shape)

    def rows(self, array: Any) -> list[list[int]]:
        """Return the rows of 0 and 1 that stand for an array of numbers.

        Raises:
            FieldError: one of them picks nothing.

        >>> picks = Picks(name="ids", shape=(2,), lowest=0, highest=2, first=0, what="index")
        >>> picks.rows([Number("2"), Number("0")])
        [[0, 0, 1], [1, 0, 0]]
        """
        width = range(self.first, self.highest + 1)
        return [
            [int(picked == each) for each in width] for picked in map(self._whole, flatten(array))
        ]

    def _whole(self, number: Number) -> int:
        count = as_whole(number)
        if not isinstance(count, int) or not self.lowest <= count <= self.highest:
            raise FieldError(
                ("given", self.name),
                f"{number.text} is no {self.what} from {self.lowest} to {self.highest}",
            )
        return count
