"""From the structure of an exercise to its derivation: `derive`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial

from gradgrade.oracle.arithmetic import Arithmetic, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.latex import latex
from gradgrade.oracle.derivation.quantities import Group, Layout, Name, Quantity, iteration_label
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers import Layer, Parameter, Place
from gradgrade.oracle.networks.layers.layer import DA
from gradgrade.oracle.networks.network import Loss, Network, Optimizer
from gradgrade.oracle.networks.objective import Objective
from gradgrade.oracle.training.optimizers import OPTIMIZERS, correction
from gradgrade.oracle.training.schedules import SCHEDULES

X, Y = Name("x"), Name("y")
SAMPLES = Name("samples")
LEARNING_RATE = Name("learning_rate")


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
    stochastic: bool = False,
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
        stochastic: whether each iteration uses one sample alone: the one that its row of the given
            `samples`, a matrix of 0 and 1, picks out of the batch.

    Returns:
        A Derivation, the same object for the same structure.

    Raises:
        ValueError: a frozen name is no parameter of the network, or layers do not fit together.

    >>> from gradgrade.oracle.networks.layers import Dense
    >>> network = Network(inputs=2, layers=(Dense(units=1),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer())
    >>> list(derivation.results)
    ['z1', 'a1', 'loss', 'da1', 'delta1', 'dW1', 'db1', 'dx', 'W1_new', 'b1_new']
    """
    builder = _Builder(network, loss, optimizer, batch, iterations, penalties, freeze, stochastic)
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
        stochastic: bool,
    ) -> None:
        self.network = network
        self.loss = loss
        self.optimizer = optimizer
        self.update_rule = OPTIMIZERS[optimizer.name]
        self.schedule = SCHEDULES[optimizer.schedule]
        self.every = optimizer.every
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
        self.stochastic = stochastic
        self.samples_used = 1 if stochastic else batch
        self.x = Quantity(X, (*network.shapes[0], batch), Layout.SAMPLES, Group.GIVEN)
        self.y = Quantity(Y, (*network.shapes[-1], batch), Layout.SAMPLES, Group.GIVEN)
        self.state: dict[Name, Name] = {}
        self.current = {name: name for name in self.parameters}
        self.steps: list[Step] = []

    def build(self) -> Derivation:
        for count in range(1, self.iterations + 1):
            iteration = iteration_label(count, self.iterations)
            x, y = self._data(count, iteration)
            places = self._places(iteration, x)
            objective = self._objective(iteration, places[-1], y.name)
            self._name_parameters(iteration)
            for (_, layer, _), place in zip(self.layers, places, strict=True):
                self.steps += layer.forward(place)
            self.steps += objective.forward()
            self.steps += objective.backward()
            for (_, layer, _), place in reversed(list(zip(self.layers, places, strict=True))):
                for step in layer.backward(place):
                    self.steps += self._adapted(step, objective)
            scalars = self._update_scalars(count, iteration)
            for name in self.parameters:
                if name not in self.frozen:
                    self.steps += self._updates(name, iteration, scalars)
        return Derivation(
            network=self.network,
            loss=self.loss,
            optimizer=self.optimizer,
            batch=self.samples_used,
            iterations=self.iterations,
            givens=self._givens(),
            steps=tuple(self.steps),
        )

    def _frozen(self, freeze: frozenset[str]) -> set[Name]:
        by_text = {str(name): name for name in self.parameters}
        unknown = sorted(freeze - by_text.keys())
        if unknown:
            known = ", ".join(by_text)
            raise ValueError(f"freeze: {unknown[0]!r} is no parameter; there are {known}")
        return {by_text[text] for text in freeze}

    def _givens(self) -> tuple[Quantity, ...]:
        parameters = (
            Quantity(name, parameter.shape, parameter.layout, Group.GIVEN)
            for name, parameter in self.parameters.items()
        )
        layers = (
            given
            for index, layer, _ in self.layers
            for given in layer.givens(index, self.network.shapes[index - 1], self.samples_used)
        )
        numbers = (
            *LOSSES[self.loss.name].numbers,
            *self.penalties,
            LEARNING_RATE.kind,
            *self.schedule.numbers,
            *self.update_rule.numbers,
        )
        scalars = (Quantity(Name(each), (), Layout.FIXED, Group.GIVEN) for each in numbers)
        picks = Quantity(SAMPLES, (self.iterations, self.batch), Layout.FIXED, Group.GIVEN)
        drawn = (picks,) if self.stochastic else ()
        return (self.x, self.y, *parameters, *layers, *drawn, *scalars)

    def _data(self, count: int, iteration: int) -> tuple[Quantity, Quantity]:
        """Return x and y of an iteration: the givens, or the sample that it picks of them."""
        if not self.stochastic:
            return self.x, self.y
        picked = []
        for whole in (self.x, self.y):
            quantity = Quantity(
                Name(f"sample_{whole.name.kind}", 0, iteration),
                (*whole.shape[:-1], 1),
                Layout.SAMPLES,
                Group.INTERNAL,
            )
            formula = rf"{latex(quantity.name)} = \text{{sample }} k_{{{count}}} \text{{ of }} "
            formula += latex(whole.name)
            rule = partial(_picked, count)
            self.steps.append(Step(quantity, (whole.name, SAMPLES), rule, formula))
            picked.append(quantity)
        return picked[0], picked[1]

    def _places(self, iteration: int, x: Quantity) -> list[Place]:
        places, source, activation = [], x, None
        source_gradient = replace(source, name=Name("dx", 0, iteration), group=Group.INPUT_GRADIENT)
        for index, layer, parameters in self.layers:
            place = Place(
                layer=index,
                iteration=iteration,
                batch=self.samples_used,
                convention=self.network.convention,
                input=source,
                input_activation=activation,
                input_gradient=source_gradient,
                parameters={p.kind: self._in_use(p, index, iteration) for p in parameters},
                gradients={p.kind: self._gradient_name(p, index, iteration) for p in parameters},
            )
            places.append(place)
            shape = layer.output_shape(place.input_shape)
            source = place.samples("a{}", shape, Group.ACTIVATION)
            source_gradient = _output_gradient(place, layer, shape)
            activation = getattr(layer, "activation", None)
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

    def _objective(self, iteration: int, last: Place, y: Name) -> Objective:
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
            output_gradient=_output_gradient(last, layer, shape),
            y=y,
            iteration=iteration,
            weights=weights,
        )

    def _adapted(self, step: Step, objective: Objective) -> Iterator[Step]:
        """Put the output pair's δ for the layer's own, and add the penalties to the gradients."""
        if step.name == objective.delta_name:
            yield objective.paired(step)
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

    def _update_scalars(self, count: int, iteration: int) -> dict[str, Name]:
        """Derive what all updates of an iteration read: η_t and the corrections 1 − β^t."""
        scalars = {text: Name(text) for text in self.update_rule.numbers}
        scalars["learning_rate"] = LEARNING_RATE
        made: list[tuple[str, tuple[Name, ...], Rule, str]] = []
        if self.schedule.name != "constant":
            reads = (LEARNING_RATE, *map(Name, self.schedule.numbers))
            rule: Rule = partial(_mapped, self.schedule.rate(count, self.every))
            made.append(("scheduled_learning_rate", reads, rule, self.schedule.formula))
        for beta in self.update_rule.corrections:
            formula = f"1 - {latex(Name(beta))}^{{{count}}}"
            rule = partial(correction, count)
            made.append((f"{beta}_correction", (Name(beta),), rule, formula))
        for kind, reads, rule, right in made:
            quantity = Quantity(Name(kind, 0, iteration), (), Layout.FIXED, Group.INTERNAL)
            formula = f"{latex(quantity.name)} = {right}"
            self.steps.append(Step(quantity, reads, rule, formula))
            scalars[kind.removeprefix("scheduled_")] = quantity.name
        return scalars

    def _updates(self, name: Name, iteration: int, scalars: Mapping[str, Name]) -> Iterator[Step]:
        parameter = self.parameters[name]
        gradient = Name(f"d{name.kind}", name.layer, iteration)
        symbols = {**scalars, "W": self.current[name], "g": gradient}
        for update in self.update_rule.updates:
            if update.makes == "W":
                made = Name(f"{name.kind}_new", name.layer, iteration)
                group = Group.UPDATE
                self.current[name] = made
            else:
                made = Name(f"{update.makes}{name.kind}", name.layer, iteration)
                group = Group.STATE
                if made.bare not in self.state:
                    yield self._zero_state(made, parameter)
                symbols[update.makes] = self.state[made.bare]
                self.state[made.bare] = made
            quantity = Quantity(made, parameter.shape, parameter.layout, group)
            reads = tuple(symbols[symbol] for symbol in update.reads)
            formula = f"{latex(made)} = {update.formula(*map(latex, reads))}"
            yield Step(quantity, reads, update.rule, formula, elementwise=True)
            symbols[update.makes] = made

    def _zero_state(self, made: Name, parameter: Parameter) -> Step:
        """State starts from zero, which is a quantity like any other."""
        name = Name(f"initial_{made.kind}", made.layer)
        quantity = Quantity(name, parameter.shape, parameter.layout, Group.INTERNAL)
        self.state[made.bare] = name
        return Step(quantity, (), partial(_zeros, *quantity.matrix_shape), f"{latex(name)} = 0")


def _output_gradient(place: Place, layer: Layer, shape: Shape) -> Quantity:
    kind = layer.output_gradient
    group = Group.ACTIVATION_GRADIENT if kind == DA else Group.INTERNAL
    return place.samples(kind, shape, group)


def _picked(count: int, arithmetic: Arithmetic, data: Matrix, picks: Matrix) -> Matrix:
    row = arithmetic.rows_between(picks, count - 1, count)
    return arithmetic.dot(data, arithmetic.transpose(row))


def _mapped(rule: ElementwiseRule, arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.map(rule, *matrices)


def _zeros(rows: int, columns: int, arithmetic: Arithmetic) -> Matrix:
    return arithmetic.zeros(rows, columns)


def _same(_: Arithmetic, matrix: Matrix) -> Matrix:
    return matrix
