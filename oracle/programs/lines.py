"""A program's lines as steps: computed, passed back through to an operand, and added up by use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression, Named, Number
from gradgrade.oracle.derivation.formulas.functions import sum_of
from gradgrade.oracle.derivation.formulas.rewriting import simplified
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import Held, PullBack, Total, Value
from gradgrade.oracle.derivation.steps import Route, Rule, Step
from gradgrade.oracle.exact_numbers import Exact
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.primitive import VALUE, Operand, PullBackRule
from gradgrade.oracle.programs.nodes.node import Node

_DECIMAL = re.compile(r"[0-9.]+([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Value):
    """An operation of a program, or of what passes a gradient back through one.

    Args:
        node: with its place, the shapes of its operands, and what it does.
        makes: the name of what it makes, in the iteration that it belongs to.
        reads: likewise of each operand; None for a number of the text.
        operand: to which operand a gradient is passed, by place from 0; None of the operation.
    """

    node: Node
    makes: Name
    reads: tuple[Name | None, ...]
    operand: int | None = None

    def to_operand(self, place: int) -> Line:
        """Return the same, of what passes a gradient back to an operand."""
        return replace(self, operand=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine(Line, Held):
    """An operation through which nothing is derived."""


def quantity_of(name: Name, shape: Shape, group: Group, kind: Kind | None = None) -> Quantity:
    """Return a quantity of a program, whose arrays lie as numpy has them."""
    return Quantity(name, shape, Layout.FIXED, group, kind)


def computed(quantity: Quantity, line: Line) -> Step:
    """Return the step that an operation is.

    Args:
        quantity: what it makes.
        line: the operation.
    """
    operation = line.node.operation
    operands = [each.operand for each in line.node.sources]

    def names(reads: Sequence[int]) -> tuple[Name, ...]:
        return tuple(name for each in reads if (name := line.reads[each]) is not None)

    return Step(
        quantity,
        names(range(len(operands))),
        _with_numbers(operation.rule, operands),
        operation.formula(*starmap(_written, zip(line.reads, operands, strict=True))),
        routes=tuple(
            Route(names(way.reads), _with_numbers(way.rule, [operands[each] for each in way.reads]))
            for way in operation.ways
        ),
        role=line,
    )


def pulled_back(quantity: Quantity, to: Name, line: Line, upstream: Name) -> Step:
    """Return the step that passes a gradient back through an operation, to one of its operands.

    Args:
        quantity: what it makes: the operand's gradient, or what one use adds to it.
        to: the operand.
        line: the operation, and which operand it is.
        upstream: the gradient of what the operation makes.
    """
    assert line.operand is not None
    rule = line.node.operation.pull_backs[line.operand]
    assert isinstance(rule, PullBackRule)
    own = Operand(shape=line.node.operation.shape)
    operands = [each.operand for each in line.node.sources]

    def read(reads: Sequence[int]) -> list[tuple[Name | None, Operand]]:
        return [
            (line.makes, own) if each == VALUE else (line.reads[each], operands[each])
            for each in reads
        ]

    def names(reads: Sequence[int]) -> tuple[Name, ...]:
        return (upstream, *(name for name, _ in read(reads) if name is not None))

    return Step(
        quantity,
        names(rule.reads),
        _with_numbers(rule.rule, [operand for _, operand in read(rule.reads)], after=1),
        simplified(rule.formula(Named(upstream), *starmap(_written, read(rule.reads)))),
        entry=rule.entry if quantity.group is Group.GRADIENT else None,
        routes=tuple(
            Route(
                names(way.reads),
                _with_numbers(way.rule, [operand for _, operand in read(way.reads)], after=1),
            )
            for way in rule.ways
        ),
        role=PullBack(to=to, through=(line,), upstream=(upstream,)),
    )


def added_up(quantity: Quantity, to: Name, parts: tuple[Name, ...]) -> Step:
    """Return the step that adds up what the uses of a quantity send back."""
    return Step(
        quantity,
        parts,
        _added,
        sum_of(*map(Named, parts)),
        # What is passed on to other lines is checked whole by the reference, as its way back is.
        elementwise=quantity.group is Group.GRADIENT,
        role=Total(to=to, contributions=parts),
    )


def ways_through(uses: Sequence[tuple[Node, int]]) -> list[str]:
    """Return what each use of a quantity is called: as short as tells it from all others.

    Args:
        uses: operations, and the place of the operand that the quantity is.
    """
    forms = [_forms(node, place) for node, place in uses]
    counts = [Counter(each) for each in zip(*forms, strict=True)]
    return [
        next(
            (form for form, count in zip(own, counts, strict=True) if count[form] == 1),
            f"{own[-1]}, number {index}",
        )
        for index, own in enumerate(forms, start=1)
    ]


def _forms(node: Node, place: int) -> tuple[str, ...]:
    line, source = f"line {node.place.line}", node.text
    operand = f"operand {place + 1}"
    return (
        f"through {line}",
        f"through {line}, {operand}",
        f"through {source} in {line}",
        f"through {source} in {line}, {operand}",
        f"through {source} in {line}, column {node.place.column}, {operand}",
    )


def _written(name: Name | None, operand: Operand) -> Expression:
    if name is not None:
        return Named(name)
    number = operand.constant
    assert number is not None
    size = operand.written.lstrip("- ")
    is_decimal = number.denominator > 1 and _DECIMAL.fullmatch(size) is not None
    return Number(number, text=size if is_decimal else "")


def _with_numbers(rule: Rule, operands: Sequence[Operand], *, after: int = 0) -> Rule:
    """Return a rule of the quantities alone among what it reads, the numbers put in.

    Args:
        rule: `rule(arithmetic, *first, *read)`.
        operands: what it reads, numbers of the text among them.
        after: how many matrices come before.
    """
    numbers = tuple(
        (after + place, int(number) if number.denominator == 1 else number)
        for place, number in enumerate(each.constant for each in operands)
        if number is not None
    )
    return partial(_filled_in, rule, numbers) if numbers else rule


def _filled_in(
    rule: Rule,
    numbers: Sequence[tuple[int, Exact]],
    arithmetic: Arithmetic,
    *matrices: Matrix,
) -> Matrix:
    filled = list(matrices)
    for place, number in numbers:
        filled.insert(place, arithmetic.constant(number))
    return rule(arithmetic, *filled)


def _added(arithmetic: Arithmetic, first: Matrix, *others: Matrix) -> Matrix:
    for other in others:
        first = arithmetic.add(first, other)
    return first
