"""Mistakes in recurrent layers: time left out of the gradient, and the gates of an LSTM."""

from re import fullmatch

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.networks.layers import Lstm, Recurrent
from gradgrade.oracle.networks.layers.lstm import GATES
from gradgrade.problems.misconceptions.base import Misconception, layer_by_layer
from gradgrade.problems.misconceptions.finding import (
    is_bias,
    is_weights,
    layer_of,
    positions_of_deltas,
)
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    constant,
    reading,
    ruled,
    scaled,
)

IN_TIME, LSTM = "recurrent", "lstm"
SIGMOID = ACTIVATIONS["sigmoid"]
LONGER = "Use more than one time step."
GRADIENTS = "Use an LSTM layer, and ask for its gradients."


def _makes(step: Step, kind: str) -> bool:
    """Tell whether a step makes a quantity of one time step, named by its kind and the time."""
    return fullmatch(rf"{kind}\d+_\{{\}}", step.name.kind) is not None


def _last_step_only(derivation: Derivation, step: Step) -> Step | None:
    parameter = step.name._replace(kind=step.name.kind.removeprefix("data_").removeprefix("d"))
    deltas = positions_of_deltas(step)
    is_unrolled = isinstance(layer_of(derivation, step.name), Recurrent | Lstm)
    if not is_unrolled or not (is_weights(parameter) or is_bias(parameter)):
        return None
    return before(step, deltas[:-1], scaled(0))


def _not_through_time(_: Derivation, step: Step) -> Step | None:
    return before(step, positions_of_deltas(step), scaled(0)) if _makes(step, "dh") else None


def _not_through_cell(_: Derivation, step: Step) -> Step | None:
    if not _makes(step, "dc"):
        return None
    later = tuple(i for i, name in enumerate(step.reads) if name.kind.startswith("dc"))
    return before(step, later, scaled(0))


def _cell_derivative_missing(_: Derivation, step: Step) -> Step | None:
    # tanh'(0) is 1.
    return before(step, (2,), constant(0)) if _makes(step, "dc") else None


def _cell_not_squashed(_: Derivation, step: Step) -> Step | None:
    if not _makes(step, "h") or len(step.reads) < 2:
        return None
    o, c = step.reads[:2]
    return ruled(step, lambda numbers, o, c: numbers.multiply(o, c), reads=(o, c))


def _gates_exchanged(_: Derivation, step: Step) -> Step | None:
    if not _makes(step, "c"):
        return None
    gates = {name.kind[0]: name for name in step.reads}
    exchanged = {"f": "i", "i": "f"}
    return reading(step, {gates[each]: gates[exchanged[each]] for each in gates if each in "fi"})


def _candidate_as_gate(_: Derivation, step: Step) -> Step | None:
    if not _makes(step, "delta_g"):
        return None

    def rule(arithmetic: Arithmetic, dc: Matrix, i: Matrix, z: Matrix) -> Matrix:
        return SIGMOID.pull_back(arithmetic, arithmetic.multiply(dc, i), z)

    return ruled(step, rule, reads=step.reads[:3])


def _gate_derivative_missing(_: Derivation, step: Step) -> Step | None:
    if not any(_makes(step, f"delta_{gate}") for gate in GATES):
        return None
    at_zero = before(step, (2,), constant(0))
    # tanh'(0) is 1, and σ'(0) is ¼.
    return at_zero if _makes(step, "delta_g") or at_zero is None else after(at_zero, scaled(4))


RECURRENT = (
    Misconception(
        code="last_step_only",
        title="Gradient of the last time step alone",
        explanation=(
            "The same weights act in every time step, so their gradient is the sum over the time "
            "steps. You take the last one's share."
        ),
        source="Elman (1990)",
        family=IN_TIME,
        exposure=LONGER,
        changes=layer_by_layer(_last_step_only),
    ),
    Misconception(
        code="not_through_time",
        title="Gradient not passed back in time",
        explanation=(
            "A state reaches the loss by its own output and by the next time step. You leave out "
            "the way through time."
        ),
        source="Elman (1990)",
        family=IN_TIME,
        exposure=LONGER,
        changes=layer_by_layer(_not_through_time),
    ),
    Misconception(
        code="not_through_cell",
        title="Gradient not passed back through the cell",
        explanation=(
            "An LSTM's cell goes on to the next time step, times the forget gate, and its gradient "
            "comes back that way. You leave that way out."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=LSTM,
        exposure=LONGER,
        changes=layer_by_layer(_not_through_cell),
    ),
    Misconception(
        code="cell_derivative_missing",
        title="Derivative of the cell's tanh missing",
        explanation=(
            "The output is the gate times tanh of the cell, so the way back to the cell has the "
            "derivative of that tanh. You leave it out."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=LSTM,
        exposure=GRADIENTS,
        changes=layer_by_layer(_cell_derivative_missing),
    ),
    Misconception(
        code="cell_not_squashed",
        title="Cell passed on without tanh",
        explanation=(
            "What an LSTM passes on is the output gate times tanh of the cell. You multiply the "
            "gate with the cell itself."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=LSTM,
        exposure="Use an LSTM layer, and ask for its activation.",
        changes=layer_by_layer(_cell_not_squashed),
    ),
    Misconception(
        code="gates_exchanged",
        title="Input gate and forget gate exchanged",
        explanation=(
            "The forget gate weighs what the cell holds, the input gate what is new. You have the "
            "two exchanged."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=LSTM,
        exposure="Use an LSTM layer, and ask for its activation.",
        changes=layer_by_layer(_gates_exchanged),
    ),
    Misconception(
        code="candidate_as_gate",
        title="Sigmoid's derivative for the cell's input",
        explanation=(
            "The gates of an LSTM are sigmoids, but what is put into the cell is a tanh. You take "
            "sigmoid's derivative for it too."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=LSTM,
        exposure=GRADIENTS,
        changes=layer_by_layer(_candidate_as_gate),
    ),
    Misconception(
        code="gate_derivative_missing",
        title="Derivative of the gates missing",
        explanation=(
            "Behind each gate's value stands its activation, and its derivative belongs to the way "
            "back to the gate's weights. You leave it out."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=LSTM,
        exposure=GRADIENTS,
        changes=layer_by_layer(_gate_derivative_missing),
    ),
)
