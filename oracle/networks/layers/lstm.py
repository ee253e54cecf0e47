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
from gradgrade.oracle.derivation.formulas.expression import Expression, Named
from gradgrade.oracle.derivation.formulas.functions import hadamard
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Quantity
from gradgrade.oracle.derivation.roles import PullBack, Value
from gradgrade.oracle.derivation.steps import Route, Step
from gradgrade.oracle.functions import activation_derivatives as derivatives
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import Parameter, Place, PlainLayer
from gradgrade.oracle.networks.layers.recurrent import (
    gathered,
    hidden_gradient,
    input_gradient,
    over_time,
)
from gradgrade.oracle.networks.layers.sequence import (
    at_time,
    block,
    gate_parameters,
    given_state,
    gradient_of_state,
    gradient_steps,
    hidden_state_gradient,
    initial_state,
    sequence_shape,
    stacked,
    weighted_input,
    weighted_input_step,
)
from gradgrade.oracle.networks.lines import Activated, Cell, CellOutput

GATES = ("i", "f", "g", "o")
SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]


@dataclass(frozen=True, kw_only=True)
class Lstm(PlainLayer):
    """An LSTM layer.

    Args:
        units: how many units it has.
        has_state: whether h_0 and c_0 are given.

    >>> [each.text for each in Lstm(units=1).parameters((5, 3))][:3]
    ['Wxi', 'Whi', 'bi']
    """

    units: int
    has_state: bool = False

    adds_to_output_gradient = True

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

    def givens(self, layer: int, input_shape: Shape, batch: int) -> tuple[Quantity, ...]:
        """Return h_0 and c_0, where they are given."""
        if not self.has_state:
            return ()
        return tuple(given_state(layer, text, self.units, batch) for text in "hc")

    def forward(self, place: Place) -> Iterator[Step]:
        """Yield, time step by time step, x_t, the gates, c_t and h_t; then a."""
        steps, features = sequence_shape(place.input_shape)
        yield from initial_state(place, "h", self.units, is_given=self.has_state)
        yield from initial_state(place, "c", self.units, is_given=self.has_state)
        for time in range(1, steps + 1):
            yield block(place, place.input.name, place.here("x", time), time, features)
            for gate in GATES:
                yield from self._gate(place, gate, time)
            yield self._cell(place, time)
            line = _output_line(place, time)
            h = at_time(place, line.h, self.units)
            formula = hadamard(Named(line.gate), TANH.function(Named(line.cell)))
            yield Step(h, (line.gate, line.cell), _output, formula, role=line)
        a = place.samples(place.a, (steps, self.units), Group.ACTIVATION)
        yield stacked(a, over_time(place, "h", steps))

    def backward(self, place: Place) -> Iterator[Step]:
        """Yield ∂L/∂h_t, ∂L/∂c_t and the gates' δ, last time step first; then the gradients."""
        steps, _ = sequence_shape(place.input_shape)
        for time in range(steps, 0, -1):
            is_last = time == steps
            later = () if is_last else [weighted_input(place, gate, time + 1) for gate in GATES]
            yield from hidden_gradient(place, time, self.units, tuple(later))
            yield self._cell_gradient(place, time, steps)
            for gate in GATES:
                yield self._gate_delta(place, gate, time)
        da = place.samples(place.a.gradient, (steps, self.units), Group.ACTIVATION_GRADIENT)
        yield gathered(da, place.a, [h.gradient for h in over_time(place, "h", steps)])
        parameters = self.parameters(place.input_shape)
        for gate in GATES:
            deltas = [z.gradient for z in over_time(place, f"z{gate}", steps)]
            yield from gradient_steps(place, gate, parameters, deltas)
        if self.has_state:
            yield hidden_state_gradient(place, GATES, self.units)
            yield self._cell_state_gradient(place)
        yield from input_gradient(place, GATES)

    def _gate(self, place: Place, gate: str, time: int) -> Iterator[Step]:
        yield weighted_input_step(place, weighted_input(place, gate, time), self.units)
        line = _gate_line(place, gate, time)
        value = at_time(place, line.a, self.units)
        formula = line.activation.function(Named(line.z))
        yield Step(value, (line.z,), line.activation.apply, formula, role=line)

    def _cell(self, place: Place, time: int) -> Step:
        line = _cell_line(place, time)
        reads = (line.forget, line.before, line.input, line.candidate)
        f, before, i, g = map(Named, reads)
        formula = hadamard(f, before) + hadamard(i, g)
        c = at_time(place, line.c, self.units)
        return Step(c, reads, _sum_of_hadamard_products, formula, role=line)

    def _cell_gradient(self, place: Place, time: int, steps: int) -> Step:
        output, c = _output_line(place, time), place.here("c", time)
        lines: tuple[Value, ...] = (output,)
        dh, later = output.h.gradient, tuple[Name, ...]()
        if time < steps:
            following = _cell_line(place, time + 1)
            lines = (output, following)
            later = (following.forget, following.c.gradient)
        dc = at_time(place, c.gradient, self.units)
        through_output = hadamard(Named(dh), Named(output.gate))
        formula = TANH.delta_formula(through_output, Named(c))
        if later:
            formula += hadamard(*map(Named, later))
        reads = (dh, output.gate, c, *later)
        route = Route(reads, partial(_cell_gradient, _tanh_by_value))
        role = PullBack(to=c, through=lines, upstream=(dh, *later[1:]))
        rule = partial(_cell_gradient, derivatives.tanh)
        return Step(dc, reads, rule, formula, routes=(route,), role=role)

    def _cell_state_gradient(self, place: Place) -> Step:
        line = _cell_line(place, 1)
        reads = (line.forget, line.c.gradient)
        quantity = gradient_of_state(place, "c", self.units)
        role = PullBack(to=line.before, through=(line,), upstream=(line.c.gradient,))
        return Step(quantity, reads, _product, hadamard(*map(Named, reads)), role=role)

    def _gate_delta(self, place: Place, gate: str, time: int) -> Step:
        """δ of a gate's weighted input: what its value is multiplied by, times f'."""
        own = _gate_line(place, gate, time)
        if gate == "o":
            output = _output_line(place, time)
            line: Value = output
            factors = (output.h.gradient, output.cell)
            passed_on: Expression = TANH.function(Named(output.cell))
        else:
            cell = _cell_line(place, time)
            other = {"i": cell.candidate, "g": cell.input, "f": cell.before}[gate]
            line = cell
            factors = (cell.c.gradient, other)
            passed_on = Named(other)
        delta = at_time(place, own.z.gradient, self.units)
        into_gate = hadamard(Named(factors[0]), passed_on)
        formula = own.activation.delta_formula(into_gate, Named(own.z))
        rule = _delta_of_output_gate if gate == "o" else _delta_of_gate
        by_z, by_value = (
            (derivatives.tanh, derivatives.tanh_from_a)
            if gate == "g"
            else (derivatives.sigmoid, derivatives.sigmoid_from_a)
        )
        return Step(
            delta,
            (*factors, own.z),
            partial(rule, by_z),
            formula,
            routes=(Route((*factors, own.a), partial(rule, by_value)),),
            role=PullBack(to=own.z, through=(line, own), upstream=factors[:1]),
        )


def _gate_line(place: Place, gate: str, time: int) -> Activated:
    activation = TANH if gate == "g" else SIGMOID
    return Activated(
        activation=activation, z=place.here(f"z{gate}", time), a=place.here(gate, time)
    )


def _cell_line(place: Place, time: int) -> Cell:
    return Cell(
        c=place.here("c", time),
        forget=place.here("f", time),
        before=place.here("c", time - 1),
        input=place.here("i", time),
        candidate=place.here("g", time),
    )


def _output_line(place: Place, time: int) -> CellOutput:
    return CellOutput(
        h=place.here("h", time), gate=place.here("o", time), cell=place.here("c", time)
    )


def _product(arithmetic: Arithmetic, left: Matrix, right: Matrix) -> Matrix:
    return arithmetic.multiply(left, right)


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
