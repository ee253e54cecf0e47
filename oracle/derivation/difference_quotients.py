r"""Numerical gradient checking: a loss's central differences, and how far they are off.

(L(w + h e) − L(w − h e)) / 2h for each entry e of w, and |quotient − ∂L/∂w| / max(|quotient|,
|∂L/∂w|), entry by entry.

Source: seed 003, which takes the quotient of both sides; the relative difference as the field's
notes have it, with the larger of both below.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import prod

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.facts import QuotientOf, RelativeDifferenceOf
from gradgrade.oracle.derivation.formulas.boxes import Box, Sign, enumeration
from gradgrade.oracle.derivation.formulas.expression import (
    Expression,
    Function,
    Named,
    decimal,
)
from gradgrade.oracle.derivation.formulas.functions import in_one_entry, larger, magnitude
from gradgrade.oracle.derivation.formulas.rewriting import renamed
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Convention, Group, Quantity
from gradgrade.oracle.derivation.roles import Cancelling, Training
from gradgrade.oracle.derivation.steps import Rule, Step

WRITTEN_OUT = 4
"""So many differences stand in a formula each."""

MOST_CHECKED = 64
"""Entries of an array: each takes two passes of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotients(Cancelling):
    """Central differences of a loss: of its values above and below, in turn, for each entry.

    Args:
        loss: what is differentiated, where nothing is moved.
    """

    loss: Name


def quotient_steps(derivation: Derivation, fact: QuotientOf) -> Iterator[Step]:
    """Yield the steps of a loss's central differences by each entry of a given.

    Args:
        derivation: of one iteration.
        fact: by what, and h.

    Raises:
        ValueError: there is no such given, no loss, or there are too many entries.
    """
    by, loss = _checked(derivation, fact.by)
    order = _documents_order(by, derivation.convention)
    forward = derivation.needed_for(loss, from_names=_trained(derivation))
    found: list[Name] = []
    for number, place in enumerate(order, start=1):
        h: Expression = decimal(fact.h)
        if len(order) > 1:
            h = in_one_entry(h, by.matrix_shape, place, number=number)
        for sign in (1, -1):
            part = f"{'plus' if sign > 0 else 'minus'} h in entry {number}"
            # Quotients by another given, derived before, have copies of the same steps.
            if loss.part(part) in derivation.by_name:
                part += f" of {fact.by}"
            moved = by.name.part(part)
            rule = partial(_moved, place, by.matrix_shape, sign * fact.h)
            formula = Named(by.name) + h if sign > 0 else Named(by.name) - h
            yield _internal(moved, by, (by.name,), rule, formula)
            copies = list(_once_more(forward, {by.name: moved}, part))
            if not copies:
                raise ValueError(f"the loss does not depend on {fact.by}")
            yield from copies
            found.append(copies[-1].name)
    quantity = Quantity(Name(fact.name), by.shape, by.layout, Group.FACT)
    differences = [
        Named(above) - Named(below) for above, below in zip(found[::2], found[1::2], strict=True)
    ]
    arranged = partial(_arranged, by.matrix_shape, order)
    all_of_them = Function("", arranged, _enumerated)(*differences)
    shown = (all_of_them if len(order) > 1 else differences[0]) / decimal(2 * fact.h)
    rule = partial(_quotients, by.matrix_shape, order, fact.h)
    yield Step(quantity, tuple(found), rule, shown, role=Quotients(loss=loss))


def difference_steps(derivation: Derivation, fact: RelativeDifferenceOf) -> Iterator[Step]:
    """Yield the relative difference of quotients, that are derived already, and the gradient.

    Raises:
        ValueError: there is no such gradient.
    """
    by, _ = _checked(derivation, fact.by)
    quotient = Name(QuotientOf(fact.by, fact.h).name)
    if by.name.gradient not in derivation.by_name:
        raise ValueError(f"{fact.by} has no gradient to be compared with")
    reads = (quotient, by.name.gradient)
    q, g = map(Named, reads)
    formula = magnitude(q - g) / larger(magnitude(q), magnitude(g))
    quantity = Quantity(Name(fact.name), by.shape, by.layout, Group.FACT)
    yield Step(quantity, reads, _relative, formula, elementwise=True, role=Cancelling())


def _checked(derivation: Derivation, by: str) -> tuple[Quantity, Name]:
    """Return what a loss is checked by, and the loss."""
    if derivation.iterations > 1:
        raise ValueError("a gradient is checked in one iteration: leave out iterations and until")
    losses = (
        step.name
        for group in (Group.OBJECTIVE, Group.LOSS)
        for step in derivation.steps
        if step.quantity.group is group
    )
    loss = next(losses, None)
    if loss is None:
        raise ValueError("there is no loss whose gradient could be checked")
    if by not in derivation.given:
        known = ", ".join(derivation.given)
        raise ValueError(f"{by} is nothing that is given; there are {known}")
    quantity = derivation.given[by]
    if prod(quantity.shape) > MOST_CHECKED:
        raise ValueError(f"{by} has {prod(quantity.shape)} entries; at most {MOST_CHECKED}")
    return quantity, loss


def _enumerated(*entries: Box) -> Box:
    """Return entries in parentheses; of many the first and the last."""
    if len(entries) <= WRITTEN_OUT:
        return enumeration(*entries)
    return enumeration(entries[0], Sign("…"), entries[-1])


def _documents_order(by: Quantity, convention: Convention) -> tuple[int, ...]:
    """Return the places of a matrix's entries, row by row, as a document has them in turn."""
    return tuple(by.in_document_order([*range(prod(by.shape))], convention))


def _trained(derivation: Derivation) -> set[Name]:
    return {step.name for step in derivation.steps if isinstance(step.role, Training)}


def _once_more(steps: tuple[Step, ...], moved: dict[Name, Name], part: str) -> Iterator[Step]:
    """Yield copies of the steps that depend on what is moved."""
    named = dict(moved)
    for step in steps:
        if named.keys().isdisjoint(step.reads):
            continue
        named[step.name] = step.name.part(part)
        reads = tuple(named.get(each, each) for each in step.reads)
        formula = renamed(step.formula, named)
        yield _internal(named[step.name], step.quantity, reads, step.rule, formula)


def _internal(
    name: Name, like: Quantity, reads: tuple[Name, ...], rule: Rule, formula: Expression
) -> Step:
    quantity = Quantity(name, like.shape, like.layout, Group.INTERNAL)
    return Step(quantity, reads, rule, formula)


def _moved(
    entry: int, shape: tuple[int, int], by: Fraction, arithmetic: Arithmetic, matrix: Matrix
) -> Matrix:
    rows, columns = shape
    step = [
        [by if i * columns + j == entry else Fraction(0) for j in range(columns)]
        for i in range(rows)
    ]
    return arithmetic.add(matrix, arithmetic.matrix(step))


def _quotients(
    shape: tuple[int, int],
    order: tuple[int, ...],
    h: Fraction,
    arithmetic: Arithmetic,
    *losses: Matrix,
) -> Matrix:
    twice = arithmetic.matrix([[2 * h]])
    pairs = zip(losses[::2], losses[1::2], strict=True)
    each = [
        arithmetic.map(_divided, arithmetic.subtract(plus, minus), twice) for plus, minus in pairs
    ]
    return _arranged(shape, order, arithmetic, *each)


def _arranged(
    shape: tuple[int, int], order: tuple[int, ...], arithmetic: Arithmetic, *numbers: Matrix
) -> Matrix:
    """Return the matrix of numbers that come in a document's order."""
    by_place = dict(zip(order, numbers, strict=True))
    each = [by_place[place] for place in range(len(order))]
    return arithmetic.reshape(arithmetic.stack(*each), *shape)


def _divided(numbers: Arithmetic, above: Element, below: Element) -> Element:
    return numbers.divide(above, below)


def _relative(arithmetic: Arithmetic, quotient: Matrix, gradient: Matrix) -> Matrix:
    def rule(numbers: Arithmetic, q: Element, g: Element) -> Element:
        larger = -numbers.minimum(-abs(q), -abs(g))
        return numbers.divide(abs(q - g), larger)

    return arithmetic.map(rule, quotient, gradient)
