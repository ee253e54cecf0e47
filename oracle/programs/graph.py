"""A program as a graph: each operation with the shapes of what it takes and makes.

Shapes are told before anything is computed, and so is whatever does not go together, with its
place. Numbers of the text are folded exactly; equal sub-expressions stay apart, as written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from math import prod
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import unchanged
from gradgrade.oracle.exact_numbers import binary64
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.exponentials import MASKED_SOFTMAX
from gradgrade.oracle.primitives.moving import Index, entries, picked, rows_of
from gradgrade.oracle.primitives.primitive import (
    Operand,
    Operation,
    Primitive,
    PullBackRule,
)
from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.programs.bounds import (
    MOST_AXES,
    MOST_ENTRIES,
    MOST_ENTRIES_IN_ALL,
    MOST_NODES,
)
from gradgrade.oracle.programs.faults import Place, ProgramError
from gradgrade.oracle.programs.syntax import (
    Assignment,
    Call,
    Constant,
    Expression,
    Indexed,
    Several,
    Span,
    Truth,
    Variable,
)

LARGEST = Fraction(float.fromhex("0x1.fffffffffffffp+1023"))
MASKED_OUT = -(10**9)
"""What is written for −∞ where an entry is masked, at the most: e to that power is 0 in code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayType:
    """What is known of a given.

    Args:
        shape: of its array.
        integers: its smallest and largest entry, where it is an array of indices.
        mask: whether it holds 0 and 1 alone.
    """

    shape: Shape
    integers: tuple[int, int] | None = None
    mask: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an operation reads: a quantity, or a number of the text.

    Args:
        name: of the quantity; None for a number.
        operand: what is known of it.
    """

    name: Name | None
    operand: Operand


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """An operation of a program; two are equal if they are the same object.

    Args:
        name: of a line its own; of what a line computes on the way, its source and column.
        function: what it is called in the table of primitives; of indices `entries`, `rows` or
            `picked`, of a line that is another quantity `same`.
        operation: what it does.
        sources: what it reads.
        place: where it stands.
        is_line: whether a line of the program names it.
        text: its source.
        options: what it was called with by name or place, beside its operands.
    """

    name: Name
    function: str
    operation: Operation
    sources: tuple[Source, ...]
    place: Place
    is_line: bool
    text: str
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """A program's operations, each after what it reads.

    Args:
        givens: by name, in the order in which they were stated.
        nodes: all operations.
    """

    givens: Mapping[str, ArrayType]
    nodes: tuple[Node, ...]

    @property
    def lines(self) -> tuple[Node, ...]:
        """The operations that lines name, in order."""
        return tuple(node for node in self.nodes if node.is_line)


def graph_of(
    assignments: Sequence[Assignment],
    arrays: Mapping[str, ArrayType],
    sizes: Mapping[str, int] = MappingProxyType({}),
    *,
    rounds_numerals: bool = False,
) -> Graph:
    """Return the graph of a program.

    Args:
        assignments: its lines.
        arrays: what is given, by name.
        sizes: whole numbers that stand in the text by name.
        rounds_numerals: whether a numeral stands for the nearest double, as code takes it.

    Raises:
        ProgramError: a name is unknown, shapes do not go together, or it is too large.

    >>> from gradgrade.oracle.programs.reading import read_program
    >>> given = {"x": ArrayType(shape=(2, 3)), "y": ArrayType(shape=(3,))}
    >>> [line.operation.shape for line in graph_of(read_program("q = x + y"), given).lines]
    [(2, 3)]
    """
    typing = _Typing(arrays=dict(arrays), sizes=dict(sizes), rounds_numerals=rounds_numerals)
    for line in assignments:
        if line.name in arrays or line.name in sizes:
            raise ProgramError(f"{line.name} is given: give the line another name", line.place)
        typing.line(line)
    _refuse_derived_names(assignments, arrays)
    return Graph(givens=MappingProxyType(dict(arrays)), nodes=tuple(typing.nodes))


_AN_INDEX = "an array of integers is an index: write it within brackets, E[ids]"

_OF_NUMBERS = frozenset({"add", "subtract", "negative", "matmul", "dot"})
"""What is another thing of truth values than of 1 and 0: numpy's + is "or" there."""

_DERIVED = re.compile(r"[dvsm](?P<of>.+)|(?P<updated>.+)_new")


def _refuse_derived_names(
    assignments: Sequence[Assignment], arrays: Mapping[str, ArrayType]
) -> None:
    """Refuse a name that is the gradient, the update or the state of another one."""
    names = {*arrays, *(line.name for line in assignments)}
    for line in assignments:
        found = _DERIVED.fullmatch(line.name)
        of = found and (found["of"] or found["updated"])
        if of in names:
            raise ProgramError(
                f"the name {line.name} is taken by {of}: d{of} is its gradient, {of}_new what an "
                f"update makes of it, and v, s or m before it what an optimizer keeps",
                line.place,
            )


@dataclass(kw_only=True)
class _Typing:
    """Finds shapes line by line; see `graph_of`."""

    arrays: dict[str, ArrayType]
    sizes: dict[str, int]
    rounds_numerals: bool = False
    nodes: list[Node] = field(default_factory=list)
    lines: dict[str, Source] = field(default_factory=dict)
    entries: int = 0

    def line(self, line: Assignment) -> None:
        name = Name(line.name)
        source = self.source(line.value, name=name)
        if source.name != name:
            # A line that is another quantity, or a number, under a name of its own.
            same = _same(source.operand)
            source = self._node("same", same, (source,), line.place, name, line.text)
        self.lines[line.name] = source

    def source(self, of: Expression, *, name: Name | None = None) -> Source:
        """Return what an expression makes, with the nodes that it takes; `name` is its line's."""
        match of:
            case Constant():
                return self._numeral(of)
            case Variable():
                return self._variable(of)
            case Call():
                return self._call(of, name)
            case Indexed():
                return self._indexed(of, name)
            case Truth():
                raise ProgramError("True and False are values of keepdims alone", of.place)
            case Several():
                raise ProgramError(
                    "brackets with several members belong to shapes, axes, concatenate and stack",
                    of.place,
                )

    def _numeral(self, of: Constant) -> Source:
        if of.value is None:
            raise ProgramError("inf stands only in softmax(where(MASK, X, -inf))", of.place)
        return _number(_nearest_double(of.value) if self.rounds_numerals else of.value)

    def _variable(self, of: Variable) -> Source:
        if of.name in self.lines:
            return self.lines[of.name]
        if of.name in self.arrays:
            given = self.arrays[of.name]
            operand = Operand(shape=given.shape, integers=given.integers, mask=given.mask)
            return Source(name=Name(of.name), operand=operand)
        if of.name in self.sizes:
            return _number(Fraction(self.sizes[of.name]))
        known = ", ".join([*self.arrays, *self.sizes, *self.lines])
        raise ProgramError(f"{of.name} is not known here; there are {known}", of.place)

    def _call(self, of: Call, name: Name | None) -> Source:
        if (masked := _masked(of)) is not None:
            mask, masked_x = map(self.source, masked)
            options = self._softmax_axis(of)
            return self._bound(MASKED_SOFTMAX, of, (mask, masked_x), options, name)
        if (variance := self._variance(of)) is not None:
            x, options = variance
            return self._bound(PRIMITIVES["var"], of, (self.source(x),), options, name)
        if of.function == "floor_divide":
            raise ProgramError("// stands only in shapes: write / for a quotient", of.place)
        self._refuse_hidden_function(of)
        primitive = PRIMITIVES.get(of.function)
        if primitive is None:
            raise ProgramError(_unknown(of.function), of.place)
        operands, options = self._arguments(primitive, of)
        sources = tuple(self.source(each) for each in operands)
        try:
            folded = _folded(of.function, sources)
        except ValueError as error:
            raise ProgramError(str(error), of.place) from None
        if folded is not None:
            return _number(folded)
        for each, source in zip(operands, sources, strict=True):
            if source.operand.integers is not None:
                raise ProgramError(_AN_INDEX, each.place)
        if primitive.name in _OF_NUMBERS and all(map(self._is_comparison, sources)):
            raise ProgramError(
                "numpy does not count comparisons here: write where(x > 0, 1, 0) for one", of.place
            )
        return self._bound(primitive, of, sources, options, name)

    def _is_comparison(self, source: Source) -> bool:
        """Tell whether code has True and False there, of which a sum is no number."""
        if not source.operand.mask:
            return False
        made = next((node for node in self.nodes if node.name == source.name), None)
        if made is None:
            return False
        return self._is_comparison(made.sources[0]) if made.function == "same" else True

    def _bound(
        self,
        primitive: Primitive,
        of: Call,
        sources: tuple[Source, ...],
        options: Mapping[str, object],
        name: Name | None,
    ) -> Source:
        try:
            primitive.check(options)
            operation = primitive.bind(*(each.operand for each in sources), **options)
        except ValueError as error:
            raise ProgramError(str(error), of.place) from None
        return self._node(
            primitive.name, operation, sources, of.place, name, of.text, options=options
        )

    def _variance(self, of: Call) -> tuple[Variable, dict[str, object]] | None:
        """Return the operand and the options of mean((x − mean(x))**2), which is a variance.

        Whoever is asked for the line may compute it by any form of the variance.
        """
        match of:
            case Call(
                function="mean",
                operands=(
                    Call(function="power", operands=(off, Constant(value=Fraction(numerator=2)))),
                    *_,
                ),
            ):
                pass
            case Call(
                function="mean", operands=(Call(function="multiply", operands=(off, twin)), *_)
            ):
                if _bare(off) != _bare(twin):
                    return None
            case _:
                return None
        match off:
            case Call(
                function="subtract",
                operands=(
                    Variable() as x,
                    Call(function="mean", operands=(Variable() as same, *_)) as mean,
                ),
            ) if x.name == same.name:
                pass
            case _:
                return None
        outer, inner = (self._arguments(PRIMITIVES["mean"], each)[1] for each in (of, mean))
        is_over_same = _is_repeated_along(
            self.source(x).operand.shape,
            inner.get("axis"),
            outer.get("axis"),
            inner.get("keepdims"),
        )
        return (x, outer) if is_over_same else None

    def _refuse_hidden_function(self, of: Call) -> None:
        """Refuse `exp(x)` beside an array `exp`, which stands for the function in Python."""
        if of.is_bare and of.function in {*self.arrays, *self.sizes}:
            raise ProgramError(
                f"{of.function} is no function where an array or a size has that name: give that "
                "another",
                of.place,
            )

    def _softmax_axis(self, of: Call) -> dict[str, object]:
        _, options = self._arguments(PRIMITIVES["softmax"], of)
        return options

    def _arguments(
        self, primitive: Primitive, of: Call
    ) -> tuple[tuple[Expression, ...], dict[str, object]]:
        """Return a call's operands and its options, each as the primitive takes it."""
        given = of.operands
        if primitive.name in ("concatenate", "stack"):
            if not given or not isinstance(given[0], Several):
                raise ProgramError(
                    f"{primitive.name} takes arrays in brackets: {primitive.name}([a, b])",
                    of.place,
                )
            given, rest = given[0].members, given[1:]
            places: tuple[str, ...] = ("axis",)
        else:
            most = primitive.operands[1]
            given, rest = given[:most], given[most:]
            places = primitive.places
        if primitive.name in ("reshape", "transpose") and len(rest) > 1:
            # x.reshape(2, 3) is x.reshape((2, 3)).
            rest = (Several(rest, rest[0].place),)
        if len(given) < primitive.operands[0] or len(rest) > len(places):
            few, many = primitive.operands
            count = str(few) if few == many else f"{few} to {many}"
            operands = "operand" if count == "1" else "operands"
            named = sorted(primitive.options.difference(places))
            if len(given) == many and named:
                raise ProgramError(
                    f"behind {' and '.join(('its operand', *places))} {primitive.name} takes "
                    f"options by name alone: {', '.join(f'{each}=…' for each in named)}",
                    of.place,
                )
            raise ProgramError(
                f"{primitive.name} takes {count} {operands} (got {len(of.operands)})", of.place
            )
        options = {name: self._option(value) for name, value in zip(places, rest, strict=False)}
        for name, value in of.options.items():
            if name not in primitive.options:
                known = ", ".join(sorted(primitive.options)) or "none"
                raise ProgramError(
                    f"{primitive.name} has no option {name}; there are {known}", value.place
                )
            if name in options:
                raise ProgramError(f"{name} is given twice", value.place)
            is_number = name in primitive.numbers and isinstance(value, Constant)
            options[name] = self._number(value) if is_number else self._option(value)
        return given, options

    def _number(self, of: Expression) -> Fraction | int | None:
        """Return a number of the text, which is whole where it is 1.0 too."""
        number = self.source(of).operand.constant
        return int(number) if number is not None and number.denominator == 1 else number

    def _option(self, of: Expression) -> object:
        if isinstance(of, Truth):
            return of.value
        if isinstance(of, Several):
            return tuple(map(self._stated, of.members))
        return self._stated(of)

    def _stated(self, of: Expression) -> int:
        """Return an axis or a length."""
        whole = self._whole(of)
        if abs(whole) > MOST_ENTRIES:
            raise ProgramError("no array has so many axes or entries", of.place)
        return whole

    def _whole(self, of: Expression) -> int:
        """Return a whole number, computed of constants and sizes."""
        if isinstance(of, Call) and of.function == "floor_divide":
            left, right = map(self._whole, of.operands)
            if right == 0:
                raise ProgramError("a division by 0", of.place)
            return left // right
        match of:
            case Constant(is_whole=False) if of.value is not None:
                raise ProgramError(
                    "numpy takes no fraction here: write it without a point", of.place
                )
            case Call(function="divide"):
                raise ProgramError("numpy takes no fraction here: write // for /", of.place)
            case Call():
                for each in of.operands:
                    self._whole(each)
        before = len(self.nodes)
        constant = self.source(of).operand.constant
        if constant is None or constant.denominator != 1 or len(self.nodes) != before:
            raise ProgramError("a whole number belongs here, of constants and sizes", of.place)
        return int(constant)

    def _indexed(self, of: Indexed, name: Name | None) -> Source:
        source = self.source(of.of)
        try:
            function, operation, sources = self._taking(of, source)
        except ProgramError:
            raise
        except ValueError as error:
            raise ProgramError(str(error), of.place) from None
        return self._node(function, operation, sources, of.place, name, of.text)

    def _taking(self, of: Indexed, source: Source) -> tuple[str, Operation, tuple[Source, ...]]:
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
                self._refuse_other_rows(rows, source.operand.shape)
                picks = self.source(ids)
                return "picked", picked(source.operand, picks.operand), (source, picks)
            case (ids,) if not isinstance(ids, int | Span):
                picks = self.source(ids)
                return "rows", rows_of(source.operand, picks.operand), (source, picks)
        raise ValueError(
            "an array of integers takes rows, E[ids], or one entry of each row, A[arange(N), ids]"
        )

    def _refuse_other_rows(self, rows: Call, shape: Shape) -> None:
        """Refuse an arange that does not count the rows, which numpy would repeat or refuse."""
        counted = [self._whole(each) for each in rows.operands]
        if rows.options or counted != list(shape[:1]):
            raise ValueError(
                f"an entry of each row of shape {list(shape)} is taken by "
                f"arange({shape[0] if shape else 'N'}) (got {rows.text})"
            )

    def _placed(self, text: str, place: Place) -> Name:
        """Return a name for an operation that no line names; a function may be called twice."""
        where = f"line {place.line}, column {place.column}"
        name = Name(text).at(where)
        taken = sum(node.name.text == name.text and node.place == place for node in self.nodes)
        return name.of.at(f"{where}, call {taken + 1}") if taken else name

    def _node(
        self,
        function: str,
        operation: Operation,
        sources: tuple[Source, ...],
        place: Place,
        name: Name | None,
        text: str,
        *,
        options: Mapping[str, object] = MappingProxyType({}),
    ) -> Source:
        # What is indexed is numbers; what it is indexed by is none.
        numbers = sources[:1] if function in ("rows", "picked") else sources
        if any(each.operand.integers is not None for each in numbers):
            raise ProgramError(_AN_INDEX, place)
        text = " ".join(text.split())
        size = prod(operation.shape)
        self.entries += size
        if len(operation.shape) > MOST_AXES:
            raise ProgramError(f"an array has at most {MOST_AXES} axes", place)
        if size > MOST_ENTRIES:
            raise ProgramError(f"an array has at most {MOST_ENTRIES} entries (got {size})", place)
        if self.entries > MOST_ENTRIES_IN_ALL:
            raise ProgramError(f"a program has at most {MOST_ENTRIES_IN_ALL} entries", place)
        if len(self.nodes) >= MOST_NODES:
            raise ProgramError(f"a program has at most {MOST_NODES} operations", place)
        if size == 0:
            raise ProgramError("the array is empty", place)
        made = name or self._placed(text, place)
        node = Node(
            name=made,
            function=function,
            operation=operation,
            sources=sources,
            place=place,
            is_line=name is not None,
            text=text,
            options=options,
        )
        self.nodes.append(node)
        return Source(name=made, operand=Operand(shape=operation.shape, mask=operation.is_mask))


def _number(value: Fraction) -> Source:
    return Source(name=None, operand=Operand(shape=(), constant=value))


def _folded(function: str, sources: Sequence[Source]) -> Fraction | None:
    """Return what an operator makes of numbers of the text alone, exactly; None of others.

    Raises:
        ValueError: it is a division by 0, or no number that code has.
    """
    numbers = [each.operand.constant for each in sources]
    found: Fraction
    match function, numbers:
        case "add", [Fraction() as a, Fraction() as b]:
            found = a + b
        case "subtract", [Fraction() as a, Fraction() as b]:
            found = a - b
        case "multiply", [Fraction() as a, Fraction() as b]:
            found = a * b
        case "divide", [Fraction() as a, Fraction() as b]:
            if b == 0:
                raise ValueError("a division by 0")
            found = a / b
        case "negative", [Fraction() as a]:
            return -a
        case _:
            return None
    if abs(found) > LARGEST:
        raise ValueError("it is outside the range of numbers (about 1.8e308)")
    # What code may lose by cancellation is left to the walk.
    cancels = function in ("add", "subtract") and not _are_doubles(a, b, found)
    return None if cancels else found


def _are_doubles(*numbers: Fraction) -> bool:
    return all(_nearest_double(each) == each for each in numbers)


def _nearest_double(number: Fraction) -> Fraction:
    return Fraction(binary64(*number.as_integer_ratio()))


def _bare(of: Expression) -> object:
    """Return what an expression says, wherever it stands."""
    match of:
        case Constant():
            return of.value, of.is_negative_infinity
        case Variable():
            return of.name
        case Truth():
            return of.value
        case Several():
            return tuple(map(_bare, of.members))
        case Call():
            options = {name: _bare(value) for name, value in of.options.items()}
            return of.function, tuple(map(_bare, of.operands)), options
        case Indexed():
            indices = [each if isinstance(each, int | Span) else _bare(each) for each in of.indices]
            return _bare(of.of), indices


def _is_repeated_along(shape: Shape, inner: object, outer: object, keeps: object) -> bool:
    """Tell whether means over some axes come back to the entries that they are means of."""
    every = tuple(range(len(shape)))

    def over(axis: object) -> tuple[int, ...]:
        axes = every if axis is None else axis if isinstance(axis, tuple) else (axis,)
        return tuple(sorted(each % len(shape) for each in axes if isinstance(each, int)))

    if not shape or over(inner) != over(outer):
        return False
    return bool(keeps) or over(inner) == every[: len(over(inner))]


def _masked(of: Call) -> tuple[Expression, Expression] | None:
    """Return mask and operand of softmax(where(MASK, X, -inf)); None of anything else."""
    if of.function != "softmax" or not of.operands:
        return None
    match of.operands[0]:
        case Call(function="where", operands=(mask, x, Constant() as other), options=options):
            is_out = other.is_negative_infinity or (
                other.value is not None and other.value <= MASKED_OUT
            )
            return (mask, x) if is_out and not options else None
    return None


def _same(operand: Operand) -> Operation:
    return Operation(
        shape=operand.shape,
        rule=unchanged,
        formula=lambda each: each,
        pull_backs=(PullBackRule(reads=(), rule=unchanged, formula=lambda up: up),),
        is_elementwise=True,
        is_mask=operand.mask,
    )


def _unknown(function: str) -> str:
    near = get_close_matches(function, sorted(PRIMITIVES), n=1, cutoff=0.75)
    meant = f"did you mean {near[0]}? " if near else ""
    known = ", ".join(sorted(PRIMITIVES))
    return f"there is no function {function}; {meant}there are {known}"
