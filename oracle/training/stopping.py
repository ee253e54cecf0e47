r"""Training until a condition holds: how many updates that takes, and what is left then.

Iterations run on, as many as there may be, and the one in which the condition holds first is picked
out by numbers that are 1 there and 0 elsewhere: so one derivation serves all variants, each of
which stops where its own numbers say. In iteration t the loss is worked out, then the condition
looked at, then the update made: whoever stops in iteration t has made t − 1 updates. Where a
condition is met to the last digit, or never, nothing has a value.

Source: seeds 001 (until the error is acceptable), 002 (until the gradient vanishes).
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Literal

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.derivation import ASKABLE, Derivation
from gradgrade.oracle.derivation.formulas.expression import Expression, Named, Number
from gradgrade.oracle.derivation.formulas.functions import sqrt, sum_of, where
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import Update
from gradgrade.oracle.derivation.steps import Rule, Step

Condition = Literal["loss_below", "gradient_norm_below"]

STEPS = Name("steps")
MET, STOPS, NORM = "met", "stops", "gradient_norm"

_OF_STATE = frozenset({Group.STATE, Group.PARAMETER, Group.FACT})


@kept_with_argument
def _loss_below(derivation: Derivation) -> Derivation:
    return _stopping(derivation, "loss_below")


@kept_with_argument
def _gradient_norm_below(derivation: Derivation) -> Derivation:
    return _stopping(derivation, "gradient_norm_below")


_BY_CONDITION = MappingProxyType(
    {"loss_below": _loss_below, "gradient_norm_below": _gradient_norm_below}
)


def stopping(derivation: Derivation, condition: Condition) -> Derivation:
    """Return a derivation of several iterations whose bare names are those of where it stops.

    Args:
        derivation: of as many iterations as there may be.
        condition: which; its bound is a given of the same name.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer(), iterations=3)
    >>> list(stopping(derivation, "loss_below").results)
    ['steps', 'z1', 'a1', 'loss', 'da1', 'delta1', 'dW1', 'dx', 'W1_new']
    """
    return _BY_CONDITION[condition](derivation)


def _stopping(derivation: Derivation, condition: Condition) -> Derivation:
    bound = Quantity(Name(condition), (), Layout.FIXED, Group.GIVEN, Kind.NUMBER)
    counts = range(1, derivation.iterations + 1)
    steps = list(derivation.steps)
    measured = []
    for count in counts:
        if condition == "loss_below":
            measured.append(_loss(derivation, count))
        else:
            norm = _norm(derivation, count)
            steps.append(norm)
            measured.append(norm.name)
    steps += _conditions(measured, bound.name)
    steps += _finals(derivation, [Name(STOPS, iteration=count) for count in counts])
    return replace(derivation, givens=(*derivation.givens, bound), steps=tuple(steps), stops=True)


def _loss(derivation: Derivation, count: int) -> Name:
    for group in (Group.LOSS, Group.OBJECTIVE):
        for step in derivation.steps:
            if step.quantity.group is group and step.name.iteration == count:
                return step.name
    raise ValueError("there is no loss that could become small")


def _norm(derivation: Derivation, count: int) -> Step:
    """Return the length of the gradients of all parameters that are updated."""
    gradients = tuple(
        step.role.symbols["g"]
        for step in derivation.steps
        if isinstance(step.role, Update) and step.name.iteration == count
    )
    squares = [Named(each) ** 2 for each in gradients]
    return _scalar(NORM, count, gradients, _length, sqrt(sum_of(*squares)))


def _conditions(measured: list[Name], bound: Name) -> Iterator[Step]:
    """Yield for each iteration whether the condition holds there, and whether it does first."""
    met = [Name(MET, iteration=count) for count in range(1, len(measured) + 1)]
    for count, each in enumerate(measured, start=1):
        holds = where(Named(each) < Named(bound), 1, 0)
        yield _scalar(MET, count, (each, bound), _is_below, holds)
    for count in range(1, len(measured) + 1):
        rule: Rule = partial(_holds_first, count)
        yield _scalar(STOPS, count, tuple(met), rule, _first(met[:count]))


def _first(met: list[Name]) -> Expression:
    first: Expression = Named(met[-1])
    for each in met[:-1]:
        first = first * (1 - Named(each))
    return first


def _finals(derivation: Derivation, stops: list[Name]) -> Iterator[Step]:
    quantity = Quantity(STEPS, (), Layout.FIXED, Group.FACT)
    terms = [Number(Fraction(at)) * Named(each) for at, each in enumerate(stops) if at]
    yield Step(quantity, tuple(stops), _counted, sum_of(*terms))
    for last in derivation.steps:
        final = last.quantity
        if final.group not in ASKABLE - _OF_STATE or last.name.iteration != derivation.iterations:
            continue
        # What has been updated when it stops is what the iteration began with.
        own = last.name.of if final.group is Group.UPDATE else last.name
        reads = tuple(own._replace(iteration=count) for count in range(1, len(stops) + 1))
        picked = [Named(stop) * Named(each) for stop, each in zip(stops, reads, strict=True)]
        made = Quantity(last.name.bare, final.shape, final.layout, final.group)
        yield Step(made, (*stops, *reads), _picked, sum_of(*picked))


def _scalar(
    text: str, count: int, reads: tuple[Name, ...], rule: Rule, formula: Expression
) -> Step:
    name = Name(text, iteration=count)
    return Step(Quantity(name, (), Layout.FIXED, Group.INTERNAL), reads, rule, formula)


def _is_below(arithmetic: Arithmetic, value: Matrix, bound: Matrix) -> Matrix:
    def rule(numbers: Arithmetic, value: Element, bound: Element) -> Element:
        return 1 + numbers.below(bound - value, -1)

    return arithmetic.map(rule, value, bound)


def _holds_first(count: int, arithmetic: Arithmetic, *met: Matrix) -> Matrix:
    """Return 1 if a condition holds first in this iteration, 0 if not; nothing if it never does."""

    def rule(numbers: Arithmetic, *met: Element) -> Element:
        before, own = 1, met[count - 1]
        never = 1
        for each in met[: count - 1]:
            before = before * (1 - each)
        for each in met:
            never = never * (1 - each)
        return numbers.divide(before * own, 1 - never)

    return arithmetic.map(rule, *met)


def _counted(arithmetic: Arithmetic, *stops: Matrix) -> Matrix:
    def rule(_: Arithmetic, *stops: Element) -> Element:
        total = 0 * stops[0]
        for at, each in enumerate(stops):
            total = total + at * each
        return total

    return arithmetic.map(rule, *stops)


def _picked(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    half = len(matrices) // 2
    first, *others = [
        arithmetic.multiply(stop, each)
        for stop, each in zip(matrices[:half], matrices[half:], strict=True)
    ]
    for other in others:
        first = arithmetic.add(first, other)
    return first


def _length(arithmetic: Arithmetic, *gradients: Matrix) -> Matrix:
    first, *others = [arithmetic.sum(arithmetic.multiply(each, each)) for each in gradients]
    for other in others:
        first = arithmetic.add(first, other)
    return arithmetic.map(lambda numbers, z: numbers.sqrt(z), first)
