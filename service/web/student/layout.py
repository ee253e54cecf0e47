"""Where the entries of an array stand on a page: tables of flat indices, whatever fills them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.problems import Exercise
from gradgrade.problems.drawing.networks.axes import Axis, axes
from gradgrade.problems.drawing.text import in_characters
from gradgrade.service.web.texts import gettext

MOST_SHOWN = 200
"""The most entries of an array that are shown one by one."""

Names = Sequence[Sequence[str]]
"""What the entries of each axis are called; empty where an axis has no names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A table of entries.

    Args:
        part: which part of the array it is, in words; empty where it is all of it.
        rows: the flat indices of the entries in each row.
        row_names: what the rows are called; empty where they are not told apart.
        column_names: likewise.
    """

    part: str
    rows: tuple[range, ...]
    row_names: tuple[str, ...] = ()
    column_names: tuple[str, ...] = ()


def names_of(exercise: Exercise, name: str) -> Names:
    """Return what the entries of a quantity are called: units as the drawing has them, samples.

    Args:
        exercise: whose quantity it is.
        name: the quantity's.

    Returns:
        The names of each axis; none at all where they would not tell all entries apart.
    """
    derivation = exercise.derivation()
    quantity = derivation.given.get(name) or derivation.find(name)
    if quantity is None:
        return ()
    shape = quantity.document_shape(exercise.convention)
    found = [_names(each, size) for each, size in zip(axes(exercise, quantity), shape, strict=True)]
    is_told_apart = all(own or size == 1 for own, size in zip(found, shape, strict=True))
    return found if is_told_apart else ()


def layouts(shape: Sequence[int], convention: Convention, names: Names = ()) -> Iterator[Layout]:
    """Yield the tables of an array: one, or one for each of the leading indices of more axes.

    Args:
        shape: of the array.
        convention: a vector is a row in row convention, else a column.
        names: of its axes; numbers stand for those that are missing.

    >>> list(layouts([3], "row", [["h₁", "h₂", "h₃"]]))
    [Layout(part='', rows=(range(0, 3),), row_names=(), column_names=('h₁', 'h₂', 'h₃'))]
    >>> [(each.part, each.rows, each.row_names) for each in layouts([2, 1, 2], "column")]
    [('index 1', (range(0, 2),), ('1',)), ('index 2', (range(2, 4),), ('1',))]
    """
    *leading, height, width = _matrix(shape, convention)
    row_names, column_names = _headings(shape, convention, names)
    for number, index in enumerate(product(*map(range, leading))):
        start = number * height * width
        yield Layout(
            part=_index(index) if index else "",
            rows=tuple(
                range(start + row * width, start + (row + 1) * width) for row in range(height)
            ),
            row_names=row_names,
            column_names=column_names,
        )


def place(shape: Sequence[int], index: int, names: Names = ()) -> str:
    """Return where an entry stands, in words.

    >>> place([4, 3], 5), place([4], 2), place([], 0)
    ('row 2, column 3', 'entry 3', 'the number')
    >>> place([2, 2], 1, [["o₁", "o₂"], ["h₁", "h₂"]]), place([2, 1], 1, [["h₁", "h₂"], []])
    ('o₁, h₂', 'h₂')
    """
    if not shape:
        return gettext("the number")
    at = [index // prod(shape[axis + 1 :]) % size for axis, size in enumerate(shape)]
    if any(names):
        return ", ".join(own[here] for own, here in zip(names, at, strict=True) if own)
    if len(shape) == 1:
        return gettext("entry %(number)s", number=at[0] + 1)
    *leading, row, column = at
    where = gettext("row %(row)s, column %(column)s", row=row + 1, column=column + 1)
    return f"{_index(leading)}, {where}" if leading else where


def _names(axis: Axis, size: int) -> Sequence[str]:
    if axis.kind == "samples":
        # Of one sample there is nothing to tell.
        counted = range(1, size + 1) if size > 1 else ()
        return [gettext("sample %(number)s", number=number) for number in counted]
    return list(map(in_characters, axis.names))


def _headings(
    shape: Sequence[int], convention: Convention, names: Names
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the rows and of the columns of an array's tables."""
    if not any(names):
        names = [[str(number + 1) for number in range(size)] for size in shape]
        if prod(shape[-2:]) == 1:
            return (), ()
    if len(shape) >= 2:
        return tuple(names[-2]), tuple(names[-1])
    own = tuple(names[0]) if names else ()
    return ((), own) if convention == "row" else (own, ())


def _index(leading: Sequence[int]) -> str:
    return gettext("index %(numbers)s", numbers=", ".join(str(each + 1) for each in leading))


def _matrix(shape: Sequence[int], convention: Convention) -> Sequence[int]:
    if len(shape) >= 2:
        return shape
    size = prod(shape)
    return (1, size) if convention == "row" else (size, 1)
