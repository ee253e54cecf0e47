"""What is taken of an array by indices: entries by whole numbers, rows and picks by integers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.moving import ENTRIES, LISTED, PICKED, ROWS
from gradgrade.oracle.primitives.primitive import Primitive
from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.nodes.arguments import (
    OF_WHOLE_NUMBERS,
    ConstantOf,
    whole_number,
)
from gradgrade.oracle.programs.nodes.node import Source
from gradgrade.oracle.programs.syntax import (
    Call,
    Constant,
    Expression,
    Index,
    Indexed,
    Listing,
    Span,
    Variable,
)
from gradgrade.oracle.programs.text.calls import beside_an_operator, written


def take(
    of: Indexed,
    source: Source,
    *,
    source_of: Callable[[Expression], Source],
    constant_of: ConstantOf,
) -> tuple[Primitive, tuple[Source, ...], dict[str, object]]:
    """Return what an index does, what that reads, and its options.

    Args:
        of: the array with its indices.
        source: the array.
        source_of: what an array of integers is.
        constant_of: what a constant among the indices is.

    Raises:
        ProgramError: nothing is taken so.
    """
    if all(_stands_in_text(each, constant_of) for each in of.indices):
        is_listed = any(isinstance(each, Listing) for each in of.indices)
        indices = tuple(_as_numpy_takes_it(each, constant_of) for each in of.indices)
        return LISTED if is_listed else ENTRIES, (source,), {"indices": indices}
    match of.indices:
        case (Call(function="arange") as rows, ids) if not isinstance(ids, Span | Listing):
            _refuse_other_rows(rows, source.operand.shape, of, constant_of)
            return PICKED, (source, source_of(ids)), {}
        case (ids,) if not isinstance(ids, Span | Listing):
            return ROWS, (source, source_of(ids)), {}
    raise ProgramError(
        "an array of integers takes rows, E[ids], or one entry of each row, A[arange(N), ids]"
        + _instead(of, source.operand.shape),
        of.place,
    )


def _instead(of: Indexed, shape: Shape) -> str:
    """Return what to write for an index that other libraries, or numpy, take beside integers."""
    index, parts = written(of.text), written(of.text).parts
    array = beside_an_operator(index.of)
    match of.indices:
        case (Call(function="range") as rows, _):
            return f"; write {array}[a{rows.text}, {parts[1]}], arange for range"
        case (Listing(indices=listed), _):
            count = len(listed)
            rows_ = [each.value for each in listed if isinstance(each, Constant)]
            taken = array if rows_ == [*range(*shape[:1])] else f"{array}[{parts[0]}]"
            return f"; write {taken}[arange({count}), {parts[1]}], arange for the list {parts[0]}"
        case (Span(start=None, stop=None, step=None), _) if len(shape) == 2:
            return f"; write {array}.T[{parts[1]}].T for columns"
        case (_, Span(start=None, stop=None, step=None)):
            return f"; write {array}[{parts[0]}]"
    return ""


def _stands_in_text(index: Index, constant_of: ConstantOf) -> bool:
    """Tell whether an index is made of numbers of the text and sizes alone."""
    match index:
        case Constant() | Span() | Listing():
            return True
        case Variable():
            return constant_of(index) is not None
        case Call(function=function, operands=operands) if function in OF_WHOLE_NUMBERS:
            return all(_stands_in_text(each, constant_of) for each in operands)
    return False


def _as_numpy_takes_it(index: Index, constant_of: ConstantOf) -> Any:
    match index:
        case Span():
            ends = [
                None if each is None else whole_number(each, constant_of) for each in index.ends
            ]
            return slice(*ends)
        case Listing():
            return tuple(_as_numpy_takes_it(each, constant_of) for each in index.indices)
    return whole_number(index, constant_of)


def _refuse_other_rows(rows: Call, shape: Shape, of: Indexed, constant_of: ConstantOf) -> None:
    """Refuse an arange that does not count the rows, which numpy would repeat or refuse."""
    counted = [whole_number(each, constant_of) for each in rows.operands]
    if rows.options or counted != list(shape[:1]):
        raise ProgramError(
            f"an entry of each row of shape {list(shape)} is taken by "
            f"arange({shape[0] if shape else 'N'}) (got {rows.text})",
            of.place,
        )
