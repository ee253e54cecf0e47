"""What recurrent layers share: sequences, unrolled in time, one block of rows a time step.

A sample of shape (time, units) is a column; time step t is its block of `units` rows. State starts
from zero.
"""

from functools import partial

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.latex import latex
from gradgrade.oracle.derivation.quantities import Layout, Name, Quantity
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers.layer import Parameter, Place


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
        Parameter(f"Wx{gate}_{{}}", (units, features), Layout.WEIGHTS, is_weight=True),
        Parameter(f"Wh{gate}_{{}}", (units, units), Layout.WEIGHTS, is_weight=True),
        Parameter(f"b{gate}_{{}}", (units,), Layout.FIXED, is_weight=False),
    )


def at_time(place: Place, kind: str, time: int, rows: int) -> Quantity:
    """Return an internal quantity of one time step, named `KINDt_l` with `t` counted from 1."""
    return place.internal(f"{kind}{time}_{{}}", rows, place.batch)


def block(place: Place, source: Name, kind: str, time: int, rows: int) -> Step:
    """Return the step that takes one time step's rows out of a sequence."""
    quantity = at_time(place, kind, time, rows)
    rule = partial(_rows_between, (time - 1) * rows, time * rows)
    return Step(quantity, (source,), rule, f"{latex(quantity.name)} = ({latex(source)})_{{{time}}}")


def stacked(quantity: Quantity, parts: list[Name]) -> Step:
    """Return the step that makes a sequence of its time steps."""
    formula = f"{latex(quantity.name)} = ({', '.join(map(latex, parts))})"
    return Step(quantity, tuple(parts), _stack, formula)


def zero_state(place: Place, kind: str, rows: int) -> Step:
    """Return the step that makes the state before the first time step."""
    quantity = at_time(place, kind, 0, rows)
    rule = partial(_zeros, rows, place.batch)
    return Step(quantity, (), rule, f"{latex(quantity.name)} = 0")


def gradient_steps(
    place: Place,
    gate: str,
    parameters: tuple[Parameter, ...],
    deltas: list[Name],
    states: list[Name],
) -> list[Step]:
    """Return the gradients of one gate's parameters, summed over time.

    Args:
        place: where the layer stands.
        gate: the gate's letter in the names.
        parameters: those of the layer.
        deltas: ∂L/∂(the gate's weighted input), by time.
        states: the state that each time step starts from.
    """
    inputs = [place.here(f"x{time}_{{}}") for time in range(1, len(deltas) + 1)]
    own = {each.kind: each for each in parameters}
    steps = []
    for kind, factors in ((f"Wx{gate}_{{}}", inputs), (f"Wh{gate}_{{}}", states)):
        quantity = place.gradient(own[kind])
        pairs = zip(deltas, factors, strict=True)
        formula = " + ".join(rf"{latex(d)} {{{latex(f)}}}^{{\mathsf{{T}}}}" for d, f in pairs)
        reads = (*deltas, *factors)
        steps.append(Step(quantity, reads, _sum_of_products, f"{latex(quantity.name)} = {formula}"))
    if f"b{gate}_{{}}" in own:
        quantity = place.gradient(own[f"b{gate}_{{}}"])
        formula = f"{latex(quantity.name)} = {' + '.join(map(latex, deltas))}"
        steps.append(Step(quantity, tuple(deltas), _sum_over_samples, formula))
    return steps


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


def _rows_between(start: int, stop: int, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.rows_between(matrix, start, stop)


def _stack(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
    return arithmetic.stack(*matrices)


def _zeros(rows: int, columns: int, arithmetic: Arithmetic) -> Matrix:
    return arithmetic.zeros(rows, columns)
