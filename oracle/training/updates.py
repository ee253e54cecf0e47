"""The updates of parameters, iteration by iteration, for whatever has parameters and gradients.

With several iterations a parameter in use is a quantity of its own, `W1@2`, which is what the
iteration before made of it. State starts from zero, which is a quantity like any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from gradgrade.oracle.arithmetic import Arithmetic, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression, Letter, Named, expression
from gradgrade.oracle.derivation.names import Name, iteration_label
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import VALUE, Frozen, Role, State, Update, Value
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.training.optimizers import OPTIMIZERS, UpdateRule, correction
from gradgrade.oracle.training.schedules import SCHEDULES, ScheduleRule

LEARNING_RATE = Name("learning_rate")
SCHEDULED_LEARNING_RATE = Name("scheduled_learning_rate")


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """An optimizer by name, and the schedule of its learning rate.

    `every` is how many iterations a `step` schedule keeps its rate; no other has one.
    """

    name: str = "sgd"
    schedule: str = "constant"
    every: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRate(Value):
    """η_t of an iteration, counted from 1."""

    schedule: str
    every: int
    iteration: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Value):
    """1 − β^t of an iteration, counted from 1."""

    iteration: int


@dataclass(frozen=True, kw_only=True)
class Updates:
    """The steps that are about parameters and their optimizer.

    Args:
        optimizer: the optimizer and its schedule.
        parameters: as they are given.
        frozen: the names of those that are not updated.
        iterations: how many updates there are.

    >>> weights = Quantity(Name("W"), (2, 3), Layout.FIXED, Group.GIVEN)
    >>> momentum = Optimizer(name="momentum")
    >>> updates = Updates(
    ...     optimizer=momentum, parameters=(weights,), frozen=frozenset(), iterations=1
    ... )
    >>> [str(step.name) for step in updates.of_iteration(1)]
    ['initial_vW', 'vW', 'W_new']
    """

    optimizer: Optimizer
    parameters: tuple[Quantity, ...]
    frozen: frozenset[Name]
    iterations: int

    @property
    def rule(self) -> UpdateRule:
        """The record of the optimizer."""
        return OPTIMIZERS[self.optimizer.name]

    @property
    def schedule(self) -> ScheduleRule:
        """The record of the schedule."""
        return SCHEDULES[self.optimizer.schedule]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that must be given."""
        return (LEARNING_RATE.text, *self.schedule.numbers, *self.rule.numbers)

    def in_use(self, parameter: Name, count: int) -> Name:
        """Return the name of the value of a parameter that iteration `count` uses."""
        return parameter._replace(iteration=self._label(count))

    def parameters_of_iteration(self, count: int) -> Iterator[Step]:
        """Yield the values of parameters that iteration `count` uses, where there are several."""
        if self.iterations == 1:
            return
        for parameter in self.parameters:
            role: Role = VALUE
            in_use = self.in_use(parameter.name, count)
            quantity = _like(parameter, in_use, Group.PARAMETER, parameter.kind)
            source = parameter.name
            if count > 1:
                source = self.in_use(parameter.name, count - 1)
                if parameter.name in self.frozen:
                    role = self._frozen(source, count - 1)
                else:
                    source = source.updated
            yield Step(quantity, (source,), _same, Named(source), role=role)

    def of_iteration(self, count: int) -> Iterator[Step]:
        """Yield the updates of iteration `count`: what all read of it first."""
        numbers = self._numbers(count)
        yield from self._scalars(count, numbers)
        for parameter in self.parameters:
            if parameter.name not in self.frozen:
                yield from self._updates(parameter, count, numbers)

    def _label(self, count: int) -> int:
        return iteration_label(count, self.iterations)

    def _scalars(self, count: int, numbers: Mapping[str, Name]) -> Iterator[Step]:
        """Yield η_t and the corrections 1 − β^t."""
        made = list[tuple[Name, tuple[Name, ...], Rule, Expression, Role]]()
        if self.optimizer.schedule != "constant":
            every = self.optimizer.every
            role = ScheduledRate(schedule=self.schedule.name, every=every, iteration=count)
            rule: Rule = partial(_mapped, self.schedule.rate(count, every))
            reads = (LEARNING_RATE, *map(Name, self.schedule.numbers))
            t, each_time = Letter("t", count), Letter("every", every)
            formula = self.schedule.formula(t, each_time, *map(Named, reads))
            made.append((numbers["learning_rate"], reads, rule, formula, role))
        for text, beta in self.rule.corrections.items():
            formula, corrects = 1 - Named(Name(beta)) ** count, Correction(iteration=count)
            rule = partial(correction, count)
            made.append((numbers[text], (Name(beta),), rule, formula, corrects))
        for name, reads, rule, formula, each in made:
            quantity = Quantity(name, (), Layout.FIXED, Group.INTERNAL)
            yield Step(quantity, reads, rule, formula, role=each)

    def _numbers(self, count: int) -> dict[str, Name]:
        """Return what rules read that all parameters share, by its symbol."""
        label, is_constant = self._label(count), self.optimizer.schedule == "constant"
        rate = LEARNING_RATE if is_constant else SCHEDULED_LEARNING_RATE._replace(iteration=label)
        numbers = {text: Name(text) for text in self.rule.numbers}
        corrections = {text: Name(text, iteration=label) for text in self.rule.corrections}
        return {**numbers, **corrections, "learning_rate": rate}

    def _frozen(self, in_use: Name, count: int) -> Frozen:
        symbols = {**self._numbers(count), "W": in_use, "g": in_use.gradient}
        return Frozen(optimizer=self.rule.name, symbols=MappingProxyType(symbols))

    def _updates(
        self, parameter: Quantity, count: int, numbers: Mapping[str, Name]
    ) -> Iterator[Step]:
        in_use = self.in_use(parameter.name, count)
        symbols = {**numbers, "W": in_use, "g": in_use.gradient}
        for update in self.rule.updates:
            if update.makes == "W":
                quantity = _like(parameter, in_use.updated, Group.UPDATE)
                role: Role = Update(optimizer=self.rule.name, symbols=MappingProxyType(symbols))
            else:
                quantity = _like(parameter, in_use.state(update.makes), Group.STATE)
                symbols = {**symbols, update.makes: self._state_before(quantity.name, count)}
                role = State(
                    optimizer=self.rule.name,
                    symbols=MappingProxyType(symbols),
                    letter=update.makes,
                )
                if count == 1:
                    yield _zero_state(parameter, symbols[update.makes], role)
            reads = tuple(symbols[symbol] for symbol in update.reads)
            formula = update.formula(*map(Named, reads))
            yield Step(quantity, reads, update.rule, formula, elementwise=True, role=role)
            symbols = {**symbols, update.makes: quantity.name}

    def _state_before(self, state: Name, count: int) -> Name:
        return state.bare.start if count == 1 else state._replace(iteration=self._label(count - 1))


def _like(parameter: Quantity, name: Name, group: Group, kind: Kind | None = None) -> Quantity:
    return Quantity(name, parameter.shape, parameter.layout, group, kind)


def _zero_state(parameter: Quantity, name: Name, role: Role) -> Step:
    quantity = _like(parameter, name, Group.INTERNAL)
    rule = partial(_zeros, *quantity.matrix_shape)
    return Step(quantity, (), rule, expression(0), role=role)


def _mapped(rule: ElementwiseRule, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.map(rule, *matrices)


def _zeros(rows: int, columns: int, arithmetic: Arithmetic) -> Matrix:
    return arithmetic.zeros(rows, columns)


def _same(_: Arithmetic, matrix: Matrix) -> Matrix:
    return matrix
