"""From a program's graph to its derivation: its lines, then every gradient, contribution by use.

A use is a line and the place of its operand; each use of a quantity adds a contribution to its
gradient, which is a step of its own where there are several, and the gradient itself where there is
one. What a program is differentiated by is ∂L/∂ of a scalar L, or of Σ dout ∘ out where upstream
gradients are given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import prod

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.expression import Named, Number
from gradgrade.oracle.derivation.formulas.expression import Total as Sum
from gradgrade.oracle.derivation.formulas.functions import hadamard, sum_of
from gradgrade.oracle.derivation.names import OBJECTIVE, Name, OwnNames, iteration_label
from gradgrade.oracle.derivation.quantities import Group, Kind, Quantity
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.programs.graph import ArrayType, Graph
from gradgrade.oracle.programs.lines import (
    HeldLine,
    Line,
    added_up,
    computed,
    pulled_back,
    quantity_of,
    ways_through,
)
from gradgrade.oracle.programs.nodes.node import Node, held_conditions
from gradgrade.oracle.training.updates import Optimizer, Updates


def derive_program(
    graph: Graph,
    *,
    differentiate: str | None = None,
    upstream: Sequence[str] = (),
    parameters: Sequence[str] = (),
    optimizer: Optimizer | None = None,
    iterations: int = 1,
) -> Derivation:
    r"""Derive a program: its lines, the gradients of all that is given or named, and updates.

    Args:
        graph: the program.
        differentiate: the line, a scalar, whose derivatives the gradients are.
        upstream: or the lines whose upstream gradients are given; the gradients are then those of
            Σ dout ∘ out.
        parameters: the givens that are updated.
        optimizer: by which.
        iterations: how many times the program is run and they are updated.

    Raises:
        ValueError: such a line is not there, is no scalar, or is read by another that is needed;
            or a parameter is none of the givens, or has no gradient. What is before the first
            colon names the field.

    >>> from gradgrade.oracle.programs.graph import ArrayType, graph_of
    >>> from gradgrade.oracle.programs.reading import read_program
    >>> scalars = {name: ArrayType(shape=()) for name in "xyz"}
    >>> graph = graph_of(read_program("q = x + y\nf = q * z"), scalars)
    >>> list(derive_program(graph, differentiate="f").results)
    ['q', 'f', 'dq', 'dx', 'dy', 'dz']
    """
    lines = {str(node.name): node for node in graph.lines}
    seeds = [differentiate] if differentiate is not None else list(upstream)
    field = "differentiate" if differentiate is not None else "upstream"
    for each in seeds:
        if each not in lines:
            known = f"there are {', '.join(lines)}" if lines else "it has no lines"
            raise ValueError(f"{field}: {each} is no line of the program; {known}")
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
        parameters=tuple(parameters),
        optimizer=optimizer,
        iterations=iterations,
    )
    derivation = Derivation(
        givens=tuple(deriving.givens()),
        steps=tuple(deriving.steps()),
        convention="column",
        iterations=iterations,
        own_names=_own_names(graph, lines, differentiate),
    )
    _refuse_names_of_two(derivation, graph, parameters)
    return derivation


def _own_names(graph: Graph, lines: Iterable[str], differentiate: str | None) -> OwnNames:
    texts = frozenset((*graph.givens, *lines))
    letter = "objective" if "L" in texts else "L"
    return OwnNames(texts, differentiate or letter)


def _refuse_names_of_two(derivation: Derivation, graph: Graph, parameters: Sequence[str]) -> None:
    """Refuse an array or a line that is called as something else is, derived or stated.

    An array `dout` beside `upstream = ["out"]`, say; a line `objective` or `learning_rate`. What is
    given may be called as a gradient that is derived: of `L = sum(dout * out)` it is the same.
    """
    once = (
        name.bare
        for name in (step.name for step in derivation.steps)
        if name.iteration in (0, 1)
        and not (name == name.of.gradient and str(name.bare) in graph.givens)
    )
    names = Counter(map(str, chain((each.name for each in derivation.givens), once)))
    if derivation.iterations > 1:
        # The parameters that an iteration uses are called as the given ones are.
        names -= Counter(parameters)
    for name, count in names.items():
        if count > 1:
            field = "arrays" if name in graph.givens else "program"
            raise ValueError(
                f"{field}: the name {name} is taken: it is what the oracle calls a gradient, an "
                "update, a number of the optimizer or what is differentiated; choose another"
            )


@dataclass(frozen=True, kw_only=True)
class _Deriving:
    """Derives iteration by iteration; see `derive_program` for what it is given."""

    graph: Graph
    seeds: tuple[Node, ...]
    is_scalar: bool
    parameters: tuple[str, ...]
    optimizer: Optimizer | None
    iterations: int

    def givens(self) -> Iterator[Quantity]:
        """Yield what must be given: arrays, upstream gradients, the optimizer's numbers."""
        for text, each in self.graph.givens.items():
            yield self._given(text, each)
        if not self.is_scalar:
            for node in self.seeds:
                shape = node.operation.shape
                yield quantity_of(node.name.gradient, shape, Group.GIVEN, Kind.INPUTS)
        if self.optimizer is not None:
            for text in self._updates.numbers:
                yield quantity_of(Name(text), (), Group.GIVEN, Kind.NUMBER)

    def steps(self) -> Iterator[Step]:
        """Yield the steps of all iterations."""
        updates = self._updates
        for count in range(1, self.iterations + 1):
            once = _Iteration(
                graph=self.graph,
                seeds=self.seeds,
                is_scalar=self.is_scalar,
                label=iteration_label(count, self.iterations),
                in_use={Name(each): updates.in_use(Name(each), count) for each in self.parameters},
            )
            yield from updates.parameters_of_iteration(count)
            steps = list(once.steps())
            yield from steps
            made = {step.name for step in steps}
            if self.optimizer is None:
                continue
            for text in self.parameters:
                if updates.in_use(Name(text), count).gradient not in made:
                    raise ValueError(f"parameters: {text} has no gradient, so nothing updates it")
            yield from updates.of_iteration(count)

    @cached_property
    def _updates(self) -> Updates:
        known = self.graph.givens
        for text in self.parameters:
            if text not in known or known[text].integers is not None:
                raise ValueError(
                    f"parameters: {text} is no array of numbers that is given; there are "
                    + ", ".join(name for name, each in known.items() if each.integers is None)
                )
        return Updates(
            optimizer=self.optimizer or Optimizer(),
            parameters=tuple(self._given(text, known[text]) for text in self.parameters),
            frozen=frozenset(),
            iterations=self.iterations,
        )

    def _given(self, text: str, each: ArrayType) -> Quantity:
        if each.integers is not None:
            # A row of 0 and a single 1 for each index.
            rows = (prod(each.shape), each.integers[1] + 1)
            return quantity_of(Name(text), rows, Group.GIVEN, Kind.SAMPLES)
        kind = Kind.WEIGHTS if text in self.parameters else Kind.INPUTS
        return quantity_of(Name(text), each.shape, Group.GIVEN, Kind.MASK if each.mask else kind)


@dataclass(frozen=True, kw_only=True)
class _Iteration:
    """Derives one run of the program and its way back.

    Args:
        graph: the program.
        seeds: where the way back begins.
        is_scalar: whether that is a scalar, whose own gradient is 1.
        label: what names count the iteration by.
        in_use: the names of the parameters as they are in this iteration.
    """

    graph: Graph
    seeds: tuple[Node, ...]
    is_scalar: bool
    label: int
    in_use: Mapping[Name, Name]

    def steps(self) -> Iterator[Step]:
        """Yield the lines, what is differentiated, and the gradients."""
        for node in self.graph.nodes:
            yield self._forward(node)
        if self.seeds:
            yield self._objective()
            yield from self._backward()

    def _named(self, name: Name) -> Name:
        """Return the name of a quantity as it is in this iteration."""
        if name in self.in_use:
            return self.in_use[name]
        return name if str(name) in self.graph.givens else name._replace(iteration=self.label)

    def _upstream(self, node: Node) -> Name:
        """Return the name of a line's gradient: given ones are the same in all iterations."""
        if node in self.seeds and not self.is_scalar:
            return node.name.gradient
        return self._named(node.name).gradient

    def _objective(self) -> Step:
        quantity = quantity_of(OBJECTIVE._replace(iteration=self.label), (), Group.OBJECTIVE)
        names = [self._named(node.name) for node in self.seeds]
        if self.is_scalar:
            return Step(quantity, tuple(names), unchanged, Named(names[0]))
        pairs = [(self._upstream(node), self._named(node.name)) for node in self.seeds]
        terms = [Sum(hadamard(Named(up), Named(out))) for up, out in pairs]
        return Step(quantity, tuple(chain.from_iterable(pairs)), _paired, sum_of(*terms))

    def _backward(self) -> Iterator[Step]:
        """Yield the gradients, from what is differentiated back to what is given."""
        uses: dict[Name, list[tuple[Node, int]]] = {}
        reached: set[Name] = {node.name for node in self.seeds}
        held = held_conditions(self.graph.nodes)
        for node in reversed(self.graph.nodes):
            if node.name not in reached or (node.name in held and node not in self.seeds):
                continue
            if node in self.seeds:
                if node.name in uses:
                    # Of a scalar none is: what is behind it is not needed.
                    raise ValueError(f"upstream: {_read_later(node, self.seeds)}")
                if self.is_scalar:
                    yield _seed(self._upstream(node))
            else:
                group = Group.LINE_GRADIENT if node.is_line else Group.INTERNAL
                yield from self._gradient(node.name, node.operation.shape, uses[node.name], group)
            # Uses are found from the last one back.
            for place, source in reversed(tuple(enumerate(node.sources))):
                if source.name is not None and node.operation.pull_backs[place] is not None:
                    uses.setdefault(source.name, []).append((node, place))
                    reached.add(source.name)
        for text, each in self.graph.givens.items():
            name = Name(text)
            if name in uses and each.integers is None and not each.mask:
                yield from self._gradient(name, each.shape, uses[name], Group.GRADIENT)

    def _forward(self, node: Node) -> Step:
        line = self._line(node)
        group = Group.LINE if node.is_line else Group.INTERNAL
        return computed(quantity_of(line.makes, node.operation.shape, group), line)

    def _gradient(
        self, name: Name, shape: Shape, uses: Sequence[tuple[Node, int]], group: Group
    ) -> Iterator[Step]:
        """Yield a quantity's gradient: of its one use, or the sum of what each use adds."""
        to = self._named(name)
        # What is given and stays has a gradient of its own in each iteration.
        of = name._replace(iteration=self.label)
        quantity = quantity_of(of.gradient, shape, group)
        # In the order of the program, as its lines are read.
        ordered = list(reversed(uses))
        if len(ordered) == 1:
            yield self._pull_back(quantity, to, *ordered[0])
            return
        parts = [of.gradient.use(each) for each in ways_through(ordered)]
        for part, (node, place) in zip(parts, ordered, strict=True):
            yield self._pull_back(quantity_of(part, shape, Group.INTERNAL), to, node, place)
        yield added_up(quantity, to, tuple(parts))

    def _pull_back(self, quantity: Quantity, to: Name, node: Node, place: int) -> Step:
        return pulled_back(quantity, to, self._line(node, place), self._upstream(node))

    def _line(self, node: Node, operand: int | None = None) -> Line:
        kind = HeldLine if node.operation.is_held else Line
        return kind(
            node=node,
            makes=self._named(node.name),
            reads=tuple(
                None if each.name is None else self._named(each.name) for each in node.sources
            ),
            operand=operand,
        )


def _read_later(node: Node, seeds: Sequence[Node]) -> str:
    """Return what is said of a line with an upstream gradient that a later one reads."""
    name, out = node.name, f"{node.name}_out"
    listed = ", ".join(f'"{out if each is node else each.name}"' for each in seeds)
    return (
        f"a later line reads {name}, so the gradient that is given and that of {name} itself, with "
        f"what comes back, need two names: add the line {out} = {name}, and write upstream = "
        f"[{listed}]; d{out} is then given, and d{name} is the sum"
    )


def _seed(name: Name) -> Step:
    return Step(quantity_of(name, (), Group.INTERNAL), (), _one, Number(Fraction(1)))


def _paired(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    """Return Σ dout ∘ out over the pairs."""
    pairs = zip(matrices[::2], matrices[1::2], strict=True)
    first, *others = [arithmetic.sum(arithmetic.multiply(up, out)) for up, out in pairs]
    for other in others:
        first = arithmetic.add(first, other)
    return first


def _one(arithmetic: Arithmetic) -> Matrix:
    return arithmetic.matrix([[1]])
