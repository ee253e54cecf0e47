"""From a program's graph to its derivation: its lines, then every gradient, contribution by use.

A use is a line and the place of its operand; each use of a quantity adds a contribution to its
gradient, which is a step of its own where there are several, and the gradient itself where there is
one. What a program is differentiated by is ∂L/∂ of a scalar L, or of Σ dout ∘ out where upstream
gradients are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.expression import Expression, Named, Number
from gradgrade.oracle.derivation.formulas.expression import Total as Sum
from gradgrade.oracle.derivation.formulas.functions import hadamard, sum_of
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import PullBack, Total, Value
from gradgrade.oracle.derivation.steps import Route, Rule, Step, unchanged
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.primitive import VALUE, PullBackRule
from gradgrade.oracle.programs.graph import Graph, Node, Source

OBJECTIVE = Name("objective")
"""What is differentiated: the scalar, or Σ dout ∘ out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Value):
    """An operation of a program, or of what passes a gradient back through one.

    Args:
        node: with its place, its operands, and what it does.
        operand: to which operand a gradient is passed, by place from 0; None of the operation.
    """

    node: Node
    operand: int | None = None


def derive_program(
    graph: Graph, *, differentiate: str | None = None, upstream: Sequence[str] = ()
) -> Derivation:
    r"""Derive a program: its lines, and the gradients of all that is given or named.

    Args:
        graph: the program.
        differentiate: the line, a scalar, whose derivatives the gradients are.
        upstream: or the lines whose upstream gradients are given; the gradients are then those of
            Σ dout ∘ out.

    Raises:
        ValueError: such a line is not there, is no scalar, or is read by another that is needed.

    >>> from gradgrade.oracle.programs.graph import ArrayType, graph_of
    >>> from gradgrade.oracle.programs.reading import read_program
    >>> scalars = {name: ArrayType(shape=()) for name in "xyz"}
    >>> graph = graph_of(read_program("q = x + y\nf = q * z"), scalars)
    >>> list(derive_program(graph, differentiate="f").results)
    ['q', 'f', 'dq', 'dx', 'dy', 'dz']
    """
    lines = {str(node.name): node for node in graph.lines}
    seeds = [differentiate] if differentiate is not None else list(upstream)
    for each in seeds:
        if each not in lines:
            raise ValueError(f"{each} is no line of the program; there are {', '.join(lines)}")
    if differentiate is not None and lines[differentiate].operation.shape:
        shape = list(lines[differentiate].operation.shape)
        raise ValueError(
            f"differentiate: {differentiate} has shape {shape}, and only a number has a gradient: "
            f'sum it, or give its upstream gradient by upstream = ["{differentiate}"]'
        )
    deriving = _Deriving(
        graph=graph,
        seeds=tuple(lines[each] for each in seeds),
        is_scalar=differentiate is not None,
    )
    return Derivation(
        givens=tuple(deriving.givens()),
        steps=tuple(deriving.steps()),
        convention="column",
        iterations=1,
    )


@dataclass(frozen=True, kw_only=True)
class _Deriving:
    graph: Graph
    seeds: tuple[Node, ...]
    is_scalar: bool

    def givens(self) -> Iterator[Quantity]:
        for text, each in self.graph.givens.items():
            kind = Kind.SAMPLES if each.integers else Kind.MASK if each.mask else Kind.INPUTS
            shape = each.shape
            if each.integers is not None:
                shape = (_size(shape), each.integers[1] + 1)
            yield _quantity(Name(text), shape, Group.GIVEN, kind)
        if not self.is_scalar:
            for node in self.seeds:
                yield _quantity(node.name.gradient, node.operation.shape, Group.GIVEN, Kind.INPUTS)

    def steps(self) -> Iterator[Step]:
        for node in self.graph.nodes:
            yield _forward(node)
        if not self.seeds:
            return
        yield self._objective()
        yield from self._backward()

    def _objective(self) -> Step:
        quantity = _quantity(OBJECTIVE, (), Group.OBJECTIVE)
        names = [node.name for node in self.seeds]
        if self.is_scalar:
            return Step(quantity, tuple(names), unchanged, Named(names[0]))
        reads = tuple(each for name in names for each in (name.gradient, name))
        terms = [Sum(hadamard(Named(name.gradient), Named(name))) for name in names]
        return Step(quantity, reads, _paired, sum_of(*terms))

    def _backward(self) -> Iterator[Step]:
        """Yield the gradients, from what is differentiated back to what is given."""
        uses: dict[Name, list[tuple[Node, int]]] = {}
        reached: set[Name] = {node.name for node in self.seeds}
        for node in reversed(self.graph.nodes):
            if node.name not in reached:
                continue
            if node in self.seeds:
                if node.name in uses:
                    raise ValueError(
                        f"upstream: {node.name} is read by a later line that is needed; write "
                        f"{node.name}_out = {node.name} and give that its upstream gradient"
                    )
                if self.is_scalar:
                    yield _seed(node)
            else:
                yield from _gradient(node.name, node.operation.shape, uses[node.name], node.is_line)
            for place, source in enumerate(node.sources):
                if source.name is not None and node.operation.pull_backs[place] is not None:
                    uses.setdefault(source.name, []).append((node, place))
                    reached.add(source.name)
        for text, each in self.graph.givens.items():
            name = Name(text)
            if name in uses and each.integers is None and not each.mask:
                yield from _gradient(name, each.shape, uses[name], is_line=None)


def _forward(node: Node) -> Step:
    group = Group.LINE if node.is_line else Group.INTERNAL
    quantity = _quantity(node.name, node.operation.shape, group)
    routes = tuple(
        Route(
            tuple(_name(node.sources[each]) for each in way.reads if node.sources[each].name),
            _with_numbers(way.rule, [node.sources[each] for each in way.reads]),
        )
        for way in node.operation.ways
    )
    return Step(
        quantity,
        tuple(_name(each) for each in node.sources if each.name is not None),
        _with_numbers(node.operation.rule, node.sources),
        node.operation.formula(*map(_written, node.sources)),
        elementwise=node.operation.is_elementwise,
        routes=routes,
        role=Line(node=node),
    )


def _gradient(
    name: Name, shape: Shape, uses: Sequence[tuple[Node, int]], is_line: bool | None
) -> Iterator[Step]:
    """Yield the gradient of a quantity: of its one use, or the sum of what each use adds."""
    group = {None: Group.GRADIENT, True: Group.LINE_GRADIENT, False: Group.INTERNAL}[is_line]
    quantity = _quantity(name.gradient, shape, group)
    # In the order of the program, as its lines are read.
    ordered = list(reversed(uses))
    if len(ordered) == 1:
        yield _pull_back(quantity, name, *ordered[0])
        return
    parts = []
    for node, place in ordered:
        part = name.gradient.part(f"through {node.name}, operand {place + 1}")
        parts.append(part)
        yield _pull_back(_quantity(part, shape, Group.INTERNAL), name, node, place)
    yield Step(
        quantity,
        tuple(parts),
        _added,
        sum_of(*map(Named, parts)),
        elementwise=True,
        role=Total(to=name, contributions=tuple(parts)),
    )


def _pull_back(quantity: Quantity, to: Name, node: Node, place: int) -> Step:
    rule = node.operation.pull_backs[place]
    assert isinstance(rule, PullBackRule)
    upstream = node.name.gradient
    own = Source(name=node.name, operand=node.sources[0].operand)

    def sources_of(reads: Sequence[int]) -> list[Source]:
        return [own if each == VALUE else node.sources[each] for each in reads]

    def named(reads: Sequence[int]) -> tuple[Name, ...]:
        return (upstream, *(_name(each) for each in sources_of(reads) if each.name is not None))

    routes = tuple(
        Route(named(way.reads), _with_numbers(way.rule, sources_of(way.reads), after=1))
        for way in rule.ways
    )
    return Step(
        quantity,
        named(rule.reads),
        _with_numbers(rule.rule, sources_of(rule.reads), after=1),
        rule.formula(Named(upstream), *map(_written, sources_of(rule.reads))),
        routes=routes,
        role=PullBack(to=to, through=(Line(node=node, operand=place),), upstream=(upstream,)),
    )


def _seed(node: Node) -> Step:
    quantity = _quantity(node.name.gradient, (), Group.INTERNAL)
    return Step(quantity, (), _one, Number(Fraction(1)))


def _quantity(name: Name, shape: Shape, group: Group, kind: Kind | None = None) -> Quantity:
    return Quantity(name, shape, Layout.FIXED, group, kind)


def _name(source: Source) -> Name:
    assert source.name is not None
    return source.name


def _written(source: Source) -> Expression:
    if source.name is not None:
        return Named(source.name)
    assert source.operand.constant is not None
    return Number(source.operand.constant)


def _with_numbers(rule: Rule, sources: Sequence[Source], *, after: int = 0) -> Rule:
    """Return a rule of the quantities alone among what it reads, the numbers put in.

    Args:
        rule: `rule(arithmetic, *first, *read)`.
        sources: what it reads, numbers of the text among them.
        after: how many matrices come before.
    """
    numbers = {
        after + place: each.operand.constant
        for place, each in enumerate(sources)
        if each.operand.constant is not None
    }
    return partial(_filled_in, rule, numbers) if numbers else rule


def _filled_in(
    rule: Rule, numbers: Mapping[int, Fraction], arithmetic: Arithmetic, *matrices: Matrix
) -> Matrix:
    remaining = iter(matrices)
    filled = [
        arithmetic.matrix([[numbers[place]]]) if place in numbers else next(remaining)
        for place in range(len(matrices) + len(numbers))
    ]
    return rule(arithmetic, *filled)


def _paired(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    """Return Σ dout ∘ out over the pairs."""
    pairs = zip(matrices[::2], matrices[1::2], strict=True)
    first, *others = [arithmetic.sum(arithmetic.multiply(up, out)) for up, out in pairs]
    for other in others:
        first = arithmetic.add(first, other)
    return first


def _added(arithmetic: Arithmetic, first: Matrix, *others: Matrix) -> Matrix:
    for other in others:
        first = arithmetic.add(first, other)
    return first


def _one(arithmetic: Arithmetic) -> Matrix:
    return arithmetic.matrix([[1]])


def _size(shape: Shape) -> int:
    size = 1
    for each in shape:
        size *= each
    return size
