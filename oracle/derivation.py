"""The derivation of backpropagation, as a value: everything else is a walk over it.

`derive` turns the structure of an exercise into an ordered list of named steps; `walk` evaluates
them in an arithmetic; `evaluate` does so with documents' arrays at both ends. No step holds a
number of the exercise: those are givens, so one derivation serves all variants of a structure.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from oracle.arithmetic import Arithmetic, Matrix
from oracle.errors import ShapeMismatch, UndefinedValue
from oracle.exact import Exact
from oracle.latex import latex
from oracle.layers import Parameter, Place
from oracle.nested import flatten, shape_of
from oracle.network import Loss, Network, Optimizer
from oracle.objective import Objective
from oracle.optimizers import OPTIMIZERS
from oracle.quantities import Group, Layout, Name, Quantity
from oracle.steps import Step

X, Y = Name("x"), Name("y")
LEARNING_RATE = Name("learning_rate")

Rows = list[list[Exact]]

ASKABLE = frozenset(Group) - {Group.GIVEN, Group.INTERNAL}


@dataclass(frozen=True)
class Derivation:
    """The ordered steps of one exercise's structure.

    Args:
        network: what they are derived from.
        iterations: how many updates they make.
        givens: what must be given, in order: x, y, parameters, then the scalars of the formulas.
        steps: each reads only givens and earlier steps.
    """

    network: Network
    iterations: int
    givens: tuple[Quantity, ...]
    steps: tuple[Step, ...]

    @cached_property
    def by_name(self) -> Mapping[Name, Step]:
        """The steps by the names of what they make."""
        return MappingProxyType({step.name: step for step in self.steps})

    @cached_property
    def given(self) -> Mapping[str, Quantity]:
        """The givens by the text of their names."""
        return MappingProxyType({str(quantity.name): quantity for quantity in self.givens})

    @cached_property
    def results(self) -> Mapping[str, Quantity]:
        """What a solution shows, by name, in order.

        With one iteration, bare names; with several, every `NAME@t`, then each bare name for the
        last iteration (but those of the givens, which stand for iteration 1's).
        """
        shown = [step.quantity for step in self.steps if step.quantity.group in ASKABLE]
        results = {str(quantity.name): quantity for quantity in shown}
        for quantity in shown:
            if quantity.name.iteration == self.last and str(quantity.name.bare) not in self.given:
                results[str(quantity.name.bare)] = quantity
        return MappingProxyType(results)

    @property
    def last(self) -> int:
        """The iteration that a bare name means; names of a single iteration do not count it."""
        return _label(self.iterations, self.iterations)

    def find(self, text: str) -> Quantity | None:
        """Return what a name in a document stands for; with one iteration `NAME@1` is an alias."""
        if self.iterations == 1:
            text = text.removesuffix("@1")
        return self.results.get(text)

    def members(self, groups: Collection[Group]) -> tuple[str, ...]:
        """Return the names, of the last iteration, of what belongs to groups, in order."""
        return tuple(
            str(step.name.bare)
            for step in self.steps
            if step.quantity.group in groups and step.name.iteration == self.last
        )

    def needed_for(self, target: Name, *, from_names: Collection[Name]) -> tuple[Step, ...]:
        """Return, in order, the steps from some names (and the givens) to a target."""
        needed, wanted = [], {target}
        for step in reversed(self.steps):
            if step.name in wanted and step.name not in from_names:
                needed.append(step)
                wanted.update(step.reads)
        return tuple(reversed(needed))

    def replacing(self, *steps: Step) -> "Derivation":
        """Return the same derivation with some steps replaced by others of the same name."""
        replacements = {step.name: step for step in steps}
        kept = tuple(replacements.get(step.name, step) for step in self.steps)
        return replace(self, steps=kept)


@lru_cache(maxsize=256)
def derive(
    network: Network,
    loss: Loss,
    optimizer: Optimizer,
    *,
    batch: int = 1,
    iterations: int = 1,
    penalties: tuple[str, ...] = (),
    freeze: frozenset[str] = frozenset(),
) -> Derivation:
    """Derive the steps of `iterations` updates of a network: forward, loss, backward, update.

    Args:
        network: layers, input and convention.
        loss: the loss and its reduction.
        optimizer: the optimizer and its schedule.
        batch: N, the number of samples.
        iterations: how many updates.
        penalties: which penalties are part of the loss: `"l1"`, `"l2"`.
        freeze: names of parameters that are not updated, `{"b1"}`.

    Returns:
        A Derivation, the same object for the same structure.

    Raises:
        ValueError: a frozen name is no parameter of the network, or layers do not fit together.

    >>> from oracle.layers import Dense
    >>> network = Network(inputs=2, layers=(Dense(units=1),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer())
    >>> list(derivation.results)
    ['z1', 'a1', 'loss', 'da1', 'delta1', 'dW1', 'db1', 'dx', 'W1_new', 'b1_new']
    """
    builder = _Builder(network, loss, optimizer, batch, iterations, penalties, freeze)
    return builder.build()


class _Builder:
    """Derives iteration by iteration, keeping the names that hold each parameter and state now."""

    def __init__(
        self,
        network: Network,
        loss: Loss,
        optimizer: Optimizer,
        batch: int,
        iterations: int,
        penalties: tuple[str, ...],
        freeze: frozenset[str],
    ) -> None:
        self.network = network
        self.loss = loss
        self.update_rule = OPTIMIZERS[optimizer.name]
        self.batch = batch
        self.iterations = iterations
        self.penalties = tuple(sorted(penalties))
        self.layers = [
            (index, layer, layer.parameters(shape))
            for index, (layer, shape) in enumerate(
                zip(network.layers, network.shapes, strict=False), start=1
            )
        ]
        self.parameters = {
            Name(parameter.kind, index): parameter
            for index, _, parameters in self.layers
            for parameter in parameters
        }
        self.frozen = self._frozen(freeze)
        self.x = Quantity(X, (*network.shapes[0], batch), Layout.SAMPLES, Group.GIVEN)
        self.current = {name: name for name in self.parameters}
        self.steps: list[Step] = []

    def build(self) -> Derivation:
        for count in range(1, self.iterations + 1):
            iteration = _label(count, self.iterations)
            places = self._places(iteration)
            objective = self._objective(iteration, places[-1])
            self._name_parameters(iteration)
            for (_, layer, _), place in zip(self.layers, places, strict=True):
                self.steps += layer.forward(place)
            self.steps += objective.forward()
            self.steps += objective.backward()
            for (_, layer, _), place in reversed(list(zip(self.layers, places, strict=True))):
                for step in layer.backward(place):
                    self.steps += self._adapted(step, objective)
            for name in self.parameters:
                if name not in self.frozen:
                    self.steps += self._updates(name, iteration)
        return Derivation(self.network, self.iterations, self._givens(), tuple(self.steps))

    def _frozen(self, freeze: frozenset[str]) -> set[Name]:
        by_text = {str(name): name for name in self.parameters}
        unknown = sorted(freeze - by_text.keys())
        if unknown:
            known = ", ".join(by_text)
            raise ValueError(f"freeze: {unknown[0]!r} is no parameter; there are {known}")
        return {by_text[text] for text in freeze}

    def _givens(self) -> tuple[Quantity, ...]:
        y = Quantity(Y, (*self.network.shapes[-1], self.batch), Layout.SAMPLES, Group.GIVEN)
        parameters = (
            Quantity(name, parameter.shape, parameter.layout, Group.GIVEN)
            for name, parameter in self.parameters.items()
        )
        numbers = (LEARNING_RATE, *map(Name, (*self.update_rule.hyperparameters, *self.penalties)))
        scalars = (Quantity(name, (), Layout.FIXED, Group.GIVEN) for name in numbers)
        return (self.x, y, *parameters, *scalars)

    def _places(self, iteration: int) -> list[Place]:
        places, source = [], self.x
        source_gradient = replace(source, name=Name("dx", 0, iteration), group=Group.INPUT_GRADIENT)
        for index, layer, parameters in self.layers:
            place = Place(
                layer=index,
                iteration=iteration,
                batch=self.batch,
                convention=self.network.convention,
                input=source,
                input_gradient=source_gradient,
                parameters={p.kind: self._in_use(p, index, iteration) for p in parameters},
                gradients={p.kind: self._gradient_name(p, index, iteration) for p in parameters},
            )
            places.append(place)
            shape = layer.output_shape(place.input_shape)
            source = place.samples("a{}", shape, Group.ACTIVATION)
            source_gradient = place.samples("da{}", shape, Group.ACTIVATION_GRADIENT)
        return places

    def _in_use(self, parameter: Parameter, layer: int, iteration: int) -> Name:
        """With several iterations a parameter in use is a quantity of its own, `W1@2`."""
        return Name(parameter.kind, layer, iteration)

    def _gradient_name(self, parameter: Parameter, layer: int, iteration: int) -> Name:
        prefix = "data_d" if parameter.is_weight and self.penalties else "d"
        return Name(f"{prefix}{parameter.kind}", layer, iteration)

    def _name_parameters(self, iteration: int) -> None:
        if not iteration:
            return
        for name, parameter in self.parameters.items():
            in_use = name._replace(iteration=iteration)
            quantity = Quantity(in_use, parameter.shape, parameter.layout, Group.PARAMETER)
            source = self.current[name]
            formula = f"{latex(in_use)} = {latex(source)}"
            self.steps.append(Step(quantity, (source,), _same, formula))
            self.current[name] = in_use

    def _objective(self, iteration: int, last: Place) -> Objective:
        _, layer, _ = self.layers[-1]
        shape = layer.output_shape(last.input_shape)
        weights = tuple(
            self._in_use(parameter, name.layer, iteration)
            for name, parameter in self.parameters.items()
            if parameter.is_weight
        )
        return Objective(
            loss=self.loss,
            penalties=self.penalties,
            output_activation=getattr(layer, "activation", None),
            output=last.samples("a{}", shape, Group.ACTIVATION),
            iteration=iteration,
            weights=weights,
        )

    def _adapted(self, step: Step, objective: Objective) -> Iterator[Step]:
        """Put the output pair's δ for the layer's own, and add the penalties to the gradients."""
        delta = objective.delta()
        if delta is not None and step.name == delta.name:
            yield delta
        elif step.name.kind.startswith("data_d"):
            yield replace(step, quantity=replace(step.quantity, group=Group.INTERNAL))
            kind = step.name.kind.removeprefix("data_")
            gradient = replace(step.quantity, name=step.name._replace(kind=kind))
            weights = Name(kind.removeprefix("d"), step.name.layer)
            yield from objective.penalized_gradient(
                gradient, data_gradient=step.name, weights=self.current[weights]
            )
        else:
            yield step

    def _updates(self, name: Name, iteration: int) -> Iterator[Step]:
        parameter = self.parameters[name]
        symbols = {
            "W": self.current[name],
            "g": Name(f"d{name.kind}", name.layer, iteration),
            "learning_rate": LEARNING_RATE,
        }
        symbols |= {text: Name(text) for text in self.update_rule.hyperparameters}
        for update in self.update_rule.updates:
            new = Name(f"{name.kind}_new", name.layer, iteration)
            quantity = Quantity(new, parameter.shape, parameter.layout, Group.UPDATE)
            reads = tuple(symbols[symbol] for symbol in update.reads)
            formula = f"{latex(new)} = {update.formula(*map(latex, reads))}"
            yield Step(quantity, reads, update.rule, formula, elementwise=True)
            self.current[name] = new


def _label(iteration: int, iterations: int) -> int:
    return iteration if iterations > 1 else 0


def _same(_: Arithmetic, matrix: Matrix) -> Matrix:
    return matrix


def walk(
    derivation: Derivation, givens: Mapping[Name, Matrix], arithmetic: Arithmetic
) -> dict[Name, Matrix]:
    """Evaluate every step, in order, in one arithmetic.

    Args:
        derivation: what to evaluate.
        givens: a matrix of this arithmetic for every given.
        arithmetic: the number system.

    Returns:
        A matrix for every given and every step.

    Raises:
        UndefinedValue: a step has no value here; the message names it.
    """
    return walk_steps(derivation.steps, givens, arithmetic)


def walk_steps(
    steps: Iterable[Step], known: Mapping[Name, Matrix], arithmetic: Arithmetic
) -> dict[Name, Matrix]:
    """Evaluate steps, in order, from what they read; see `walk`."""
    values = dict(known)
    with arithmetic.active():
        for step in steps:
            try:
                values[step.name] = step.rule(arithmetic, *[values[name] for name in step.reads])
            except UndefinedValue as error:
                raise UndefinedValue(f"{step.name} is undefined: {error}") from None
    return values


class Values(Mapping[str, Any]):
    """What a walk found: arrays of the arithmetic's own numbers, by the names of documents."""

    def __init__(
        self, derivation: Derivation, arithmetic: Arithmetic, matrices: Mapping[Name, Matrix]
    ) -> None:
        self.derivation = derivation
        self.arithmetic = arithmetic
        self.matrices = matrices

    def __getitem__(self, text: str) -> Any:
        """Return a quantity as nested lists of numbers, in the network's convention."""
        quantity = self.derivation.results[text]
        rows = self.arithmetic.rows(self.matrices[quantity.name])
        return quantity.to_document(rows, self.derivation.network.convention)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of `Derivation.results`."""
        return iter(self.derivation.results)

    def __len__(self) -> int:
        """Count them."""
        return len(self.derivation.results)


def evaluate(derivation: Derivation, givens: Mapping[str, Any], arithmetic: Arithmetic) -> Values:
    """Walk a derivation from the arrays of a document.

    Args:
        derivation: what to evaluate.
        givens: for each of `derivation.given`, nested lists of exact numbers (int, float, Decimal
            or Fraction) in the network's convention; scalars are bare numbers.
        arithmetic: the number system.

    Returns:
        The values of all quantities.

    Raises:
        ShapeMismatch: a given is missing, unknown, or of another shape than its name stands for.
        UndefinedValue: a quantity has no value here.

    >>> from oracle.arithmetic.reference import Reference
    >>> from oracle.layers import Dense
    >>> network = Network(inputs=1, layers=(Dense(units=1, bias="none"),))
    >>> derivation = derive(network, Loss(name="half_squared_error"), Optimizer())
    >>> givens = {"x": [[2]], "y": [[1]], "W1": [[3]], "learning_rate": 0.5}
    >>> evaluate(derivation, givens, Reference(digits=50))["W1_new"]
    [[mpf('-2.0')]]
    """
    matrices = take(given_rows(derivation, givens), arithmetic)
    return Values(derivation, arithmetic, walk(derivation, matrices, arithmetic))


def take(rows: Mapping[Name, Rows], arithmetic: Arithmetic) -> dict[Name, Matrix]:
    """Take exact rows into an arithmetic."""
    with arithmetic.active():
        return {name: arithmetic.matrix(each) for name, each in rows.items()}


def given_rows(derivation: Derivation, givens: Mapping[str, Any]) -> dict[Name, Rows]:
    """Return the exact rows of every given's matrix, names and shapes checked.

    Raises:
        ShapeMismatch: a given is missing, unknown, or of another shape than its name stands for.
    """
    unknown = sorted(givens.keys() - derivation.given.keys())
    if unknown:
        raise ShapeMismatch(f"{unknown[0]} is not a given of this derivation")
    return {each.name: _rows_of(derivation, each, givens) for each in derivation.givens}


def _rows_of(derivation: Derivation, quantity: Quantity, givens: Mapping[str, Any]) -> Rows:
    text = str(quantity.name)
    if text not in givens:
        raise ShapeMismatch(f"{text} is not given")
    convention = derivation.network.convention
    shape, expected = shape_of(givens[text]), quantity.document_shape(convention)
    if shape != expected:
        raise ShapeMismatch(f"{text} has shape {shape}; its shape must be {expected}")
    return quantity.to_rows(list(flatten(givens[text])), convention)
