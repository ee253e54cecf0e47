r"""The simple recurrent layer: z_t = Wxh x_t + Whh h_{t−1} + bh, h_t = tanh z_t, h_0 = 0 or given.

Its activation is the whole sequence of h_t. ∂L/∂h_t counts the way through later steps:
∂L/∂h_t = ∂L/∂a_t + Whhᵀ δ_{t+1}, δ_t = ∂L/∂h_t ∘ tanh'(z_t).

Source: seed 001 names recurrent networks; Elman (1990).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.expression import Named
from gradgrade.oracle.derivation.formulas.functions import sum_of
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.roles import PullBack, Total
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.activated import routes_from_a
from gradgrade.oracle.networks.layers.layer import INCOMING, Parameter, Place, PlainLayer
from gradgrade.oracle.networks.layers.sequence import (
    at_time,
    block,
    gate_parameters,
    given_state,
    gradient_steps,
    hidden_state_gradient,
    initial_state,
    pulled_back,
    sequence_shape,
    stacked,
    sum_of_transposed_products,
    weighted_input,
    weighted_input_step,
)
from gradgrade.oracle.networks.lines import Activated, WeightedInput

TANH = ACTIVATIONS["tanh"]


@dataclass(frozen=True, kw_only=True)
class Recurrent(PlainLayer):
    """A simple recurrent layer with tanh, unrolled over the time steps of its input.

    Args:
        units: how many units it has.
        has_bias: whether there is a bh.
        has_state: whether h_0 is given.

    >>> Recurrent(units=4).output_shape((5, 3))
    (5, 4)
    """

    units: int
    has_bias: bool = True
    has_state: bool = False

    adds_to_output_gradient = True

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (time, units)."""
        time, _ = sequence_shape(input_shape)
        return (time, self.units)

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return Wxh, Whh and, unless there is none, bh."""
        _, features = sequence_shape(input_shape)
        by_input, by_state, bias = gate_parameters("h", self.units, features)
        return (by_input, by_state, bias) if self.has_bias else (by_input, by_state)

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return h_0, where it is given."""
        return (given_state(layer, "h", self.units, batch),) if self.has_state else ()

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield, time step by time step, x_t, z_t, h_t; then z and a."""
        steps, features = sequence_shape(place.input_shape)
        yield from initial_state(place, "h", self.units, is_given=self.has_state)
        for time in range(1, steps + 1):
            yield block(place, place.input.name, place.here("x", time), time, features)
            line = weighted_input(place, "h", time)
            yield weighted_input_step(place, line, self.units)
            h = at_time(place, place.here("h", time), self.units)
            formula = TANH.function(Named(line.z))
            yield Step(h, (line.z,), TANH.apply, formula, role=_activated(place, time))
        shape = (steps, self.units)
        z_all = place.samples(place.z, shape, Group.PRE_ACTIVATION)
        yield stacked(z_all, over_time(place, "z", steps))
        a = place.samples(place.a, shape, Group.ACTIVATION)
        yield stacked(a, over_time(place, "h", steps))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield, from the last time step to the first, ∂L/∂h_t and δ_t; then the gradients."""
        steps, _ = sequence_shape(place.input_shape)
        for time in range(steps, 0, -1):
            later = (weighted_input(place, "h", time + 1),) if time < steps else ()
            yield from hidden_gradient(place, time, self.units, later)
            yield self._delta(place, time)
        shape = (steps, self.units)
        da = place.samples(place.a.gradient, shape, Group.ACTIVATION_GRADIENT)
        yield gathered(da, place.a, [h.gradient for h in over_time(place, "h", steps)])
        deltas = [z.gradient for z in over_time(place, "z", steps)]
        yield gathered(place.samples(place.z.gradient, shape, Group.DELTA), place.z, deltas)
        yield from gradient_steps(place, "h", self.parameters(place.input_shape), deltas)
        if self.has_state:
            yield hidden_state_gradient(place, ("h",), self.units)
        yield from input_gradient(place, ("h",))

    def _delta(self, place: Place, time: int) -> Step:
        line = _activated(place, time)
        delta, dh = at_time(place, line.z.gradient, self.units), line.a.gradient
        formula = TANH.delta_formula(Named(dh), Named(line.z))
        routes = routes_from_a(TANH, dh, line.a)
        role = PullBack(to=line.z, through=(line,), upstream=(dh,))
        return Step(delta, (dh, line.z), TANH.pull_back, formula, routes=routes, role=role)


def _activated(place: Place, time: int) -> Activated:
    return Activated(activation=TANH, z=place.here("z", time), a=place.here("h", time))


def over_time(place: Place, text: str, steps: int) -> list[Name]:
    """Return the names of a layer's quantity at each time step."""
    return [place.here(text, time) for time in range(1, steps + 1)]


def gathered(quantity: Quantity, to: Name, parts: list[Name]) -> Step:
    """Return the step that makes a gradient of those of its time steps."""
    return stacked(quantity, parts, Total(to=to, contributions=tuple(parts)))


def hidden_gradient(
    place: Place, time: int, units: int, later: tuple[WeightedInput, ...]
) -> Iterator[Step]:
    """Yield ∂L/∂h_t: what comes in, and what the weighted inputs of the next time step pass back.

    Args:
        place: where the layer stands.
        time: t.
        units: how many units the layer has.
        later: the weighted inputs of the next time step, which read h_t.
    """
    h = place.here("h", time)
    source = place.a.gradient.part(INCOMING)
    incoming = block(place, source, place.here(INCOMING, time), time, units)
    yield incoming
    pairs = [(line.products[1][0], line.z.gradient) for line in later]
    dh = at_time(place, h.gradient, units)
    formula = sum_of(Named(incoming.name), *pulled_back(pairs))
    reads = (incoming.name, *(name for pair in pairs for name in pair))
    role = PullBack(to=h, through=later, upstream=tuple(delta for _, delta in pairs))
    yield Step(dh, reads, with_later, formula, role=role)


def input_gradient(place: Place, gates: Sequence[str]) -> Iterator[Step]:
    """Yield ∂L/∂x_t = Σ Wxᵀ δ_t over the gates' weights; then the gradient of the input."""
    steps, features = sequence_shape(place.input_shape)
    parts = []
    for time in range(1, steps + 1):
        x = place.here("x", time)
        dx = at_time(place, x.gradient, features)
        lines = tuple(weighted_input(place, gate, time) for gate in gates)
        pairs = [(line.products[0][0], line.z.gradient) for line in lines]
        formula = sum_of(*pulled_back(pairs))
        reads = tuple(name for pair in pairs for name in pair)
        role = PullBack(to=x, through=lines, upstream=tuple(delta for _, delta in pairs))
        yield Step(dx, reads, sum_of_transposed_products, formula, role=role)
        parts.append(dx.name)
    yield gathered(place.input_gradient, place.input.name, parts)


def with_later(arithmetic: Arithmetic, incoming: Matrix, *later: Matrix) -> Matrix:
    """Return ∂L/∂h_t: what comes in, and Σ Wᵀ δ of the next time step where there is one."""
    if not later:
        return incoming
    return arithmetic.add(incoming, sum_of_transposed_products(arithmetic, *later))
