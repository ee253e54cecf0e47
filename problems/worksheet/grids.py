"""Arrays as grids of numerals that fit a page.

A vector is a column in column convention and a row in row convention, as formulas take it. An array
of more than two axes is one grid for each of its leading indices, counted from 1; a grid too large
for a page is cut into blocks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.nested import shape_of

MOST_COLUMNS = 6
MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of numerals, and which part of the array they are; no words where they are all of it."""

    rows: tuple[tuple[str, ...], ...]
    part: str = ""


def grids(array: Any, convention: Convention) -> tuple[Grid, ...]:
    """Return an array of numerals as grids.

    >>> grids(["1", "2"], "column")
    (Grid(rows=(('1',), ('2',)), part=''),)
    >>> [grid.part for grid in grids([[["1"]], [["2"]]], "column")]
    ['index 1', 'index 2']
    """
    shape = shape_of(array)
    if len(shape) <= 2:
        return tuple(_blocks(matrix_of(array, convention), ""))
    return tuple(
        grid
        for index in product(*map(range, shape[:-2]))
        for grid in _blocks(_at(array, index), f"index {', '.join(str(i + 1) for i in index)}")
    )


def matrix_of(array: Any, convention: Convention) -> list[list[str]]:
    """Return a number, vector or matrix as rows."""
    rank = len(shape_of(array))
    if rank == 2:
        rows: list[list[str]] = array
        return rows
    if rank == 1:
        return [array] if convention == "row" else [[entry] for entry in array]
    return [[array]]


def _at(array: Any, index: tuple[int, ...]) -> Any:
    for each in index:
        array = array[each]
    return array


def _blocks(rows: list[list[str]], part: str) -> Iterator[Grid]:
    for top in range(0, len(rows), MOST_ROWS):
        for left in range(0, len(rows[0]), MOST_COLUMNS):
            block = tuple(
                tuple(row[left : left + MOST_COLUMNS]) for row in rows[top : top + MOST_ROWS]
            )
            words = [part] if part else []
            if len(rows) > MOST_ROWS:
                words.append(_range("rows", top, len(block)))
            if len(rows[0]) > MOST_COLUMNS:
                words.append(_range("columns", left, len(block[0])))
            yield Grid(block, ", ".join(words))


def _range(what: str, start: int, count: int) -> str:
    return f"{what} {start + 1} to {start + count}"
