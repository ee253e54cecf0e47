"""From the structure of an exercise to its derivation: `derive`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.formulas.boxes import (
    Between,
    Box,
    Row,
    Scripts,
    Sign,
    row,
    sentence,
)
from gradgrade.oracle.derivation.formulas.expression import Function, Named, Total
from gradgrade.oracle.derivation.formulas.functions import hadamard
from gradgrade.oracle.derivation.names import Name, iteration_label
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers import Layer, Parameter, Place
from gradgrade.oracle.networks.layers.layer import INCOMING
from gradgrade.oracle.networks.network import Loss, Network
from gradgrade.oracle.networks.objective import Objective
from gradgrade.oracle.training.updates import Optimizer, Updates

X, Y = Name("x"), Name("y")
SAMPLES = Name("samples")

MOST_OF_DERIVATIONS = 64 * MEBIBYTE
"""Hundreds of those of ordinary exercises, or one of the longest."""


@kept_within(MOST_OF_DERIVATIONS)
def derive(
    network: Network,
    loss: Loss | None,
    optimizer: Optimizer | None,
    *,
    batch: int = 1,
    iterations: int = 1,
    penalties: tuple[str, ...] = (),
    freeze: frozenset[str] = frozenset(),
    stochastic: bool = False,
    upstream: bool = False,
) -> Derivation:
    """Derive the steps of `iterations` updates of a network: forward, loss, backward, update.

    Args:
        network: layers, input and convention.
        loss: the loss and its reduction; None for the forward pass alone.
        optimizer: the optimizer and its schedule; None for gradients without updates.
        batch: N, the number of samples.
        iterations: how many updates.
        penalties: which penalties are part of the loss: `"l1"`, `"l2"`.
        freeze: names of parameters that are not updated, `{"b1"}`.
        stochastic: whether each iteration uses one sample alone: the one that its row of the given
            `samples`, a matrix of 0 and 1, picks out of the batch.
        upstream: whether ∂L/∂a of the last layer is given in place of a loss; the gradients are
            then those of Σ ∂L/∂a ∘ a.

    Returns:
        A Derivation, the same object for the same structure.

    Raises:
        ValueError: a frozen name is no parameter of the network, layers do not fit together, or
            there are several iterations, penalties or samples drawn anew without what needs them.

    >>> from gradgrade.oracle.networks.layers import Dense
    >>> network = Network(inputs=2, layers=(Dense(units=1),))
    >>> derivation = derive(network, Loss(name="squared_error"), Optimizer())
    >>> list(derivation.results)
    ['z1', 'a1', 'loss', 'da1', 'delta1', 'dW1', 'db1', 'dx', 'W1_new', 'b1_new']
    >>> list(derive(network, None, None).results)
    ['z1', 'a1']
    >>> list(derive(network, None, None, upstream=True).results)
    ['z1', 'a1', 'delta1', 'dW1', 'db1', 'dx']
    """
    if upstream and loss is not None:
        raise ValueError("upstream: there is a loss, from which the gradient comes")
    if upstream and network.layers[-1].adds_to_output_gradient:
        raise ValueError(
            "upstream: the last layer adds to the gradient of its output: put a last_step or "
            "flatten layer after it"
        )
    if loss is None and (penalties or stochastic):
        raise ValueError("loss: penalties and samples drawn anew need one")
    if upstream and iterations > 1:
        raise ValueError("upstream: the gradient that is given is one iteration's")
    if iterations > 1 and (loss is None or optimizer is None):
        raise ValueError("several iterations need a loss and an optimizer")
    deriving = _Deriving(
        network=network,
        loss=loss,
        # Without a loss nothing has a gradient to be updated by.
        optimizer=optimizer if loss is not None or upstream else None,
        batch=batch,
        iterations=iterations,
        penalties=tuple(sorted(penalties)),
        freeze=freeze,
        stochastic=stochastic,
        upstream=upstream,
    )
    return Derivation(
        givens=deriving.givens(),
        steps=tuple(deriving.steps()),
        convention=network.convention,
        iterations=iterations,
    )


@dataclass(frozen=True, kw_only=True)
class _Deriving:
    """Derives iteration by iteration; see `derive` for what it is given."""

    network: Network
    loss: Loss | None
    optimizer: Optimizer | None
    batch: int
    iterations: int
    penalties: tuple[str, ...]
    freeze: frozenset[str]
    stochastic: bool
    upstream: bool

    def steps(self) -> Iterator[Step]:
        """Yield the steps of all iterations."""
        updates = self._updates
        for count in range(1, self.iterations + 1):
            x, y, picking = self._data(count)
            places = self._places(count, x)
            yield from picking
            yield from updates.parameters_of_iteration(count)
            for layer, place in zip(self.network.layers, places, strict=True):
                yield from layer.forward(place)
            objective = None
            if self.loss is not None:
                objective = self._objective(self.loss, places[-1], y.name)
                yield from objective.forward()
                yield from objective.backward()
            elif self.upstream:
                yield _paired_with_upstream(places[-1])
            else:
                return
            for layer, place in reversed(list(zip(self.network.layers, places, strict=True))):
                penalized = _penalized(place)
                for step in layer.backward(place):
                    if objective is None:
                        yield step
                    else:
                        yield from self._adapted(step, penalized, objective)
            if self.optimizer is not None:
                yield from updates.of_iteration(count)

    def givens(self) -> tuple[Quantity, ...]:
        """Return what must be given."""
        layers = (
            given
            for index, layer in enumerate(self.network.layers, start=1)
            for given in layer.givens(index, self.network.shapes[index - 1], self._samples_used)
        )
        of_loss = () if self.loss is None else LOSSES[self.loss.name].numbers
        of_updates = () if self.optimizer is None else self._updates.numbers
        numbers = (*of_loss, *self.penalties, *of_updates)
        scalars = (_given(Name(each), (), Layout.FIXED, Kind.NUMBER) for each in numbers)
        picks = _given(SAMPLES, (self.iterations, self.batch), Layout.FIXED, Kind.SAMPLES)
        drawn = (picks,) if self.stochastic else ()
        samples = (self._x,) if self.loss is None else (self._x, self._y)
        if self.upstream:
            samples = (self._x, self._given_upstream)
        return (*samples, *self._updates.parameters, *layers, *drawn, *scalars)

    @cached_property
    def _x(self) -> Quantity:
        return _given(X, (*self.network.shapes[0], self.batch), Layout.SAMPLES, Kind.INPUTS)

    @cached_property
    def _y(self) -> Quantity:
        return _given(Y, (*self.network.shapes[-1], self.batch), Layout.SAMPLES, Kind.TARGETS)

    @cached_property
    def _given_upstream(self) -> Quantity:
        name = Name("a", len(self.network.layers)).gradient
        shape = (*self.network.shapes[-1], self.batch)
        return _given(name, shape, Layout.SAMPLES, Kind.INPUTS)

    @property
    def _samples_used(self) -> int:
        return 1 if self.stochastic else self.batch

    @cached_property
    def _parameters(self) -> Mapping[Name, Parameter]:
        return {
            Name(parameter.text, index): parameter
            for index, (layer, shape) in enumerate(
                zip(self.network.layers, self.network.shapes, strict=False), start=1
            )
            for parameter in layer.parameters(shape)
        }

    @cached_property
    def _updates(self) -> Updates:
        by_text = {str(name): name for name in self._parameters}
        unknown = sorted(self.freeze - by_text.keys())
        if unknown:
            known = ", ".join(by_text)
            raise ValueError(f"freeze: {unknown[0]!r} is no parameter; there are {known}")
        return Updates(
            optimizer=self.optimizer or Optimizer(),
            parameters=tuple(
                _given(name, each.shape, each.layout, each.kind)
                for name, each in self._parameters.items()
            ),
            frozen=frozenset(by_text[text] for text in self.freeze),
            iterations=self.iterations,
        )

    def _data(self, count: int) -> tuple[Quantity, Quantity, tuple[Step, ...]]:
        """Return x and y of an iteration: the givens, or the sample that it picks, and how."""
        if not self.stochastic:
            return self._x, self._y, ()
        x, y = (self._picked(whole, count) for whole in (self._x, self._y))
        return x.quantity, y.quantity, (x, y)

    def _picked(self, whole: Quantity, count: int) -> Step:
        iteration = iteration_label(count, self.iterations)
        name = whole.name._replace(iteration=iteration).part("sample")
        quantity = Quantity(name, (*whole.shape[:-1], 1), Layout.SAMPLES, Group.INTERNAL)
        reads, rule = (whole.name, SAMPLES), partial(_sample, count)
        picking = Function("sample", rule, partial(_sample_of, count), written=1)
        return Step(quantity, reads, rule, picking(*map(Named, reads)))

    def _places(self, count: int, x: Quantity) -> list[Place]:
        iteration = iteration_label(count, self.iterations)
        places, source, activation = list[Place](), x, None
        gradient = X._replace(iteration=iteration).gradient
        source_gradient = replace(x, name=gradient, group=Group.INPUT_GRADIENT, kind=None)
        for index, layer in enumerate(self.network.layers, start=1):
            parameters = {
                parameter.text: self._updates.in_use(Name(parameter.text, index), count)
                for parameter in layer.parameters(source.shape[:-1])
            }
            place = Place(
                layer=index,
                iteration=iteration,
                batch=self._samples_used,
                input=source,
                input_activation=activation,
                input_gradient=source_gradient,
                parameters=parameters,
                gradients={text: self._gradient(name) for text, name in parameters.items()},
            )
            places.append(place)
            shape = layer.output_shape(place.input_shape)
            source = place.samples(place.a, shape, Group.ACTIVATION)
            source_gradient = _output_gradient(place, layer)
            activation = getattr(layer, "activation", None)
        return places

    def _gradient(self, parameter: Name) -> Name:
        """Return the name of what a layer makes of ∂L/∂ of its parameter: all, or the data's."""
        is_penalized = self.penalties and self._parameters[parameter.bare].is_weight
        return parameter.gradient.part("data") if is_penalized else parameter.gradient

    def _objective(self, loss: Loss, last: Place, y: Name) -> Objective:
        layer = self.network.layers[-1]
        weights = tuple(
            name._replace(iteration=last.iteration)
            for name, parameter in self._parameters.items()
            if parameter.is_weight
        )
        return Objective(
            loss=loss,
            penalties=self.penalties,
            output_activation=getattr(layer, "activation", None),
            pre_activation=last.z,
            output=last.samples(last.a, self.network.shapes[-1], Group.ACTIVATION),
            output_gradient=_output_gradient(last, layer),
            y=y,
            iteration=last.iteration,
            weights=weights,
        )

    def _adapted(
        self, step: Step, penalized: Mapping[Name, Name], objective: Objective
    ) -> Iterator[Step]:
        """Put the output pair's δ for the layer's own, and add the penalties to the gradients."""
        if step.name == objective.pre_activation.gradient:
            yield objective.paired(step)
            return
        if step.name not in penalized:
            yield step
            return
        weights = penalized[step.name]
        yield replace(step, quantity=replace(step.quantity, group=Group.INTERNAL))
        yield from objective.penalized_gradient(
            replace(step.quantity, name=weights.gradient), data_gradient=step.name, weights=weights
        )


OBJECTIVE = Name("objective")
"""What is differentiated where upstream gradients are given: Σ ∂L/∂a ∘ a."""


def _paired_with_upstream(last: Place) -> Step:
    quantity = Quantity(
        OBJECTIVE._replace(iteration=last.iteration), (), Layout.FIXED, Group.OBJECTIVE
    )
    upstream = Name("a", last.layer).gradient
    formula = Total(hadamard(Named(upstream), Named(last.a)))
    return Step(quantity, (upstream, last.a), _summed_product, formula)


def _summed_product(arithmetic: Arithmetic, upstream: Matrix, a: Matrix) -> Matrix:
    return arithmetic.sum(arithmetic.multiply(upstream, a))


def _penalized(place: Place) -> dict[Name, Name]:
    """Return the weights of a layer whose gradient has other parts, by the part of the data."""
    return {
        name: place.parameters[text]
        for text, name in place.gradients.items()
        if name != place.parameters[text].gradient
    }


def _sample_of(count: int, whole: Box) -> Box:
    index = Scripts(Sign("k"), Row((Sign(str(count)),)))
    return row(sentence("sample "), Between(), index, Between(), sentence(" of "), Between(), whole)


def _given(name: Name, shape: Shape, layout: Layout, kind: Kind) -> Quantity:
    return Quantity(name, shape, layout, Group.GIVEN, kind)


def _output_gradient(place: Place, layer: Layer) -> Quantity:
    """Return ∂L/∂output as the next layer makes it: all of it, or a part."""
    name, shape = place.a.gradient, layer.output_shape(place.input_shape)
    if layer.adds_to_output_gradient:
        return place.samples(name.part(INCOMING), shape, Group.INTERNAL)
    return place.samples(name, shape, Group.ACTIVATION_GRADIENT)


def _sample(count: int, arithmetic: Arithmetic, data: Matrix, picks: Matrix) -> Matrix:
    row = arithmetic.rows_between(picks, count - 1, count)
    return arithmetic.dot(data, arithmetic.transpose(row))
