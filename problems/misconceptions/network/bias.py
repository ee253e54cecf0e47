"""Mistakes with biases: their gradient is a sum, and they are parameters like the others."""

from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.quantities import Kind
from gradgrade.oracle.derivation.roles import Frozen, Update
from gradgrade.oracle.derivation.steps import Step, unchanged
from gradgrade.oracle.networks.lines import WeightedInput
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.problems.misconceptions.base import (
    Misconception,
    StepChange,
    everywhere,
    layer_by_layer,
)
from gradgrade.problems.misconceptions.recognition import (
    is_gradient_of_bias,
    is_square,
    is_through_dense,
    positions,
    quantity_of,
    rows_and_columns,
    samples,
    upstream_positions,
    weighted_inputs_passed,
)
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    after,
    before,
    column_alone,
    constant,
    instead,
    row_alone,
    ruled,
    scaled,
    transposed,
)

FAMILY = "bias"
IN_A_BATCH = "Use more than one sample."
SHARED = "Share one bias among several units."


def _averaged(derivation: Derivation, step: Step) -> Step | None:
    if not is_gradient_of_bias(step):
        return None
    return after(step, scaled(Fraction(1, samples(derivation, step.name.iteration))))


def _of_first_sample(derivation: Derivation, step: Step) -> Step | None:
    is_image = any(line.kernel for line in weighted_inputs_passed(step))
    if not is_gradient_of_bias(step) or is_image:
        return None
    alone = column_alone(0, samples(derivation, step.name.iteration))
    return before(step, upstream_positions(step), alone)


def _units_that_share(derivation: Derivation, step: Step) -> int | None:
    """Return how many units share the bias whose gradient a step makes; None where none do."""
    if not is_gradient_of_bias(step) or step.quantity.shape:
        return None
    delta, *_ = upstream_positions(step)
    return rows_and_columns(derivation, step.reads[delta])[0]


def _of_first_unit(derivation: Derivation, step: Step) -> Step | None:
    units = _units_that_share(derivation, step)
    return (units and before(step, upstream_positions(step), row_alone(0, units))) or None


def _averaged_over_units(derivation: Derivation, step: Step) -> Step | None:
    units = _units_that_share(derivation, step)
    return after(step, scaled(Fraction(1, units))) if units else None


def _over_units(derivation: Derivation, step: Step) -> Step | None:
    if not (is_gradient_of_bias(step) and step.quantity.shape and is_through_dense(step)):
        return None
    deltas = upstream_positions(step)
    if not all(is_square(derivation, step.reads[position]) for position in deltas):
        return None
    return before(step, deltas, transposed)


def _read_as(function: Function) -> StepChange:
    """Put something else for a bias in the forward pass."""

    def change(_: Derivation, step: Step) -> Step | None:
        if not isinstance(step.role, WeightedInput):
            return None
        return before(step, positions(step, {step.role.bias}), function)

    return change


def _negative(_: Derivation, step: Step) -> Step | None:
    return after(step, scaled(-1)) if is_gradient_of_bias(step) else None


def _not_updated(derivation: Derivation, step: Step) -> Step | None:
    if not isinstance(step.role, Update):
        return None
    parameter = step.role.symbols["W"]
    is_bias = quantity_of(derivation, parameter).kind is Kind.BIASES
    if not is_bias or parameter not in step.reads:
        return None
    return ruled(step, unchanged, reads=(parameter,))


def _frozen_updated(_: Derivation, step: Step) -> Step | None:
    """A frozen parameter in use is the one of the iteration before; descend from that."""
    if not isinstance(step.role, Frozen) or step.role.optimizer != "sgd":
        return None
    symbols = step.role.symbols
    if step.reads != (symbols["W"],):
        return None
    (update,) = OPTIMIZERS["sgd"].updates
    descent = Written(update.rule, update.formula)
    return instead(step, descent, *(symbols[each] for each in update.reads))


BIAS = (
    Misconception(
        code="bias_gradient_averaged",
        title="Bias gradient averaged over the batch",
        explanation=(
            "The gradient of a bias is the sum of δ over the samples; any mean of the loss is "
            "already in δ. You divide by the number of samples again."
        ),
        source="seed 000",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=layer_by_layer(_averaged),
    ),
    Misconception(
        code="bias_gradient_of_first_sample",
        title="Bias gradient of the first sample alone",
        explanation=(
            "Every sample of a batch reads the same bias, so its gradient is the sum of δ over "
            "them. You take δ of the first sample."
        ),
        source="seed 000",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=layer_by_layer(_of_first_sample),
    ),
    Misconception(
        code="bias_gradient_over_units",
        title="Bias gradient summed along the wrong axis",
        explanation=(
            "Each unit has a bias of its own, and its gradient is the sum of δ over the samples. "
            "You sum over the units of each sample."
        ),
        source="field",
        family=FAMILY,
        exposure="Use as many samples as the layer has units.",
        changes=layer_by_layer(_over_units),
    ),
    Misconception(
        code="shared_bias_of_first_unit",
        title="Shared bias's gradient from one unit",
        explanation=(
            "A bias that several units share reaches the loss through each of them, so its "
            "gradient is the sum over the units. You take the first unit's δ alone."
        ),
        source="seed 004",
        family=FAMILY,
        exposure=SHARED,
        changes=layer_by_layer(_of_first_unit),
    ),
    Misconception(
        code="shared_bias_averaged",
        title="Shared bias's gradient averaged over units",
        explanation=(
            "A bias that several units share collects the δ of all of them: a sum, not a mean. "
            "You divide by the number of units."
        ),
        source="seed 004",
        family=FAMILY,
        exposure=SHARED,
        changes=layer_by_layer(_averaged_over_units),
    ),
    Misconception(
        code="bias_left_out",
        title="Bias left out of the forward pass",
        explanation=(
            "A pre-activation is the weighted sum of the inputs plus the bias. You leave the bias "
            "out."
        ),
        source="field",
        family=FAMILY,
        exposure="Use biases that are not zero.",
        changes=layer_by_layer(_read_as(constant(0))),
    ),
    Misconception(
        code="bias_subtracted",
        title="Bias subtracted",
        explanation=(
            "A pre-activation is the weighted sum of the inputs plus the bias. You subtract the "
            "bias, as a threshold."
        ),
        source="field",
        family=FAMILY,
        exposure="Use biases that are not zero.",
        changes=layer_by_layer(_read_as(scaled(-1))),
    ),
    Misconception(
        code="bias_gradient_sign",
        title="Sign of the bias gradient",
        explanation=(
            "The gradient of a bias is the sum of δ over the samples, with its sign. Yours has "
            "the other sign."
        ),
        source="field",
        family=FAMILY,
        exposure="Ask for the gradients of biases.",
        changes=layer_by_layer(_negative),
    ),
    Misconception(
        code="bias_not_updated",
        title="Bias not updated",
        explanation=(
            "Biases are parameters: the optimizer moves them by their own gradients as it moves "
            "the weights. You leave them where they were."
        ),
        source="seed 004",
        family=FAMILY,
        exposure="Ask for the updates of biases that are not frozen.",
        changes=layer_by_layer(_not_updated),
    ),
    Misconception(
        code="frozen_updated",
        title="Frozen parameter updated",
        explanation=(
            "A frozen parameter has a gradient, but the optimizer does not move it. From the "
            "second iteration on you use a value that has moved."
        ),
        source="seed 004",
        family=FAMILY,
        exposure="Freeze a parameter, and use more than one iteration of plain gradient descent.",
        changes=everywhere(_frozen_updated),
    ),
)
