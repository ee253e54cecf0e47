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
from gradgrade.oracle.derivation.formulas.expression import Expression, Named, Number
from gradgrade.oracle.derivation.formulas.functions import larger, magnitude
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.roles import Training, Value
from gradgrade.oracle.derivation.steps import Rule, Step

MOST_CHECKED = 64
"""Entries of an array: each takes two passes of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotients(Value):
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
    size = prod(by.shape)
    forward = derivation.needed_for(loss, from_names=_trained(derivation))
    found: list[Name] = []
    for entry in range(size):
        for sign in (1, -1):
            part = f"{'plus' if sign > 0 else 'minus'} h in entry {entry + 1}"
            # Quotients by another given, derived before, have copies of the same steps.
            if loss.part(part) in derivation.by_name:
                part += f" of {fact.by}"
            moved = by.name.part(part)
            rule = partial(_moved, entry, by.matrix_shape, sign * fact.h)
            formula = Named(by.name) + Number(sign * fact.h)
            yield _internal(moved, by, (by.name,), rule, formula)
            copies = list(_once_more(forward, {by.name: moved}, part))
            if not copies:
                raise ValueError(f"the loss does not depend on {fact.by}")
            yield from copies
            found.append(copies[-1].name)
    quantity = Quantity(Name(fact.name), by.shape, by.layout, Group.FACT)
    shown = (Named(found[0]) - Named(found[1])) / Number(2 * fact.h)
    rule = partial(_quotients, by.matrix_shape, fact.h)
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
    yield Step(quantity, reads, _relative, formula, elementwise=True)


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


def _trained(derivation: Derivation) -> set[Name]:
    return {step.name for step in derivation.steps if isinstance(step.role, Training)}


def _once_more(steps: tuple[Step, ...], renamed: dict[Name, Name], part: str) -> Iterator[Step]:
    """Yield copies of the steps that depend on what is renamed."""
    named = dict(renamed)
    for step in steps:
        if named.keys().isdisjoint(step.reads):
            continue
        named[step.name] = step.name.part(part)
        reads = tuple(named.get(each, each) for each in step.reads)
        yield _internal(named[step.name], step.quantity, reads, step.rule, step.formula)


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
    shape: tuple[int, int], h: Fraction, arithmetic: Arithmetic, *losses: Matrix
) -> Matrix:
    twice = arithmetic.matrix([[2 * h]])
    pairs = zip(losses[::2], losses[1::2], strict=True)
    each = [
        arithmetic.map(_divided, arithmetic.subtract(plus, minus), twice) for plus, minus in pairs
    ]
    return arithmetic.reshape(arithmetic.stack(*each), *shape)


def _divided(numbers: Arithmetic, above: Element, below: Element) -> Element:
    return numbers.divide(above, below)


def _relative(arithmetic: Arithmetic, quotient: Matrix, gradient: Matrix) -> Matrix:
    def rule(numbers: Arithmetic, q: Element, g: Element) -> Element:
        larger = -numbers.minimum(-abs(q), -abs(g))
        return numbers.divide(abs(q - g), larger)

    return arithmetic.map(rule, quotient, gradient)
