"""Nested sequences, the form in which arrays cross the oracle's edges."""

from collections.abc import Sequence
from math import prod
from typing import Any

from gradgrade.oracle.errors import ShapeMismatch

Shape = tuple[int, ...]

_SEQUENCES = frozenset({list, tuple})


def is_sequence(value: Any) -> bool:
    """Tell whether `value` is one more level of nesting rather than a number."""
    return type(value) in _SEQUENCES


def shape_of(value: Any) -> Shape:
    """Return the shape of a rectangular nested sequence; a bare number has shape ().

    Raises:
        ShapeMismatch: the nesting is ragged or has an empty level.

    >>> shape_of([[1, 2, 3], [4, 5, 6]]), shape_of(7)
    ((2, 3), ())
    """
    if not is_sequence(value):
        return ()
    if not value:
        raise ShapeMismatch("an array is empty")
    if _SEQUENCES.isdisjoint(map(type, value)):
        return (len(value),)
    first, *rest = map(shape_of, value)
    if any(shape != first for shape in rest):
        raise ShapeMismatch("an array is ragged: its rows differ in length")
    return (len(value), *first)


def flatten(value: Any) -> list[Any]:
    """Return the numbers of a rectangular nested sequence, the last index running fastest.

    >>> flatten([[1, 2], [3, 4]]), flatten(7)
    ([1, 2, 3, 4], [7])
    """
    if not is_sequence(value):
        return [value]
    flat = list(value)
    while flat and is_sequence(flat[0]):
        flat = [entry for part in flat for entry in part]
    return flat


def build(flat: Sequence[Any], shape: Shape) -> Any:
    """Nest a flat sequence into `shape`; the inverse of `flatten`.

    >>> build([1, 2, 3, 4], (2, 2)), build([5], ())
    ([[1, 2], [3, 4]], 5)
    """
    if not shape:
        return flat[0]
    if len(shape) == 1:
        return list(flat)
    size = prod(shape[1:])
    return [build(flat[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


def transpose(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Exchange rows and columns.

    >>> transpose([[1, 2, 3], [4, 5, 6]])
    [[1, 4], [2, 5], [3, 6]]
    """
    return [list(column) for column in zip(*rows, strict=True)]
