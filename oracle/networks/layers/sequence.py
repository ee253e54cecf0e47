"""What recurrent layers share: sequences, unrolled in time, one block of rows a time step.

A sample of shape (time, units) is a column; time step t is its block of `units` rows. State starts
from zero, or from what is given.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.boxes import Box, Enclosed, Row, Scripts, Sign
from gradgrade.oracle.derivation.formulas.expression import (
    Entry,
    Expression,
    Function,
    Named,
    Total,
    as_expression,
)
from gradgrade.oracle.derivation.formulas.functions import (
    sequence,
    sum_of,
)
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Kind, Layout, Quantity
from gradgrade.oracle.derivation.roles import VALUE, PullBack, Role
from gradgrade.oracle.derivation.steps import Rule, Step, unchanged
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import Parameter, Place
from gradgrade.oracle.networks.lines import WeightedInput


def sequence_shape(input_shape: Shape) -> tuple[int, int]:
    """Return time steps and features.

    Raises:
        ValueError: the input is no sequence.
    """
    if len(input_shape) != 2:
        raise ValueError(f"a sequence [time, features] is needed, not shape {list(input_shape)}")
    return input_shape[0], input_shape[1]


def gate_parameters(gate: str, units: int, features: int) -> tuple[Parameter, ...]:
    """Return the weights by the input and by the state, and the bias, of one gate."""
    return (
        Parameter(f"Wx{gate}", (units, features), Layout.WEIGHTS, Kind.WEIGHTS),
        Parameter(f"Wh{gate}", (units, units), Layout.WEIGHTS, Kind.RECURRENT_WEIGHTS),
        Parameter(f"b{gate}", (units,), Layout.FIXED, Kind.BIASES),
    )


def at_time(place: Place, name: Name, rows: int) -> Quantity:
    """Return an internal quantity of one time step."""
    return place.internal(name, rows, place.batch)


def weighted_input(place: Place, gate: str, time: int) -> WeightedInput:
    """Return what one gate's weighted input of a time step is."""
    return WeightedInput(
        z=place.here("z" if gate == "h" else f"z{gate}", time),
        products=(
            (place.parameters[f"Wx{gate}"], place.here("x", time)),
            (place.parameters[f"Wh{gate}"], place.here("h", time - 1)),
        ),
        bias=place.parameters.get(f"b{gate}"),
    )


def weighted_input_step(place: Place, line: WeightedInput, units: int) -> Step:
    """Return the step z_t = Wx x_t + Wh h_{t−1} + b of one gate and time step."""
    z = at_time(place, line.z, units)
    (by_input, x), (by_state, before) = line.products
    biases = (line.bias,) if line.bias else ()
    products = (Named(weights) @ Named(source) for weights, source in line.products)
    formula = sum_of(*products, *map(Named, biases))
    reads = (by_input, x, by_state, before, *biases)
    return Step(z, reads, weighted, formula, role=line)


def block(place: Place, source: Name, name: Name, time: int, rows: int) -> Step:
    """Return the step that takes one time step's rows out of a sequence."""
    quantity = at_time(place, name, rows)
    rule = partial(_rows_between, (time - 1) * rows, time * rows)
    return Step(quantity, (source,), rule, _time_step(time, rule)(Named(source)))


def stacked(quantity: Quantity, parts: list[Name], role: Role = VALUE) -> Step:
    """Return the step that makes a sequence of its time steps."""
    return Step(quantity, tuple(parts), _stack, sequence(*map(Named, parts)), role=role)


def given_state(layer: int, text: str, rows: int, batch: int) -> Quantity:
    """Return the state before the first time step where it is given: `h0_1`."""
    name = Name(text, layer, time=0)
    return Quantity(name, (rows, batch), Layout.SAMPLES, Group.GIVEN, Kind.INPUTS)


def initial_state(place: Place, text: str, rows: int, *, is_given: bool) -> Iterator[Step]:
    """Yield the state before the first time step: 0, or what is given, as this iteration has it."""
    name = place.here(text, 0)
    quantity = at_time(place, name, rows)
    if not is_given:
        yield Step(quantity, (), partial(_zeros, rows, place.batch), as_expression(0))
    elif name.iteration:
        yield Step(quantity, (name.bare,), unchanged, Named(name.bare))


def gradient_of_state(place: Place, text: str, rows: int) -> Quantity:
    """Return the gradient of a state that is given."""
    name = place.here(text, 0).gradient
    return Quantity(name, (rows, place.batch), Layout.SAMPLES, Group.INPUT_GRADIENT)


def hidden_state_gradient(place: Place, gates: Sequence[str], rows: int) -> Step:
    """Return the step ∂L/∂h_0 = Σ Whᵀ δ_1 over the gates' weights."""
    lines = tuple(weighted_input(place, gate, 1) for gate in gates)
    pairs = [(line.products[1][0], line.z.gradient) for line in lines]
    reads = tuple(name for pair in pairs for name in pair)
    role = PullBack(
        to=place.here("h", 0), through=lines, upstream=tuple(delta for _, delta in pairs)
    )
    quantity, formula = gradient_of_state(place, "h", rows), sum_of(*pulled_back(pairs))
    return Step(quantity, reads, sum_of_transposed_products, formula, role=role)


def gradient_steps(
    place: Place,
    gate: str,
    parameters: tuple[Parameter, ...],
    deltas: list[Name],
) -> list[Step]:
    """Return the gradients of one gate's parameters, summed over time.

    Args:
        place: where the layer stands.
        gate: the gate's letter in the names.
        parameters: those of the layer.
        deltas: ∂L/∂(the gate's weighted input), by time.
    """
    lines = tuple(weighted_input(place, gate, time) for time in range(1, len(deltas) + 1))
    back = partial(PullBack, through=lines, upstream=tuple(deltas))
    own = {each.text: each for each in parameters}
    steps = []
    for index, text in enumerate((f"Wx{gate}", f"Wh{gate}")):
        quantity = place.gradient(own[text])
        factors = [line.products[index][1] for line in lines]
        pairs = zip(deltas, factors, strict=True)
        formula = sum_of(*(Named(delta) @ Named(factor).T for delta, factor in pairs))
        reads, role = (*deltas, *factors), back(to=place.parameters[text])
        steps.append(Step(quantity, reads, _sum_of_products, formula, role=role))
    if f"b{gate}" in own:
        quantity = place.gradient(own[f"b{gate}"])
        formula = Total(Entry(sum_of(*map(Named, deltas)), "n"), "n")
        role = back(to=place.parameters[f"b{gate}"])
        steps.append(Step(quantity, tuple(deltas), _sum_over_samples, formula, role=role))
    return steps


def pulled_back(pairs: list[tuple[Name, Name]]) -> list[Expression]:
    """Return the terms Wᵀ δ, for pairs of weights and δ."""
    return [Named(weights).T @ Named(delta) for weights, delta in pairs]


def weighted(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    """Return Wx x + Wh h, plus b where there is one."""
    by_input, x, by_state, h, *bias = matrices
    z = arithmetic.add(arithmetic.dot(by_input, x), arithmetic.dot(by_state, h))
    for each in bias:
        z = arithmetic.add(z, each)
    return z


def sum_of_transposed_products(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    """Return Σ Wᵀ δ over pairs of weights and δ that come one after the other."""
    weights, deltas = matrices[::2], matrices[1::2]
    terms = [
        arithmetic.dot(arithmetic.transpose(w), delta)
        for w, delta in zip(weights, deltas, strict=True)
    ]
    return _sum(arithmetic, terms)


def _sum(arithmetic: Arithmetic, terms: list[Matrix]) -> Matrix:
    total, *rest = terms
    for term in rest:
        total = arithmetic.add(total, term)
    return total


def _sum_of_products(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    half = len(matrices) // 2
    pairs = zip(matrices[:half], matrices[half:], strict=True)
    terms = [arithmetic.dot(delta, arithmetic.transpose(factor)) for delta, factor in pairs]
    return _sum(arithmetic, terms)


def _sum_over_samples(arithmetic: Arithmetic, *deltas: Matrix) -> Matrix:
    return arithmetic.sum(_sum(arithmetic, list(deltas)), axis=1)


def _time_step(time: int, rule: Rule) -> Function:
    """Return the function that takes one time step out of a sequence."""

    def write(whole: Box) -> Box:
        return Scripts(Enclosed(whole), Row((Sign(str(time)),)))

    return Function("time step", rule, write)


def _rows_between(start: int, stop: int, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.rows_between(matrix, start, stop)


def _stack(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.stack(*matrices)


def _zeros(rows: int, columns: int, arithmetic: Arithmetic) -> Matrix:
    return arithmetic.zeros(rows, columns)
