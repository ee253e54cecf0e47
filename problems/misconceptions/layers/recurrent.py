"""Mistakes in time: steps left out of a sequence or of the gradient, and states of another step."""

from collections.abc import Callable
from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.quantities import Kind
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.lines import LastTimeStep
from gradgrade.problems.misconceptions.base import (
    Misconception,
    StepChange,
    everywhere,
    layer_by_layer,
)
from gradgrade.problems.misconceptions.recognition import (
    delta_of,
    gradient_by,
    is_gradient_of_bias,
    is_gradient_of_weights,
    lines_passed,
    quantity_of,
    rows_and_columns,
    upstream_positions,
    weighted_inputs_passed,
    weights_passed,
)
from gradgrade.problems.misconceptions.rewriting import after, before, reading, ruled, scaled

FAMILY = "recurrent"
LONGER = "Use more than one time step."

Shares = Callable[[int], list[Fraction]]
"""`shares(steps)`: how much is taken of each time step."""


def _is_gradient_over_time(step: Step) -> bool:
    is_gradient = is_gradient_of_weights(step) or is_gradient_of_bias(step)
    return is_gradient and len(upstream_positions(step)) > 1


def _one_step_only(*, is_first: bool) -> StepChange:
    """Leave out what all time steps but one add to a gradient."""

    def change(_: Derivation, step: Step) -> Step | None:
        if not _is_gradient_over_time(step):
            return None
        deltas = upstream_positions(step)
        return before(step, deltas[1:] if is_first else deltas[:-1], scaled(0))

    return change


def _averaged_over_time(_: Derivation, step: Step) -> Step | None:
    if not _is_gradient_over_time(step):
        return None
    return after(step, scaled(Fraction(1, len(upstream_positions(step)))))


def _taken(shares: Shares) -> StepChange:
    """Pass on a share of each time step, and its gradient back, where the last one is meant."""

    def change(derivation: Derivation, step: Step) -> Step | None:
        lines = (step.role, *lines_passed(step))
        line = next((each for each in lines if isinstance(each, LastTimeStep)), None)
        if line is None or line.steps == 1:
            return None
        by_share = [scaled(each) for each in shares(line.steps)]
        rows, _ = rows_and_columns(derivation, line.sequence)
        units = rows // line.steps

        def passed_on(arithmetic: Arithmetic, sequence: Matrix) -> Matrix:
            taken = arithmetic.matrix([[0]])
            for time, scale in enumerate(by_share):
                block = arithmetic.rows_between(sequence, time * units, (time + 1) * units)
                taken = arithmetic.add(taken, scale(arithmetic, block))
            return taken

        def passed_back(arithmetic: Arithmetic, gradient: Matrix) -> Matrix:
            return arithmetic.stack(*(scale(arithmetic, gradient) for scale in by_share))

        return ruled(step, passed_on if step.role is line else passed_back)

    return change


def _of_first(steps: int) -> list[Fraction]:
    return [Fraction(1), *[Fraction(0)] * (steps - 1)]


def _of_each(steps: int) -> list[Fraction]:
    return [Fraction(1, steps)] * steps


def _is_through_time(derivation: Derivation, step: Step) -> bool:
    passed = (quantity_of(derivation, step.reads[each]).kind for each in weights_passed(step))
    return Kind.RECURRENT_WEIGHTS in passed


def _not_through_time(derivation: Derivation, step: Step) -> Step | None:
    if not _is_through_time(derivation, step):
        return None
    return before(step, upstream_positions(step), scaled(0))


def _derivative_missing_in_time(derivation: Derivation, step: Step) -> Step | None:
    """Wᵀ δ of the next step becomes Wᵀ ∂L/∂h of it; its δ is what its own gradients have."""
    if not _is_through_time(derivation, step):
        return None
    deltas = (derivation.by_name[step.reads[at]] for at in upstream_positions(step))
    lines = ((delta, delta_of(delta)) for delta in deltas)
    return reading(step, {delta.name: line.a.gradient for delta, line in lines if line})


def _state_of_same_step(derivation: Derivation, step: Step) -> Step | None:
    """Σ δ_t h_{t−1}ᵀ becomes Σ δ_t h_tᵀ."""
    weights = gradient_by(step)
    if weights is None or quantity_of(derivation, weights).kind is not Kind.RECURRENT_WEIGHTS:
        return None
    products = (each for line in weighted_inputs_passed(step) for each in line.products)
    states = [state for of, state in products if of == weights]
    return reading(step, {each: each._replace(time=(each.time or 0) + 1) for each in states})


RECURRENT = (
    Misconception(
        code="last_step_only",
        title="Gradient of the last time step alone",
        explanation=(
            "The same weights act in every time step, so their gradient is the sum over the time "
            "steps. You take the last one's share."
        ),
        source="Elman (1990)",
        family=FAMILY,
        exposure=LONGER,
        changes=layer_by_layer(_one_step_only(is_first=False)),
    ),
    Misconception(
        code="first_step_only",
        title="Gradient of the first time step alone",
        explanation=(
            "The same weights act in every time step, so their gradient is the sum over the time "
            "steps. You take the first one's share."
        ),
        source="Elman (1990)",
        family=FAMILY,
        exposure=LONGER,
        changes=layer_by_layer(_one_step_only(is_first=True)),
    ),
    Misconception(
        code="gradient_averaged_over_time",
        title="Gradient averaged over the time steps",
        explanation=(
            "The same weights act in every time step, so their gradient is the sum over the time "
            "steps. You divide it by how many there are."
        ),
        source="Elman (1990)",
        family=FAMILY,
        exposure=LONGER,
        changes=layer_by_layer(_averaged_over_time),
    ),
    Misconception(
        code="first_step_passed_on",
        title="First time step for the last",
        explanation=(
            "What is passed on of the sequence is its last time step. You pass on the first, and "
            "the gradient back to that."
        ),
        source="field",
        family=FAMILY,
        exposure=LONGER,
        changes=everywhere(_taken(_of_first)),
    ),
    Misconception(
        code="mean_step_passed_on",
        title="Mean of the time steps for the last",
        explanation=(
            "What is passed on of the sequence is its last time step. You pass on the mean of all, "
            "and a share of the gradient back to each."
        ),
        source="field",
        family=FAMILY,
        exposure=LONGER,
        changes=everywhere(_taken(_of_each)),
    ),
    Misconception(
        code="state_of_same_step",
        title="State of the same time step in the gradient",
        explanation=(
            "The recurrent weights read the state of the time step before, so that is the other "
            "factor in their gradient. You take the state that the step itself makes."
        ),
        source="Elman (1990)",
        family=FAMILY,
        exposure="Use a recurrent layer, and ask for its gradients.",
        changes=layer_by_layer(_state_of_same_step),
    ),
    Misconception(
        code="not_through_time",
        title="Gradient not passed back in time",
        explanation=(
            "A state reaches the loss by its own output and by the next time step. You leave out "
            "the way through time."
        ),
        source="Elman (1990)",
        family=FAMILY,
        exposure=LONGER,
        changes=layer_by_layer(_not_through_time),
    ),
    Misconception(
        code="derivative_missing_through_time",
        title="Derivative missing on the way through time",
        explanation=(
            "What goes back to the time step before is the δ of a step, with its activation's "
            "derivative, times the recurrent weights. You pass the gradient of the state back "
            "without that derivative."
        ),
        source="Elman (1990)",
        family=FAMILY,
        exposure=LONGER,
        changes=layer_by_layer(_derivative_missing_in_time),
    ),
)
