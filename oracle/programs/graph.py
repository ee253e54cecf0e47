"""A program as a graph: each operation with the shapes of what it takes and makes.

Shapes are told before anything is computed, and so is whatever does not go together, with its
place. Numbers of the text are folded exactly; equal sub-expressions stay apart, as written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import unchanged
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.exponentials import masked_softmax_of
from gradgrade.oracle.primitives.primitive import (
    DOUBLES,
    MASK,
    Holds,
    Kind,
    Operand,
    Operation,
    Primitive,
    PullBackRule,
)
from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.nodes.arguments import arguments_of, may_be_of_two, of_two
from gradgrade.oracle.programs.nodes.builder import AN_INDEX, NodeBuilder
from gradgrade.oracle.programs.nodes.constant_folding import fold, nearest_double
from gradgrade.oracle.programs.nodes.fusion import (
    is_variance,
    masked_line,
    masked_softmax,
    squared_deviations,
)
from gradgrade.oracle.programs.nodes.indexing import take
from gradgrade.oracle.programs.nodes.kinds import kind_of
from gradgrade.oracle.programs.nodes.node import Node, Source
from gradgrade.oracle.programs.syntax import (
    Assignment,
    Call,
    Constant,
    Expression,
    Indexed,
    Several,
    Text,
    Truth,
    Variable,
)
from gradgrade.oracle.programs.text.calls import written
from gradgrade.oracle.programs.text.other_functions import LIBRARIES, no_function


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
        ProgramError: a name is unknown, shapes do not go together, or it is too large; the first
            fault, and those of other lines.

    >>> from gradgrade.oracle.programs.reading import read_program
    >>> given = {"x": ArrayType(shape=(2, 3)), "y": ArrayType(shape=(3,))}
    >>> [line.operation.shape for line in graph_of(read_program("q = x + y"), given).lines]
    [(2, 3)]
    """
    inference = _ShapeInference(
        arrays=dict(arrays), sizes=dict(sizes), rounds_numerals=rounds_numerals
    )
    faults: list[ProgramError] = []
    for line in assignments:
        try:
            if line.name in arrays or line.name in sizes:
                raise ProgramError(f"{line.name} is given: give the line another name", line.place)
            inference.line(line)
        except _ReadsFaulty:
            inference.faulty.add(line.name)
        except ProgramError as fault:
            inference.faulty.add(line.name)
            faults.append(fault)
    if faults:
        raise ProgramError.of_all(faults)
    _refuse_derived_names(assignments, arrays)
    return Graph(givens=MappingProxyType(dict(arrays)), nodes=tuple(inference.builder.nodes))


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


class _ReadsFaulty(ProgramError):
    """A line reads one that is at fault: what it may be at fault of itself cannot be told."""


@dataclass(kw_only=True)
class _ShapeInference:
    """Finds shapes line by line; see `graph_of`."""

    arrays: dict[str, ArrayType]
    sizes: dict[str, int]
    rounds_numerals: bool = False
    builder: NodeBuilder = field(default_factory=NodeBuilder)
    lines: dict[str, Source] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)

    def line(self, line: Assignment) -> None:
        name = Name(line.name)
        source = self.source(line.value, name=name)
        if source.name != name:
            # A line that is another quantity, or a number, under a name of its own.
            same = _same(source.operand)
            source = self.builder.add(
                same,
                function="same",
                sources=(source,),
                place=line.place,
                name=name,
                text=line.text,
            )
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
            case Text():
                raise ProgramError("a text has no value here", of.place)
            case Several():
                raise ProgramError(
                    "brackets with several members belong to shapes, axes, concatenate and stack",
                    of.place,
                )

    def _numeral(self, of: Constant) -> Source:
        if of.value is None:
            raise ProgramError(
                "inf stands only in softmax(where(MASK, X, -inf)), in one line: on a line of its "
                "own write -1e9",
                of.place,
            )
        value = nearest_double(of.value) if self.rounds_numerals else of.value
        holds = Holds.WHOLE if of.is_whole else Holds.DOUBLES
        return _number(value, holds=holds, written=of.text)

    def _variable(self, of: Variable) -> Source:
        if of.name in self.lines:
            return self.lines[of.name]
        if of.name in self.faulty:
            raise _ReadsFaulty("a line that it reads is at fault", of.place)
        if of.name in self.arrays:
            given = self.arrays[of.name]
            kind = MASK if given.mask else DOUBLES
            operand = Operand(shape=given.shape, integers=given.integers, kind=kind)
            return Source(name=Name(of.name), operand=operand)
        if of.name in self.sizes:
            return _number(Fraction(self.sizes[of.name]), holds=Holds.WHOLE, written=of.name)
        if of.name in LIBRARIES:
            raise ProgramError(
                f"{of.name} is not known here: functions stand alone, or behind np.", of.place
            )
        known = ", ".join(self.known)
        raise ProgramError(f"{of.name} is not known here; there are {known}", of.place)

    @property
    def known(self) -> tuple[str, ...]:
        """The names that a line may read."""
        return (*self.arrays, *self.sizes, *self.lines)

    def _call(self, of: Call, name: Name | None) -> Source:
        if (masked := self._masked(of)) is not None:
            mask, entries, number = masked
            options = self._arguments(PRIMITIVES["softmax"], of)[1]
            return self._bound(masked_softmax_of(number), of, (mask, entries), options, name)
        if (variance := self._variance(of)) is not None:
            x, options = variance
            return self._bound(PRIMITIVES["var"], of, (self.source(x),), options, name)
        primitive = self._primitive(of)
        operands, options = self._arguments(primitive, of)
        sources = tuple(self.source(each) for each in operands)
        if may_be_of_two(of) and not sources[0].operand.shape:
            raise of_two(of)
        if not of.is_operator:
            sources = tuple(map(_as_numpy_takes, sources))
        try:
            folded = fold(of.function, [each.operand.constant for each in sources])
            if folded is not None:
                kind = kind_of(of.function, [each.operand for each in sources])
                operand = Operand(shape=(), constant=folded, written=of.text, kind=kind)
                return Source(name=None, operand=operand)
        except ValueError as error:
            raise ProgramError(str(error), of.place) from None
        for each, source in zip(operands, sources, strict=True):
            if source.operand.integers is not None:
                raise ProgramError(AN_INDEX, each.place)
        return self._bound(primitive, of, sources, options, name)

    def _bound(
        self,
        primitive: Primitive,
        of: Call | Indexed,
        sources: tuple[Source, ...],
        options: Mapping[str, object],
        name: Name | None,
    ) -> Source:
        try:
            primitive.check(options)
            operation = primitive.bind(*(each.operand for each in sources), **options)
        except ValueError as error:
            raise ProgramError(str(error), of.place) from None
        return self.builder.add(
            operation,
            function=primitive.name,
            sources=sources,
            place=of.place,
            name=name,
            text=of.text,
            options=options,
        )

    def _masked(self, of: Call) -> tuple[Source, Source, Fraction | None] | None:
        """Return the mask of a softmax, what is masked, and the number that says so, if any."""
        if (found := masked_softmax(of)) is not None:
            mask, x, number = found
            return self.source(mask), self.source(x), number
        match of:
            case Call(function="softmax", operands=(Variable(name=text), *_)) if text in self.lines:
                line = masked_line(self.builder.made(self.lines[text]))
                return None if line is None else (line[0], self.lines[text], line[1])
        return None

    def _variance(self, of: Call) -> tuple[Variable, dict[str, object]] | None:
        """Return the operand and the options of what is a variance, written out."""
        found = squared_deviations(of)
        if found is None:
            return None
        x, mean = found
        outer, inner = (self._arguments(PRIMITIVES["mean"], each)[1] for each in (of, mean))
        shape = self.source(x).operand.shape
        return (x, outer) if is_variance(shape, inner=inner, outer=outer) else None

    def _primitive(self, of: Call) -> Primitive:
        """Return what is called: not `exp(x)` beside an array `exp`, which hides the function."""
        if of.function == "floor_divide":
            raise ProgramError("// stands only in whole numbers: write / for a quotient", of.place)
        if of.is_bare and of.function in {*self.arrays, *self.sizes}:
            raise ProgramError(
                f"{of.function} is no function where an array or a size has that name: give that "
                "another",
                of.place,
            )
        if of.function not in PRIMITIVES:
            raise ProgramError(no_function(of.text), of.place)
        if of.operands and isinstance(of.operands[0], Variable):
            # What is not known is told before what goes with it: torch.sum(x) is a sum of torch.
            name = of.operands[0].name
            library = written(of.text).of.partition(".")[0]
            if name == library and name in LIBRARIES and name not in self.known:
                raise ProgramError(no_function(of.text), of.place)
            self._variable(of.operands[0])
        return PRIMITIVES[of.function]

    def _arguments(
        self, primitive: Primitive, of: Call
    ) -> tuple[tuple[Expression, ...], dict[str, object]]:
        return arguments_of(primitive, of, self._constant)

    def _constant(self, of: Expression) -> Fraction | None:
        """Return the number that an expression is, without any operation; None of others."""
        before = len(self.builder.nodes)
        constant = self.source(of).operand.constant
        return constant if len(self.builder.nodes) == before else None

    def _indexed(self, of: Indexed, name: Name | None) -> Source:
        source = self.source(of.of)
        primitive, sources, options = take(
            of, source, source_of=self.source, constant_of=self._constant
        )
        return self._bound(primitive, of, sources, options, name)


def _number(value: Fraction, *, holds: Holds, written: str) -> Source:
    """Return a number of the text, of whatever size."""
    kind = Kind(holds=holds, most=abs(int(value)), is_pythons=True)
    return Source(name=None, operand=Operand(shape=(), constant=value, written=written, kind=kind))


def _as_numpy_takes(source: Source) -> Source:
    """Return a source as a function of numpy has it, which makes an array of a number."""
    kind = replace(source.operand.kind, is_pythons=False)
    return replace(source, operand=replace(source.operand, kind=kind))


def _same(operand: Operand) -> Operation:
    return Operation(
        shape=operand.shape,
        rule=unchanged,
        formula=lambda each: each,
        pull_backs=(PullBackRule(reads=(), rule=unchanged, formula=lambda up: up),),
    )
