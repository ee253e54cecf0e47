r"""The LSTM layer, unrolled over the time steps of its input.

With the gates i, f, o = σ(Wx x_t + Wh h_{t−1} + b), each with weights of its own, and
g = tanh(…) likewise: c_t = f ∘ c_{t−1} + i ∘ g, h_t = o ∘ tanh c_t, h_0 = c_0 = 0.

Its activation is the whole sequence of h_t; it has no single pre-activation.
∂L/∂c_t = ∂L/∂h_t ∘ o ∘ tanh'(c_t) + f_{t+1} ∘ ∂L/∂c_{t+1}, and ∂L/∂h_t counts the way through the
gates of the next time step.

Source: named by seed 001; Hochreiter, Schmidhuber (1997) with the forget gate of Gers et al.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from gradgrade.oracle.arithmetic import Arithmetic, Element, ElementwiseRule, Matrix
from gradgrade.oracle.derivation.latex import latex, transposed
from gradgrade.oracle.derivation.quantities import Group, Name
from gradgrade.oracle.derivation.steps import Route, Step
from gradgrade.oracle.functions import activation_derivatives as derivatives
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import DA, Parameter, Place, PlainLayer
from gradgrade.oracle.networks.layers.recurrent import INCOMING, input_gradient, with_later
from gradgrade.oracle.networks.layers.sequence import (
    at_time,
    block,
    gate_parameters,
    gradient_steps,
    sequence_shape,
    stacked,
    weighted,
    zero_state,
)

GATES = ("i", "f", "g", "o")
SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]


@dataclass(frozen=True, kw_only=True)
class Lstm(PlainLayer):
    """An LSTM layer.

    Args:
        units: how many units it has.

    >>> [each.kind for each in Lstm(units=1).parameters((5, 3))][:3]
    ['Wxi_{}', 'Whi_{}', 'bi_{}']
    """

    units: int

    output_gradient = INCOMING

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (time, units)."""
        time, _ = sequence_shape(input_shape)
        return (time, self.units)

    def parameters(self, input_shape: Shape) -> tuple[Parameter, ...]:
        """Return the weights and biases of the gates i, f, g, o."""
        _, features = sequence_shape(input_shape)
        return tuple(
            parameter for gate in GATES for parameter in gate_parameters(gate, self.units, features)
        )

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield, time step by time step, x_t, the gates, c_t and h_t; then a."""
        steps, features = sequence_shape(place.input_shape)
        yield zero_state(place, "h", self.units)
        yield zero_state(place, "c", self.units)
        for time in range(1, steps + 1):
            yield block(place, place.input.name, "x", time, features)
            for gate in GATES:
                yield from self._gate(place, gate, time)
            yield self._cell(place, time)
            h = at_time(place, "h", time, self.units)
            o, c = place.here(f"o{time}_{{}}"), place.here(f"c{time}_{{}}")
            formula = rf"{latex(h.name)} = {latex(o)} \circ \tanh({latex(c)})"
            yield Step(h, (o, c), _output, formula)
        a = place.samples("a{}", (steps, self.units), Group.ACTIVATION)
        yield stacked(a, [place.here(f"h{time}_{{}}") for time in range(1, steps + 1)])

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield ∂L/∂h_t, ∂L/∂c_t and the gates' δ, last time step first; then the gradients."""
        steps, _ = sequence_shape(place.input_shape)
        for time in range(steps, 0, -1):
            yield from self._hidden_gradient(place, time, steps)
            yield self._cell_gradient(place, time, steps)
            for gate in GATES:
                yield self._gate_delta(place, gate, time)
        da = place.samples(DA, (steps, self.units), Group.ACTIVATION_GRADIENT)
        yield stacked(da, [place.here(f"dh{time}_{{}}") for time in range(1, steps + 1)])
        states = [place.here(f"h{time}_{{}}") for time in range(steps)]
        parameters = self.parameters(place.input_shape)
        deltas = {
            gate: [place.here(f"delta_{gate}{time}_{{}}") for time in range(1, steps + 1)]
            for gate in GATES
        }
        for gate in GATES:
            yield from gradient_steps(place, gate, parameters, deltas[gate], states)
        yield from input_gradient(place, {f"Wx{gate}_{{}}": deltas[gate] for gate in GATES})

    def _gate(self, place: Place, gate: str, time: int) -> Iterator[Step]:
        z = at_time(place, f"z{gate}", time, self.units)
        by_input, by_state, bias = (
            place.parameters[f"{kind}{gate}_{{}}"] for kind in ("Wx", "Wh", "b")
        )
        x, before = place.here(f"x{time}_{{}}"), place.here(f"h{time - 1}_{{}}")
        formula = (
            f"{latex(z.name)} = {latex(by_input)} {latex(x)} + "
            f"{latex(by_state)} {latex(before)} + {latex(bias)}"
        )
        yield Step(z, (by_input, x, by_state, before, bias), weighted, formula)
        activation = TANH if gate == "g" else SIGMOID
        value = at_time(place, gate, time, self.units)
        formula = f"{latex(value.name)} = {activation.notation}({latex(z.name)})"
        yield Step(value, (z.name,), activation.apply, formula)

    def _cell(self, place: Place, time: int) -> Step:
        c = at_time(place, "c", time, self.units)
        i, f, g = (place.here(f"{gate}{time}_{{}}") for gate in "ifg")
        before = place.here(f"c{time - 1}_{{}}")
        formula = (
            rf"{latex(c.name)} = {latex(f)} \circ {latex(before)} + {latex(i)} \circ {latex(g)}"
        )
        return Step(c, (f, before, i, g), _sum_of_hadamard_products, formula)

    def _hidden_gradient(self, place: Place, time: int, steps: int) -> Iterator[Step]:
        incoming = block(place, place.here(INCOMING), "incoming", time, self.units)
        yield incoming
        later: tuple[Name, ...] = ()
        if time < steps:
            later = tuple(
                name
                for gate in GATES
                for name in (
                    place.parameters[f"Wh{gate}_{{}}"],
                    place.here(f"delta_{gate}{time + 1}_{{}}"),
                )
            )
        pairs = zip(later[::2], later[1::2], strict=True)
        plus = "".join(rf" + {transposed(w)} {latex(d)}" for w, d in pairs)
        dh = at_time(place, "dh", time, self.units)
        formula = f"{latex(dh.name)} = {latex(incoming.name)}{plus}"
        yield Step(dh, (incoming.name, *later), with_later, formula)

    def _cell_gradient(self, place: Place, time: int, steps: int) -> Step:
        dc = at_time(place, "dc", time, self.units)
        dh, o, c = (place.here(f"{kind}{time}_{{}}") for kind in ("dh", "o", "c"))
        later: tuple[Name, ...] = ()
        if time < steps:
            later = (place.here(f"f{time + 1}_{{}}"), place.here(f"dc{time + 1}_{{}}"))
        plus = rf" + {latex(later[0])} \circ {latex(later[1])}" if later else ""
        formula = rf"{latex(dc.name)} = {latex(dh)} \circ {latex(o)} \circ \tanh'({latex(c)}){plus}"
        reads = (dh, o, c, *later)
        route = Route(reads, partial(_cell_gradient, _tanh_by_value))
        return Step(dc, reads, partial(_cell_gradient, derivatives.tanh), formula, routes=(route,))

    def _gate_delta(self, place: Place, gate: str, time: int) -> Step:
        """δ of a gate's weighted input: what its value is multiplied by, times f'."""
        delta = at_time(place, f"delta_{gate}", time, self.units)
        z = place.here(f"z{gate}{time}_{{}}")
        if gate == "o":
            factors = (place.here(f"dh{time}_{{}}"), place.here(f"c{time}_{{}}"))
            right = rf"{latex(factors[0])} \circ \tanh({latex(factors[1])})"
        else:
            other = {"i": f"g{time}_{{}}", "g": f"i{time}_{{}}", "f": f"c{time - 1}_{{}}"}[gate]
            factors = (place.here(f"dc{time}_{{}}"), place.here(other))
            right = rf"{latex(factors[0])} \circ {latex(factors[1])}"
        derivative = rf"\tanh'({latex(z)})" if gate == "g" else rf"\sigma'({latex(z)})"
        formula = rf"{latex(delta.name)} = {right} \circ {derivative}"
        rule = _delta_of_output_gate if gate == "o" else _delta_of_gate
        by_z, by_value = (
            (derivatives.tanh, derivatives.tanh_from_a)
            if gate == "g"
            else (derivatives.sigmoid, derivatives.sigmoid_from_a)
        )
        value = place.here(f"{gate}{time}_{{}}")
        route = Route((*factors, value), partial(rule, by_value))
        return Step(delta, (*factors, z), partial(rule, by_z), formula, routes=(route,))


def _output(arithmetic: Arithmetic, o: Matrix, c: Matrix) -> Matrix:
    return arithmetic.multiply(o, TANH.apply(arithmetic, c))


def _sum_of_hadamard_products(
    arithmetic: Arithmetic, a: Matrix, b: Matrix, c: Matrix, d: Matrix
) -> Matrix:
    return arithmetic.add(arithmetic.multiply(a, b), arithmetic.multiply(c, d))


def _cell_gradient(
    derivative: ElementwiseRule,
    arithmetic: Arithmetic,
    dh: Matrix,
    o: Matrix,
    c: Matrix,
    *later: Matrix,
) -> Matrix:
    own = arithmetic.multiply(arithmetic.multiply(dh, o), arithmetic.map(derivative, c))
    if not later:
        return own
    return arithmetic.add(own, arithmetic.multiply(*later))


def _tanh_by_value(arithmetic: Arithmetic, c: Element) -> Element:
    """Return tanh' c as 1 − tanh² c, by students who keep tanh c."""
    return derivatives.tanh_from_a(arithmetic, arithmetic.tanh(c))


def _delta_of_gate(
    derivative: ElementwiseRule, arithmetic: Arithmetic, dc: Matrix, other: Matrix, argument: Matrix
) -> Matrix:
    product = arithmetic.multiply(dc, other)
    return arithmetic.multiply(product, arithmetic.map(derivative, argument))


def _delta_of_output_gate(
    derivative: ElementwiseRule, arithmetic: Arithmetic, dh: Matrix, c: Matrix, argument: Matrix
) -> Matrix:
    return _delta_of_gate(derivative, arithmetic, dh, TANH.apply(arithmetic, c), argument)
