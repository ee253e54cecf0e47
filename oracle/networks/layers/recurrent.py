r"""The simple recurrent layer: z_t = Wxh x_t + Whh h_{t−1} + bh, h_t = tanh z_t, h_0 = 0.

Its activation is the whole sequence of h_t. ∂L/∂h_t counts the way through later steps:
∂L/∂h_t = ∂L/∂a_t + Whhᵀ δ_{t+1}, δ_t = ∂L/∂h_t ∘ tanh'(z_t).

Source: seed 001 names recurrent networks; Elman (1990).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.latex import latex, transposed
from gradgrade.oracle.derivation.quantities import Group, Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.activated import routes_from_a
from gradgrade.oracle.networks.layers.layer import DA, Parameter, Place, PlainLayer
from gradgrade.oracle.networks.layers.sequence import (
    at_time,
    block,
    gate_parameters,
    gradient_steps,
    sequence_shape,
    stacked,
    sum_of_transposed_products,
    weighted,
    zero_state,
)

INCOMING = "incoming_da{}"
TANH = ACTIVATIONS["tanh"]


@dataclass(frozen=True, kw_only=True)
class Recurrent(PlainLayer):
    """A simple recurrent layer with tanh, unrolled over the time steps of its input.

    Args:
        units: how many units it has.
        has_bias: whether there is a bh.

    >>> Recurrent(units=4).output_shape((5, 3))
    (5, 4)
    """

    units: int
    has_bias: bool = True

    output_gradient = INCOMING

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (time, units)."""
        time, _ = sequence_shape(input_shape)
        return (time, self.units)

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return Wxh, Whh and, unless there is none, bh."""
        _, features = sequence_shape(input_shape)
        by_input, by_state, bias = gate_parameters("h", self.units, features)
        return (by_input, by_state, bias) if self.has_bias else (by_input, by_state)

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield, time step by time step, x_t, z_t, h_t; then z and a."""
        steps, features = sequence_shape(place.input_shape)
        yield zero_state(place, "h", self.units)
        biases = tuple(place.parameters[kind] for kind in ("bh_{}",) if self.has_bias)
        for time in range(1, steps + 1):
            yield block(place, place.input.name, "x", time, features)
            z = at_time(place, "z", time, self.units)
            x, before = place.here(f"x{time}_{{}}"), place.here(f"h{time - 1}_{{}}")
            by_input, by_state = place.parameters["Wxh_{}"], place.parameters["Whh_{}"]
            plus = "".join(f" + {latex(bias)}" for bias in biases)
            yield Step(
                z,
                (by_input, x, by_state, before, *biases),
                weighted,
                f"{latex(z.name)} = {latex(by_input)} {latex(x)} + "
                f"{latex(by_state)} {latex(before)}{plus}",
            )
            h = at_time(place, "h", time, self.units)
            formula = rf"{latex(h.name)} = \tanh({latex(z.name)})"
            yield Step(h, (z.name,), TANH.apply, formula)
        shape = (steps, self.units)
        z_all = place.samples("z{}", shape, Group.PRE_ACTIVATION)
        yield stacked(z_all, self._over_time(place, "z", steps))
        a = place.samples("a{}", shape, Group.ACTIVATION)
        yield stacked(a, self._over_time(place, "h", steps))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield, from the last time step to the first, ∂L/∂h_t and δ_t; then the gradients."""
        steps, _ = sequence_shape(place.input_shape)
        by_state = place.parameters["Whh_{}"]
        for time in range(steps, 0, -1):
            incoming = block(place, place.here(INCOMING), "incoming", time, self.units)
            yield incoming
            dh = at_time(place, "dh", time, self.units)
            later = () if time == steps else (by_state, place.here(f"delta_at{time + 1}_{{}}"))
            plus = "".join(rf" + {transposed(w)}" for w in later[:1])
            plus += "".join(rf" {latex(delta)}" for delta in later[1:])
            formula = f"{latex(dh.name)} = {latex(incoming.name)}{plus}"
            yield Step(dh, (incoming.name, *later), with_later, formula)
            delta = at_time(place, "delta_at", time, self.units)
            z = place.here(f"z{time}_{{}}")
            formula = f"{latex(delta.name)} = {TANH.delta_formula(latex(dh.name), latex(z))}"
            routes = routes_from_a(TANH, dh.name, place.here(f"h{time}_{{}}"))
            yield Step(delta, (dh.name, z), TANH.pull_back, formula, routes=routes)
        shape = (steps, self.units)
        da = place.samples(DA, shape, Group.ACTIVATION_GRADIENT)
        yield stacked(da, self._over_time(place, "dh", steps))
        deltas = self._over_time(place, "delta_at", steps)
        yield stacked(place.samples("delta{}", shape, Group.DELTA), deltas)
        states = [place.here(f"h{time}_{{}}") for time in range(steps)]
        yield from gradient_steps(place, "h", self.parameters(place.input_shape), deltas, states)
        yield from input_gradient(place, {"Wxh_{}": deltas})

    def _over_time(self, place: Place, kind: str, steps: int) -> list[Name]:
        return [place.here(f"{kind}{time}_{{}}") for time in range(1, steps + 1)]


def input_gradient(place: Place, deltas: dict[str, list[Name]]) -> Iterator[Step]:
    """Yield ∂L/∂x_t = Σ Wxᵀ δ_t over the weights by the input; then the gradient of the input."""
    steps, features = sequence_shape(place.input_shape)
    parts = []
    for time in range(1, steps + 1):
        dx = at_time(place, "dx", time, features)
        pairs = [(place.parameters[kind], each[time - 1]) for kind, each in deltas.items()]
        right = " + ".join(rf"{transposed(w)} {latex(d)}" for w, d in pairs)
        reads = tuple(name for pair in pairs for name in pair)
        yield Step(dx, reads, sum_of_transposed_products, f"{latex(dx.name)} = {right}")
        parts.append(dx.name)
    yield stacked(place.input_gradient, parts)


def with_later(arithmetic: Arithmetic, incoming: Matrix, *later: Matrix) -> Matrix:
    """Return ∂L/∂h_t: what comes in, and Σ Wᵀ δ of the next time step where there is one."""
    if not later:
        return incoming
    return arithmetic.add(incoming, sum_of_transposed_products(arithmetic, *later))
