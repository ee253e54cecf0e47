"""What is taken of an array by indices: entries by constants, rows and picks by integers."""

from __future__ import annotations

from collections.abc import Callable

from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.moving import Index, entries, picked, rows_of
from gradgrade.oracle.primitives.primitive import Operation
from gradgrade.oracle.programs.nodes.arguments import ConstantOf, whole_number
from gradgrade.oracle.programs.nodes.node import Source
from gradgrade.oracle.programs.syntax import Call, Expression, Indexed, Span


def take(
    of: Indexed,
    source: Source,
    *,
    source_of: Callable[[Expression], Source],
    constant_of: ConstantOf,
) -> tuple[str, Operation, tuple[Source, ...]]:
    """Return what an index does: what it is called, the operation, and what that reads.

    Args:
        of: the array with its indices.
        source: the array.
        source_of: what an array of integers is.
        constant_of: what a constant among the indices is.

    Raises:
        ValueError: there are no such entries.
    """
    arrays = [each for each in of.indices if not isinstance(each, int | Span)]
    if not arrays:
        indices: list[Index] = []
        for each in of.indices:
            assert isinstance(each, int | Span)
            whole = each if isinstance(each, int) else slice(each.start, each.stop, each.step)
            indices.append(whole)
        return "entries", entries(source.operand, tuple(indices)), (source,)
    match of.indices:
        case (Call(function="arange") as rows, ids) if not isinstance(ids, int | Span):
            _refuse_other_rows(rows, source.operand.shape, constant_of)
            picks = source_of(ids)
            return "picked", picked(source.operand, picks.operand), (source, picks)
        case (ids,) if not isinstance(ids, int | Span):
            picks = source_of(ids)
            return "rows", rows_of(source.operand, picks.operand), (source, picks)
    raise ValueError(
        "an array of integers takes rows, E[ids], or one entry of each row, A[arange(N), ids]"
    )


def _refuse_other_rows(rows: Call, shape: Shape, constant_of: ConstantOf) -> None:
    """Refuse an arange that does not count the rows, which numpy would repeat or refuse."""
    counted = [whole_number(each, constant_of) for each in rows.operands]
    if rows.options or counted != list(shape[:1]):
        raise ValueError(
            f"an entry of each row of shape {list(shape)} is taken by "
            f"arange({shape[0] if shape else 'N'}) (got {rows.text})"
        )
