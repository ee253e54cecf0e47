"""The Jacobian of one quantity of a program by another: a way back for each entry of the one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import prod

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.facts import JacobianOf
from gradgrade.oracle.derivation.formulas.boxes import Box, Fraction, Sign, row, sentence
from gradgrade.oracle.derivation.formulas.expression import Function, Named
from gradgrade.oracle.derivation.formulas.functions import in_one_entry
from gradgrade.oracle.derivation.names import OBJECTIVE, Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.programs.lines import (
    Line,
    added_up,
    pulled_back,
    quantity_of,
    ways_through,
)
from gradgrade.oracle.programs.nodes.node import held_conditions

MOST_ROWS = 64
"""Of a Jacobian: each is a way back of its own."""


def jacobian_steps(derivation: Derivation, fact: JacobianOf) -> Iterator[Step]:
    """Yield the steps of a Jacobian: for each entry of `of` its gradient by `by`, then all rows.

    Args:
        derivation: of a program that is run once.
        fact: which is asked.

    Raises:
        ValueError: one of them is no array of the program, or the one does not depend on the other.
    """
    lines = {str(step.name): step for step in derivation.steps if _is_line(step)}
    if fact.of not in lines:
        raise ValueError(f"{fact.of} is no line of the program; there are {', '.join(lines)}")
    known = {**derivation.given, **{name: step.quantity for name, step in lines.items()}}
    if fact.by not in known:
        raise ValueError(f"{fact.by} is nothing that the program has; there are {', '.join(known)}")
    nodes = [step.role.node for step in lines.values() if isinstance(step.role, Line)]
    if known[fact.by].name in held_conditions(nodes):
        raise ValueError(f"{fact.by} is a condition, 0 or 1, by which nothing is differentiated")
    of, by = lines[fact.of].quantity, known[fact.by]
    rows = prod(of.shape)
    if rows > MOST_ROWS:
        raise ValueError(f"{fact.of} has {rows} entries; of a Jacobian at most {MOST_ROWS}")
    found = []
    for entry in range(rows):
        part = f"row {entry + 1} of {fact.of}"
        yield _objective(of, entry, part)
        steps = list(_way_back(derivation, of, by.name, entry, part))
        if not steps or steps[-1].name != by.name.gradient.part(part):
            raise ValueError(f"{fact.of} does not depend on {fact.by}")
        yield from steps
        found.append(steps[-1].name)
    made = quantity_of(Name(fact.name), (rows, prod(by.shape)), Group.JACOBIAN)
    rule = partial(_stacked, prod(by.shape))
    written = Function("jacobian", rule, partial(_written, fact))
    yield Step(made, tuple(found), rule, written(*map(Named, found)))


def _is_line(step: Step) -> bool:
    return isinstance(step.role, Line) and step.role.operand is None


def _objective(of: Quantity, entry: int, part: str) -> Step:
    """Return the entry that a row is the gradient of."""
    quantity = quantity_of(OBJECTIVE.part(part), (), Group.OBJECTIVE)
    rule = partial(_entry, entry, prod(of.shape))
    written = Function("entry", rule, lambda of: row(sentence(f"entry {entry + 1} of "), of))
    return Step(quantity, (of.name,), rule, written(Named(of.name)))


def _way_back(
    derivation: Derivation, of: Quantity, by: Name, entry: int, part: str
) -> Iterator[Step]:
    """Yield the gradients of one entry, from its line back to what is asked."""
    seed = of.name.gradient.part(part)
    one = partial(_one_of, entry, of.matrix_shape)
    formula = in_one_entry(1, of.matrix_shape, entry, number=entry + 1)
    yield Step(quantity_of(seed, of.shape, Group.INTERNAL), (), one, formula)
    uses: dict[Name, list[Line]] = {}
    reached = {of.name}
    for step in reversed(derivation.steps):
        line = step.role
        if not isinstance(line, Line) or line.operand is not None or step.name not in reached:
            continue
        if step.name != of.name:
            group = Group.JACOBIAN_ROW if step.name == by else Group.INTERNAL
            yield from _gradient(step.quantity, uses[step.name], part, group)
            if step.name == by:
                return
        for place, name in reversed(tuple(enumerate(line.reads))):
            if name is not None and line.node.operation.pull_backs[place] is not None:
                uses.setdefault(name, []).append(line.to_operand(place))
                reached.add(name)
    if by in uses:
        yield from _gradient(derivation.given[str(by)], uses[by], part, Group.JACOBIAN_ROW)


def _gradient(of: Quantity, uses: list[Line], part: str, group: Group) -> Iterator[Step]:
    quantity = quantity_of(of.name.gradient.part(part), of.shape, group)
    ordered = list(reversed(uses))
    if len(ordered) == 1:
        yield pulled_back(quantity, of.name, ordered[0], _upstream(ordered[0], part))
        return
    used = [(line.node, line.operand or 0) for line in ordered]
    parts = [quantity.name.use(each) for each in ways_through(used)]
    for own, line in zip(parts, ordered, strict=True):
        made = quantity_of(own, of.shape, Group.INTERNAL)
        yield pulled_back(made, of.name, line, _upstream(line, part))
    yield added_up(quantity, of.name, tuple(parts))


def _upstream(line: Line, part: str) -> Name:
    return line.makes.gradient.part(part)


def _entry(entry: int, size: int, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    flat = arithmetic.reshape(matrix, size, 1)
    return arithmetic.rows_between(flat, entry, entry + 1)


def _one_of(entry: int, shape: tuple[int, int], arithmetic: Arithmetic) -> Matrix:
    rows, columns = shape
    return arithmetic.matrix(
        [[int(i * columns + j == entry) for j in range(columns)] for i in range(rows)]
    )


def _stacked(size: int, arithmetic: Arithmetic, *rows: Matrix) -> Matrix:
    return arithmetic.stack(*(arithmetic.reshape(each, 1, size) for each in rows))


def _written(fact: JacobianOf, *_: Box) -> Box:
    return Fraction(row(Sign("∂"), Sign(fact.of)), row(Sign("∂"), Sign(fact.by)))
