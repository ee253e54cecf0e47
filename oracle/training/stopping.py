r"""Training until a condition holds: how many updates that takes, and what is left then.

Iterations run on, as many as there may be, and the one in which the condition holds first is picked
out by numbers that are 1 there and 0 elsewhere: so one derivation serves all variants, each of
which stops where its own numbers say. In iteration t the loss is worked out, then the condition
looked at, then the update made: whoever stops in iteration t has made t − 1 updates. Where a
condition is met to the last digit, or never, nothing has a value.

Early stopping watches the loss of other data, with the parameters of the iteration: it stops where
the last losses, as many as its patience, are all above the least before them.

Source: seeds 001 (until the error is acceptable), 002 (until the gradient vanishes), 003 (early
stopping; Prechelt 1998 counts patience so).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial, reduce
from types import MappingProxyType
from typing import Literal, get_args

from gradgrade.oracle.arithmetic import Arithmetic, Element, Matrix
from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_with_argument, kept_within
from gradgrade.oracle.derivation.derivation import ASKABLE, Derivation
from gradgrade.oracle.derivation.formulas.expression import Expression, Named, Number
from gradgrade.oracle.derivation.formulas.functions import smaller, sqrt, sum_of, where
from gradgrade.oracle.derivation.formulas.rewriting import renamed
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import Training, Update, Value
from gradgrade.oracle.derivation.steps import Rule, Step

Condition = Literal["loss_below", "gradient_norm_below"]

STEPS = Name("steps")
MET, STOPS, NORM, VALIDATION = "met", "stops", "gradient_norm", "validation"

_OWN = frozenset({str(STEPS), MET, STOPS, NORM, *get_args(Condition)})
"""What no line or array of a program that is trained until something holds may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked(Value):
    """What is left where training stops: of one iteration, picked out by where that is.

    Args:
        stops: by iteration, whether training stops there.
        states: what is picked of each; nothing where their number itself is what is left.
        updated: what each makes of that; nothing where no update does.
    """

    stops: tuple[Name, ...]
    states: tuple[Name, ...] = ()
    updated: tuple[Name, ...] = ()


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

MOST_OF_STOPPED = 16 * MEBIBYTE


@kept_within(MOST_OF_STOPPED)
def stopping_early(
    derivation: Derivation, patience: int, validation: tuple[tuple[Name, Name], ...]
) -> Derivation:
    """Return a derivation that stops where the loss of other data has risen for so long.

    Args:
        derivation: of as many iterations as there may be.
        patience: how many losses in a row are above the least before them.
        validation: what the forward pass reads, and what is given of the same shape in its place;
            what is no given yet becomes one.

    Raises:
        ValueError: there is nothing of that name to stand in for, or shapes differ; or something
            has the name of one of the steps that end training.
    """
    _refuse_own_names(derivation)
    counts = range(1, derivation.iterations + 1)
    givens = (*derivation.givens, *_validating(derivation, validation))
    steps, losses = list(derivation.steps), []
    for count in counts:
        copies = _validated(derivation, _loss(derivation, count), dict(validation))
        steps += copies
        losses.append(copies[-1].name)
    met = [Name(MET, iteration=count) for count in counts]
    for count, name in enumerate(met, start=1):
        rule: Rule = partial(_has_risen, patience)
        formula = _risen(patience, list(map(Named, losses[:count])))
        steps.append(_scalar(name.text, count, tuple(losses[:count]), rule, formula))
    steps += _firsts(met)
    steps += _finals(derivation, [Name(STOPS, iteration=count) for count in counts])
    return replace(derivation, givens=givens, steps=tuple(steps), stops=True)


def _validating(
    derivation: Derivation, validation: tuple[tuple[Name, Name], ...]
) -> Iterator[Quantity]:
    """Yield what is given for validation and is not yet."""
    for of, stand_in in validation:
        if str(of) not in derivation.given:
            known = ", ".join(derivation.given)
            raise ValueError(f"validation: {of} is nothing that is given; there are {known}")
        like = derivation.given[str(of)]
        there = derivation.given.get(str(stand_in))
        if there is None:
            yield replace(like, name=stand_in)
        elif there.shape != like.shape:
            raise ValueError(
                f"validation: {stand_in} has shape {list(there.shape)}, and stands for {of} of "
                f"shape {list(like.shape)}"
            )


def _validated(derivation: Derivation, loss: Name, stand_ins: dict[Name, Name]) -> list[Step]:
    """Return the forward pass to a loss once more, with other data."""
    trained = {each.name for each in derivation.steps if isinstance(each.role, Training)}
    forward = derivation.needed_for(loss, from_names=trained)
    copies, named = list[Step](), dict(stand_ins)
    for step in forward:
        if named.keys().isdisjoint(step.reads):
            continue
        named[step.name] = step.name.part(VALIDATION)
        reads = tuple(named.get(each, each) for each in step.reads)
        of = step.quantity
        quantity = Quantity(named[step.name], of.shape, of.layout, Group.INTERNAL)
        copies.append(Step(quantity, reads, step.rule, renamed(step.formula, named)))
    if not copies or copies[-1].name != loss.part(VALIDATION):
        raise ValueError("validation: the loss does not depend on what it stands in for")
    return copies


def _has_risen(patience: int, arithmetic: Arithmetic, *losses: Matrix) -> Matrix:
    """Return whether the last losses are all above the least before them, if there are enough."""

    def rule(numbers: Arithmetic, *losses: Element) -> Element:
        before, last = losses[:-patience], losses[-patience:]
        if not before:
            return 0 * losses[0]
        least, recent = before[0], last[0]
        for each in before[1:]:
            least = numbers.minimum(least, each)
        for each in last[1:]:
            recent = numbers.minimum(recent, each)
        return 1 + numbers.below(recent - least, -1)

    return arithmetic.map(rule, *losses)


def _risen(patience: int, losses: Sequence[Expression]) -> Expression:
    """Return the formula of that: 1 where the least before is below the least of the last."""
    before, last = losses[:-patience], losses[-patience:]
    if not before:
        return Number(Fraction(0))
    return where(reduce(smaller, before) < reduce(smaller, last), 1, 0)


def stopping(derivation: Derivation, condition: Condition) -> Derivation:
    """Return a derivation of several iterations whose bare names are those of where it stops.

    Args:
        derivation: of as many iterations as there may be.
        condition: which; its bound is a given of the same name.

    Raises:
        ValueError: something has the name of one of the steps that end training.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer(), iterations=3)
    >>> list(stopping(derivation, "loss_below").results)
    ['steps', 'z1', 'a1', 'loss', 'da1', 'delta1', 'dW1', 'dx', 'W1_new']
    """
    return _BY_CONDITION[condition](derivation)


def _refuse_own_names(derivation: Derivation) -> None:
    """Refuse what is called as one of the steps that end training."""
    quantities = (*derivation.givens, *(step.quantity for step in derivation.steps))
    for name in (str(each.name.bare) for each in quantities):
        if name in _OWN:
            field = "arrays" if name in derivation.given else "program"
            raise ValueError(f"{field}: the name {name} is taken by until: choose another")


def _stopping(derivation: Derivation, condition: Condition) -> Derivation:
    _refuse_own_names(derivation)
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
    yield from _firsts(met)


def _firsts(met: list[Name]) -> Iterator[Step]:
    """Yield for each iteration whether the condition holds there first."""
    for count in range(1, len(met) + 1):
        rule: Rule = partial(_holds_first, count)
        yield _scalar(STOPS, count, tuple(met), rule, _first(met[:count]))


def _first(met: list[Name]) -> Expression:
    first: Expression = Named(met[-1])
    for each in met[:-1]:
        first = first * (1 - Named(each))
    return first


def _finals(derivation: Derivation, stops: list[Name]) -> Iterator[Step]:
    quantity = Quantity(STEPS, (), Layout.FIXED, Group.FACT)
    once, *others = map(Named, stops[1:])
    terms = [once, *(Number(Fraction(at)) * each for at, each in enumerate(others, start=2))]
    counted = Picked(stops=tuple(stops))
    yield Step(quantity, tuple(stops), _counted, sum_of(*terms), role=counted)
    for last in derivation.steps:
        final = last.quantity
        if final.group not in ASKABLE - _OF_STATE or last.name.iteration != derivation.iterations:
            continue
        # What has been updated when it stops is what the iteration began with.
        is_updated = final.group is Group.UPDATE
        own = last.name.of if is_updated else last.name
        reads = _in_each_of(own, len(stops))
        picked = [Named(stop) * Named(each) for stop, each in zip(stops, reads, strict=True)]
        made = Quantity(last.name.bare, final.shape, final.layout, final.group)
        updated = _in_each_of(last.name, len(stops)) if is_updated else ()
        role = Picked(stops=tuple(stops), states=reads, updated=updated)
        is_of_parameter = final.group in (Group.GRADIENT, Group.UPDATE)
        formula = sum_of(*picked)
        yield Step(made, (*stops, *reads), _picked, formula, elementwise=is_of_parameter, role=role)


def _in_each_of(name: Name, count: int) -> tuple[Name, ...]:
    """Return the names of a quantity in so many iterations."""
    return tuple(name._replace(iteration=each) for each in range(1, count + 1))


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
