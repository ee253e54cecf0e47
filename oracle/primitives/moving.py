"""What moves entries and computes nothing: a gradient goes back where its entry came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, pairwise
from math import prod
from types import EllipsisType
from typing import Any

import numpy

from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix, Sources
from gradgrade.oracle.derivation.formulas.boxes import Box, Enclosed, row, sentence
from gradgrade.oracle.derivation.formulas.expression import Expression, Function
from gradgrade.oracle.derivation.steps import Rule, unchanged
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.arrays import Moving, matrix_shape, moved, shape_after
from gradgrade.oracle.primitives.primitive import Operand, Operation, Primitive, PullBackRule

Index = int | slice | EllipsisType
Listed = int | tuple["Listed", ...]
"""A list of indices, of lists of them, and so on."""


def _moving(
    x: Operand,
    name: str,
    moving: Moving,
    write: Callable[..., Box] | None = None,
    *,
    write_back: Callable[..., Box] | None = None,
) -> Operation:
    entry_map = moved(moving, x.shape)
    return Operation(
        shape=shape_after(moving, x.shape),
        rule=_gathering(entry_map),
        formula=Function(name, _gathering(entry_map), write),
        pull_backs=(
            PullBackRule(
                reads=(),
                rule=_gathering_back(entry_map),
                formula=Function("put back", _gathering_back(entry_map), write_back or _put_back),
            ),
        ),
    )


def _gathering(entry_map: EntryMap) -> Rule:
    # As an argument of the rule the map is found by who weighs what a derivation keeps.
    return partial(_gathered, entry_map)


def _gathered(entry_map: EntryMap, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.gather(matrix, entry_map)


def _gathering_back(entry_map: EntryMap) -> Rule:
    return partial(_gathered_back, entry_map)


def _gathered_back(entry_map: EntryMap, arithmetic: Arithmetic, upstream: Matrix) -> Matrix:
    return arithmetic.gather(upstream, entry_map.adjoint)


def _put_back(up: Box) -> Box:
    return row(up, sentence(" put back"))


def transpose(x: Operand, axes: tuple[int, ...] | None = None) -> Operation:
    """Return the axes in another order; in the opposite one where none is stated."""
    if len(x.shape) == 2 and axes is None:
        return _turned(x)
    return _moving(x, "transpose", lambda each: numpy.transpose(each, axes))


def _turned(x: Operand) -> Operation:
    def rule(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.transpose(matrix)

    rows, columns = x.shape
    return Operation(
        shape=(columns, rows),
        rule=rule,
        formula=lambda x: x.T,
        pull_backs=(PullBackRule(reads=(), rule=rule, formula=lambda up: up.T),),
    )


def swapaxes(x: Operand, first: int, second: int) -> Operation:
    """Return two axes exchanged."""
    return _moving(x, "swapaxes", lambda each: numpy.swapaxes(each, first, second))


def reshape(x: Operand, shape: int | tuple[int, ...]) -> Operation:
    """Return the same entries in another shape; one length may be −1.

    Raises:
        ValueError: there are more or fewer entries.
    """
    try:
        found = shape_after(lambda each: each.reshape(shape), x.shape)
    except ValueError:
        wanted = [shape] if isinstance(shape, int) else list(shape)
        raise ValueError(f"shape {list(x.shape)} cannot be made {wanted}") from None
    rows = matrix_shape(found)
    before = matrix_shape(x.shape)

    def rule(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.reshape(matrix, *rows)

    def back(arithmetic: Arithmetic, upstream: Matrix) -> Matrix:
        return arithmetic.reshape(upstream, *before)

    return Operation(
        shape=found,
        rule=rule,
        formula=Function("reshape", rule),
        pull_backs=(PullBackRule(reads=(), rule=back, formula=Function("reshape", back)),),
    )


def entries(x: Operand, indices: tuple[Index, ...]) -> Operation:
    """Return x[…] with constants and slices.

    Raises:
        ValueError: there are no such entries.
    """
    try:
        return _moving(
            x,
            "entries",
            lambda each: numpy.asarray(each[indices]),
            lambda x: row(sentence("entries of "), x),
        )
    except IndexError as error:
        raise ValueError(f"shape {list(x.shape)} has no such entries: {error}") from None


def listed(x: Operand, indices: tuple[Index | Listed, ...]) -> Operation:
    """Return x[…] with lists of whole numbers among the indices, as x[:, [[0, 1], [1, 2]]].

    An entry that is listed twice has the sum of both gradients.

    Raises:
        ValueError: there are no such entries, or a list has lists of several lengths.
    """
    try:
        return _moving(
            x,
            "listed",
            _taking(indices),
            lambda x: row(sentence("entries of "), x),
            write_back=lambda up: row(up, sentence(" added to its entries")),
        )
    except IndexError as error:
        raise ValueError(f"shape {list(x.shape)} has no such entries: {error}") from None
    except OverflowError:
        raise ValueError(f"shape {list(x.shape)} has no such entries") from None


def entries_listed(shape: Shape, indices: tuple[Index | Listed, ...]) -> list[int]:
    """Return the number of the entry of x that each entry of x[…] is.

    >>> entries_listed((2, 3), (slice(None), (0, 2, 2)))
    [0, 2, 2, 3, 5, 5]
    """
    return [entry for (entry,) in moved(_taking(indices), shape).sources]


def _taking(indices: tuple[Index | Listed, ...]) -> Moving:
    try:
        places = tuple(
            numpy.asarray(each, dtype=numpy.intp) if isinstance(each, tuple) else each
            for each in indices
        )
    except ValueError:
        raise ValueError("the lists of an index have one length in each bracket") from None
    return lambda each: numpy.asarray(each[places])


def pad(
    x: Operand,
    pad_width: int | tuple[int | tuple[int, ...], ...],
    mode: str = "constant",
    constant_values: int = 0,
) -> Operation:
    """Return x with zeros before and behind it along each axis.

    Args:
        x: the array.
        pad_width: how many on each side of every axis; or (before, behind) of every axis; or such
            a pair for each.
        mode: "constant".
        constant_values: 0.

    Raises:
        ValueError: it is none of these.
    """
    if mode != "constant" or constant_values != 0:
        raise ValueError("pad puts zeros beside an array: leave mode and constant_values out")
    if not x.shape:
        raise ValueError("a number has no axis to pad")
    try:
        widths = numpy.broadcast_to(numpy.array(pad_width), (len(x.shape), 2)).tolist()
    except ValueError:
        raise ValueError(
            f"shape {list(x.shape)} is padded by a whole number, by (before, behind), or by such a "
            "pair for each axis"
        ) from None
    if any(width < 0 for pair in widths for width in pair):
        raise ValueError("no fewer than 0 entries are put beside an array")
    lengths = [
        (before, length, behind) for (before, behind), length in zip(widths, x.shape, strict=True)
    ]
    shape = tuple(map(sum, lengths))
    own = tuple(slice(before, before + length) for before, length, _ in lengths)

    def listing() -> Sources:
        within = numpy.arange(prod(shape)).reshape(shape)[own]
        return tuple((index,) for index in within.ravel().tolist())

    # Weighed as what it passes back to, of which it lists each entry.
    within = EntryMap(matrix_shape(x.shape), matrix_shape(shape), prod(shape), listing)
    return Operation(
        shape=shape,
        rule=_gathering_back(within),
        formula=Function("pad", _gathering_back(within), _bordered),
        pull_backs=(
            PullBackRule(
                reads=(),
                rule=_gathering(within),
                formula=Function("pad back", _gathering(within), _without_border),
            ),
        ),
    )


def _bordered(x: Box) -> Box:
    return row(x, sentence(" with a border of zeros"))


def _without_border(up: Box) -> Box:
    return row(up, sentence(" without its border"))


def concatenate(*operands: Operand, axis: int = 0) -> Operation:
    """Return arrays one behind the other along an axis."""
    return _put_together(operands, numpy.concatenate, axis, "concatenate")


def stack(*operands: Operand, axis: int = 0) -> Operation:
    """Return arrays of one shape beside one another along a new axis."""
    return _put_together(operands, numpy.stack, axis, "stack")


def _put_together(
    operands: tuple[Operand, ...], together: Callable[..., Any], axis: int, name: str
) -> Operation:
    def moving(*each: Any) -> Any:
        return together(each, axis)

    shapes = [each.shape for each in operands]
    try:
        shape: Shape = shape_after(moving, *shapes)
    except (ValueError, IndexError):
        told = ", ".join(str(list(each)) for each in shapes)
        raise ValueError(f"shapes {told} do not go together in {name}") from None
    sizes = [prod(each) for each in shapes]
    starts = [sum(sizes[:place]) for place in range(len(sizes))]

    def listing() -> tuple[tuple[int, ...], ...]:
        numbered = [
            start + numpy.arange(size).reshape(each)
            for start, size, each in zip(starts, sizes, shapes, strict=True)
        ]
        return tuple((index,) for index in moving(*numbered).ravel().tolist())

    if axis in (0, -len(shape)):
        return _one_below_the_other(shapes, shape, name)
    entry_map = EntryMap(matrix_shape(shape), (sum(sizes), 1), prod(shape), listing)

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        flat = [
            arithmetic.reshape(matrix, size, 1)
            for matrix, size in zip(matrices, sizes, strict=True)
        ]
        return arithmetic.gather(arithmetic.stack(*flat), entry_map)

    def part(place: int, arithmetic: Arithmetic, upstream: Matrix) -> Matrix:
        whole = arithmetic.gather(upstream, entry_map.adjoint)
        own = arithmetic.rows_between(whole, starts[place], starts[place] + sizes[place])
        return arithmetic.reshape(own, *matrix_shape(shapes[place]))

    return _of_parts(shape, len(shapes), name, rule, part)


def _one_below_the_other(shapes: Sequence[Shape], shape: Shape, name: str) -> Operation:
    """Return arrays put together along the first axis: each is some rows of the result's matrix."""
    held, width = [matrix_shape(each) for each in shapes], matrix_shape(shape)[1]
    ends = list(accumulate((rows * columns // width for rows, columns in held), initial=0))

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        return arithmetic.stack(
            *(
                arithmetic.reshape(matrix, stop - start, width)
                for matrix, (start, stop) in zip(matrices, pairwise(ends), strict=True)
            )
        )

    def part(place: int, arithmetic: Arithmetic, upstream: Matrix) -> Matrix:
        own = arithmetic.rows_between(upstream, ends[place], ends[place + 1])
        return arithmetic.reshape(own, *held[place])

    return _of_parts(shape, len(shapes), name, rule, part)


def _of_parts(
    shape: Shape, count: int, name: str, rule: Rule, part: Callable[..., Matrix]
) -> Operation:
    """Return arrays put together; `part(place, arithmetic, upstream)` is what one is passed."""

    def back_to(place: int) -> PullBackRule:
        def write(up: Box) -> Box:
            return row(sentence(f"part {place + 1} of "), up)

        back = partial(part, place)
        return PullBackRule(reads=(), rule=back, formula=Function("part", back, write))

    return Operation(
        shape=shape,
        rule=rule,
        formula=lambda *each: _call(Function(name, rule), each),
        pull_backs=tuple(map(back_to, range(count))),
    )


def _call(function: Function, arguments: tuple[Expression, ...]) -> Expression:
    return function(*arguments)


def rows_of(x: Operand, ids: Operand) -> Operation:
    """Return x[ids]: rows by an array of integers, which is given as rows of 0 and a single 1.

    A repeated index adds up by itself on the way back.
    """
    if not x.shape:
        raise ValueError("a number has no rows")
    widened = _widened(ids, x, axis=0)
    shape = (*ids.shape, *x.shape[1:])
    held, rest = matrix_shape(shape), prod(x.shape[1:])

    def value(arithmetic: Arithmetic, matrix: Matrix, picks: Matrix) -> Matrix:
        wide = arithmetic.reshape(matrix, x.shape[0], rest)
        return arithmetic.reshape(arithmetic.dot(widened(arithmetic, picks), wide), *held)

    def back(arithmetic: Arithmetic, upstream: Matrix, picks: Matrix) -> Matrix:
        wide = arithmetic.reshape(upstream, prod(ids.shape), rest)
        found = arithmetic.dot(arithmetic.transpose(widened(arithmetic, picks)), wide)
        return arithmetic.reshape(found, *matrix_shape(x.shape))

    return Operation(
        shape=shape,
        rule=value,
        formula=Function("rows", value, lambda x, ids: row(x, Enclosed(ids, "[", "]"))),
        pull_backs=(
            PullBackRule(reads=(1,), rule=back, formula=Function("rows back", back, _added_to)),
            None,
        ),
    )


def _widened(ids: Operand, x: Operand, *, axis: int) -> Rule:
    """Return what makes picks, as many columns as there may be indices, as long as an axis.

    Raises:
        ValueError: these are no indices, or one of them may be none of the axis.
    """
    if ids.kind.is_mask:
        raise ValueError("a mask is no index: write where(MASK, x, 0) for what it chooses")
    if ids.integers is None:
        raise ValueError("an index is a whole number, a slice, or an array of integers")
    (low, high), length = ids.integers, x.shape[axis]
    if low < 0 or high >= length:
        what = ("rows", "columns")[axis]
        raise ValueError(
            f"the indices go from {low} to {high}, and shape {list(x.shape)} has {what} 0 to "
            f"{length - 1}"
        )
    if high + 1 == length:
        return unchanged
    count = prod(ids.shape)
    entry_map = EntryMap.of(
        (count, length),
        (count, high + 1),
        tuple(
            (place * (high + 1) + column,) if column <= high else ()
            for place in range(count)
            for column in range(length)
        ),
    )
    return _gathering(entry_map)


def _added_to(up: Box, ids: Box) -> Box:
    return row(up, sentence(" added to the rows "), ids)


def _put_at(up: Box, ids: Box) -> Box:
    return row(up, sentence(" put back at "), ids)


def picked(x: Operand, ids: Operand) -> Operation:
    """Return x[arange(N), ids]: of each row the entry that an array of integers names."""
    if len(x.shape) != 2 or ids.shape != x.shape[:1]:
        raise ValueError(
            f"x[arange(N), ids] takes a matrix and an index for each row, not shapes "
            f"{list(x.shape)} and {list(ids.shape)}"
        )
    widened = _widened(ids, x, axis=1)

    def value(arithmetic: Arithmetic, matrix: Matrix, picks: Matrix) -> Matrix:
        return arithmetic.sum(arithmetic.multiply(matrix, widened(arithmetic, picks)), axis=1)

    def back(arithmetic: Arithmetic, upstream: Matrix, picks: Matrix) -> Matrix:
        return arithmetic.multiply(widened(arithmetic, picks), upstream)

    return Operation(
        shape=ids.shape,
        rule=value,
        formula=Function("picked", value, lambda x, ids: row(x, sentence(" at "), ids)),
        pull_backs=(
            PullBackRule(reads=(1,), rule=back, formula=Function("picked back", back, _put_at)),
            None,
        ),
    )


MOVING = (
    Primitive(
        name="transpose",
        operands=(1, 1),
        bind=transpose,
        options=frozenset({"axes"}),
        places=("axes",),
        source="numpy.transpose; .T",
    ),
    Primitive(
        name="swapaxes",
        operands=(1, 1),
        bind=swapaxes,
        options=frozenset({"first", "second"}),
        places=("first", "second"),
        source="numpy.swapaxes",
    ),
    Primitive(
        name="reshape",
        operands=(1, 1),
        bind=reshape,
        options=frozenset({"shape"}),
        places=("shape",),
        source="numpy.reshape",
    ),
    Primitive(
        name="pad",
        operands=(1, 1),
        bind=pad,
        options=frozenset({"pad_width", "mode", "constant_values"}),
        places=("pad_width", "mode"),
        numbers=frozenset({"constant_values"}),
        pairs=frozenset({"pad_width"}),
        source="numpy.pad, mode constant",
    ),
    Primitive(
        name="concatenate",
        operands=(1, 64),
        bind=concatenate,
        options=frozenset({"axis"}),
        source="numpy.concatenate",
    ),
    Primitive(
        name="stack",
        operands=(1, 64),
        bind=stack,
        options=frozenset({"axis"}),
        source="numpy.stack",
    ),
)

ENTRIES = Primitive(
    name="entries",
    operands=(1, 1),
    bind=entries,
    options=frozenset({"indices"}),
    source="numpy's basic indexing, by constants and slices",
)
LISTED = Primitive(
    name="listed",
    operands=(1, 1),
    bind=listed,
    options=frozenset({"indices"}),
    source="numpy's advanced indexing, by lists of constants: im2col",
)
ROWS = Primitive(
    name="rows",
    operands=(2, 2),
    bind=rows_of,
    source="numpy's indexing by an array of integers; torch.nn.functional.embedding",
)
PICKED = Primitive(
    name="picked",
    operands=(2, 2),
    bind=picked,
    source="numpy's indexing by arrays of integers, one entry of each row",
)
