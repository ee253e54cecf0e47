"""Where the entries of an array stand on a page: tables of flat indices, whatever fills them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from gradgrade.oracle.derivation.quantities import Convention

MOST_SHOWN = 200
"""The most entries of an array that are shown, or asked for, one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A table of entries.

    Args:
        part: which part of the array it is, in words; empty where it is all of it.
        rows: the flat indices of the entries in each row.
    """

    part: str
    rows: tuple[range, ...]


def layouts(shape: Sequence[int], convention: Convention) -> Iterator[Layout]:
    """Yield the tables of an array: one, or one for each of the leading indices of more axes.

    >>> list(layouts([3], "row"))
    [Layout(part='', rows=(range(0, 3),))]
    >>> [(each.part, each.rows) for each in layouts([2, 1, 2], "column")]
    [('index 1', (range(0, 2),)), ('index 2', (range(2, 4),))]
    """
    *leading, height, width = _matrix(shape, convention)
    for number, index in enumerate(product(*map(range, leading))):
        start = number * height * width
        yield Layout(
            part=f"index {', '.join(str(each + 1) for each in index)}" if index else "",
            rows=tuple(
                range(start + row * width, start + (row + 1) * width) for row in range(height)
            ),
        )


def place(shape: Sequence[int], index: int) -> str:
    """Return where an entry stands, in words.

    >>> place([4, 3], 5), place([4], 2), place([], 0)
    ('row 2, column 3', 'entry 3', 'the number')
    """
    if len(shape) < 2:
        return f"entry {index + 1}" if shape else "the number"
    at = [index // prod(shape[axis + 1 :]) % size + 1 for axis, size in enumerate(shape)]
    leading = f"index {', '.join(map(str, at[:-2]))}, " if at[:-2] else ""
    return f"{leading}row {at[-2]}, column {at[-1]}"


def _matrix(shape: Sequence[int], convention: Convention) -> Sequence[int]:
    if len(shape) >= 2:
        return shape
    size = prod(shape)
    return (1, size) if convention == "row" else (size, 1)
