"""Two gates of an LSTM exchanged: in the cell, on the way back, or in whose weights are whose."""

from collections.abc import Callable, Iterator, Mapping

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.lines import Cell, CellOutput, WeightedInput
from gradgrade.problems.misconceptions.base import Changes, Misconception, replaced
from gradgrade.problems.misconceptions.layers.lstm import FAMILY, GRADIENTS, gate_passed
from gradgrade.problems.misconceptions.recognition import (
    activation_made,
    is_gradient_of_bias,
    is_gradient_of_weights,
    weights_passed,
)
from gradgrade.problems.misconceptions.rewriting import reading, ruled

Pair = tuple[Name, Name]
"""The values of two gates in one time step."""

Exchange = Callable[[Derivation, list[Pair]], Iterator[Step]]
"""`exchange(derivation, pairs)` yields the steps in which two gates are exchanged."""

GATES = (("i", "f"), ("i", "o"), ("f", "o"))
ORDERS = (("i", "f"), ("g", "o"))
"""The orders that libraries stack the gates in: i f g o, f i g o, i f o g."""


def _exchanging(exchange: Exchange, which: tuple[tuple[str, str], ...]) -> Changes:
    def changes(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
        gates = _gates(derivation)
        for one, other in which if gates else ():
            steps = exchange(derivation, [(each[one], each[other]) for each in gates])
            yield f"({one} and {other})", replaced(derivation, *steps)

    return changes


def _gates(derivation: Derivation) -> list[Mapping[str, Name]]:
    """Return the values of the gates of every time step, and of the cell's input, by letter."""
    roles = [step.role for step in derivation.steps]
    outputs = {role.cell: role.gate for role in roles if isinstance(role, CellOutput)}
    cells = (role for role in roles if isinstance(role, Cell))
    return [
        {"i": cell.input, "f": cell.forget, "g": cell.candidate, "o": outputs[cell.c]}
        for cell in cells
    ]


def _in_value(derivation: Derivation, pairs: list[Pair]) -> Iterator[Step]:
    exchanged = _both_ways(pairs)
    for step in derivation.steps:
        mistaken = reading(step, exchanged) if isinstance(step.role, Cell | CellOutput) else None
        if mistaken:
            yield mistaken


def _on_the_way_back(derivation: Derivation, pairs: list[Pair]) -> Iterator[Step]:
    """The δ of each gate has the rule of the other's, and reads its own weighted input."""
    passed = ((gate_passed(step), step) for step in derivation.steps)
    deltas = {line.a: (line.z, step) for line, step in passed if line}
    for pair in pairs:
        for own, other in (pair, pair[::-1]):
            (z, step), (z_of_other, taken) = deltas[own], deltas[other]
            reads = tuple(z if name == z_of_other else name for name in taken.reads)
            yield ruled(step, taken.rule, reads=reads)


def _in_weights(derivation: Derivation, pairs: list[Pair]) -> Iterator[Step]:
    """Each reads the parameters of the other, whose gradients are made of its δ."""
    parameters, deltas = list[Pair](), list[Pair]()
    for pair in pairs:
        one, other = (_weighted_input(derivation, gate) for gate in pair)
        parameters += zip(_parameters(one), _parameters(other), strict=True)
        deltas.append((one.z.gradient, other.z.gradient))
    read, passed = _both_ways(parameters), _both_ways(deltas)
    for step in derivation.steps:
        is_gradient = is_gradient_of_weights(step) or is_gradient_of_bias(step)
        if is_gradient or weights_passed(step) or isinstance(step.role, WeightedInput):
            mistaken = reading(step, passed if is_gradient else read)
            if mistaken:
                yield mistaken


def _weighted_input(derivation: Derivation, gate: Name) -> WeightedInput:
    line = activation_made(derivation, gate)
    made = derivation.by_name[line.z].role if line else None
    if not isinstance(made, WeightedInput):
        raise TypeError(f"{gate} is no gate: it is made of no weighted input")
    return made


def _parameters(line: WeightedInput) -> tuple[Name, ...]:
    return (*line.weights, line.bias) if line.bias else line.weights


def _both_ways(pairs: list[Pair]) -> dict[Name, Name]:
    return dict(pairs) | {other: one for one, other in pairs}


LSTM_GATES = (
    Misconception(
        code="gates_exchanged",
        title="Gates exchanged",
        explanation=(
            "The forget gate weighs what the cell holds, the input gate what is new, and the "
            "output gate what is passed on. You have two of them exchanged."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=FAMILY,
        exposure="Use an LSTM layer, and ask for its activation.",
        changes=_exchanging(_in_value, GATES),
    ),
    Misconception(
        code="gates_exchanged_backward",
        title="Gates exchanged on the way back",
        explanation=(
            "The gradient of a gate has as its factor what that gate was multiplied with: what "
            "the cell held, what was new, or tanh of the cell. You have those of two gates "
            "exchanged."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=FAMILY,
        exposure=GRADIENTS,
        changes=_exchanging(_on_the_way_back, GATES),
    ),
    Misconception(
        code="weights_of_other_gate",
        title="Weights of one gate for another's",
        explanation=(
            "Each gate of an LSTM has weights and a bias of its own. You take those of one for "
            "those of another, and so give their gradients, as if they stood in another order."
        ),
        source="field",
        family=FAMILY,
        exposure="Use an LSTM layer, and ask for its activation.",
        changes=_exchanging(_in_weights, ORDERS),
    ),
)
