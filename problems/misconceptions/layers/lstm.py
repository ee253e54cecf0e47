"""Mistakes in an LSTM's cell and its way back: paths cut, factors and derivatives left out."""

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.functions import hadamard
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.networks.lines import Activated, Cell, CellOutput
from gradgrade.problems.misconceptions.base import Misconception, layer_by_layer
from gradgrade.problems.misconceptions.recognition import (
    activation_passed,
    lines_passed,
    positions,
)
from gradgrade.problems.misconceptions.rewriting import (
    Written,
    after,
    before,
    constant,
    instead,
    ruled,
    scaled,
)

FAMILY = "lstm"
SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
LONGER = "Use more than one time step."
GRADIENTS = "Use an LSTM layer, and ask for its gradients."


def _cell_output(step: Step) -> CellOutput | None:
    """Return how an LSTM's cell was passed on, where a step makes the gradient of the cell."""
    lines = (each for each in lines_passed(step) if isinstance(each, CellOutput))
    return next((line for line in lines if step.name == line.cell.gradient), None)


def _not_through_cell(_: Derivation, step: Step) -> Step | None:
    if _cell_output(step) is None:
        return None
    later = {line.c.gradient for line in lines_passed(step) if isinstance(line, Cell)}
    return before(step, positions(step, later), scaled(0))


def _forget_gate_missing(_: Derivation, step: Step) -> Step | None:
    if _cell_output(step) is None:
        return None
    gates = {line.forget for line in lines_passed(step) if isinstance(line, Cell)}
    return before(step, positions(step, gates), constant(1))


def _cell_derivative_missing(_: Derivation, step: Step) -> Step | None:
    output = _cell_output(step)
    # tanh'(0) is 1.
    return before(step, positions(step, {output.cell}), constant(0)) if output else None


def _cell_not_squashed(_: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, CellOutput) or len(step.reads) < 2:
        return None
    o, c = step.reads[:2]
    return instead(
        step, Written(lambda numbers, *factors: numbers.multiply(*factors), hadamard), o, c
    )


def gate_passed(step: Step) -> Activated | None:
    """Return the gate, or the cell's input, of which a step makes the δ by way of the cell."""
    is_by_cell = any(isinstance(line, Cell | CellOutput) for line in lines_passed(step))
    return activation_passed(step) if is_by_cell else None


def _candidate_as_gate(_: Derivation, step: Step) -> Step | None:
    line = gate_passed(step)
    if line is None or line.activation is not TANH:
        return None

    def rule(arithmetic: Arithmetic, dc: Matrix, i: Matrix, z: Matrix) -> Matrix:
        return SIGMOID.pull_back(arithmetic, arithmetic.multiply(dc, i), z)

    return ruled(step, rule, reads=step.reads[:3])


def _gate_derivative_missing(_: Derivation, step: Step) -> Step | None:
    line = gate_passed(step)
    at_zero = before(step, positions(step, {line.z}), constant(0)) if line else None
    if line is None or at_zero is None:
        return None
    # tanh'(0) is 1, and σ'(0) is ¼.
    return at_zero if line.activation is TANH else after(at_zero, scaled(4))


LSTM = (
    Misconception(
        code="not_through_cell",
        title="Gradient not passed back through the cell",
        explanation=(
            "An LSTM's cell goes on to the next time step, times the forget gate, and its gradient "
            "comes back that way. You leave that way out."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=FAMILY,
        exposure=LONGER,
        changes=layer_by_layer(_not_through_cell),
    ),
    Misconception(
        code="forget_gate_missing_backward",
        title="Forget gate missing on the way back",
        explanation=(
            "What an LSTM's cell holds goes on times the forget gate, so its gradient comes back "
            "times that gate. You pass it back as it is."
        ),
        source="Gers, Schmidhuber, Cummins (2000)",
        family=FAMILY,
        exposure=LONGER,
        changes=layer_by_layer(_forget_gate_missing),
    ),
    Misconception(
        code="cell_derivative_missing",
        title="Derivative of the cell's tanh missing",
        explanation=(
            "The output is the gate times tanh of the cell, so the way back to the cell has the "
            "derivative of that tanh. You leave it out."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=FAMILY,
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
        family=FAMILY,
        exposure="Use an LSTM layer, and ask for its activation.",
        changes=layer_by_layer(_cell_not_squashed),
    ),
    Misconception(
        code="candidate_as_gate",
        title="Sigmoid's derivative for the cell's input",
        explanation=(
            "The gates of an LSTM are sigmoids, but what is put into the cell is a tanh. You take "
            "sigmoid's derivative for it too."
        ),
        source="Hochreiter, Schmidhuber (1997)",
        family=FAMILY,
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
        family=FAMILY,
        exposure=GRADIENTS,
        changes=layer_by_layer(_gate_derivative_missing),
    ),
)
