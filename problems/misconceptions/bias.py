"""Mistakes with biases: their gradient is a sum, and they are parameters like the others."""

from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.layers import Convolution
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.problems.misconceptions.base import Misconception, everywhere, layer_by_layer
from gradgrade.problems.misconceptions.finding import (
    is_bias,
    is_delta,
    is_dense,
    is_gradient_of_bias,
    is_square,
    layer_of,
    positions_of_deltas,
    rate_of,
    rows_and_columns,
)
from gradgrade.problems.misconceptions.rewriting import (
    after,
    before,
    column_alone,
    constant,
    row_alone,
    ruled,
    scaled,
    transposed,
    unchanged,
)

FAMILY = "bias"
IN_A_BATCH = "Use more than one sample."
SHARED = "Share one bias among several units."


def _averaged(derivation: Derivation, step: Step) -> Step | None:
    if not is_gradient_of_bias(step):
        return None
    return after(step, scaled(Fraction(1, derivation.batch)))


def _of_first_sample(derivation: Derivation, step: Step) -> Step | None:
    is_image = isinstance(layer_of(derivation, step.name), Convolution)
    if not is_gradient_of_bias(step) or is_image:
        return None
    alone = column_alone(0, derivation.batch)
    return before(step, positions_of_deltas(step), alone)


def _units_that_share(derivation: Derivation, step: Step) -> int | None:
    """Return how many units share the bias whose gradient a step makes; None where none do."""
    if not is_gradient_of_bias(step) or step.quantity.shape:
        return None
    delta = next(filter(is_delta, step.reads))
    return rows_and_columns(derivation, delta)[0]


def _of_first_unit(derivation: Derivation, step: Step) -> Step | None:
    units = _units_that_share(derivation, step)
    return (units and before(step, positions_of_deltas(step), row_alone(0, units))) or None


def _averaged_over_units(derivation: Derivation, step: Step) -> Step | None:
    units = _units_that_share(derivation, step)
    return after(step, scaled(Fraction(1, units))) if units else None


def _over_units(derivation: Derivation, step: Step) -> Step | None:
    if not (is_gradient_of_bias(step) and step.quantity.shape and is_dense(derivation, step.name)):
        return None
    deltas = positions_of_deltas(step)
    if not all(is_square(derivation, step.reads[position]) for position in deltas):
        return None
    return before(step, deltas, transposed)


def _left_out(_: Derivation, step: Step) -> Step | None:
    if not step.name.kind.startswith("z"):
        return None
    biases = tuple(i for i, name in enumerate(step.reads) if is_bias(name))
    return before(step, biases, constant(0))


def _not_updated(_: Derivation, step: Step) -> Step | None:
    biases = tuple(filter(is_bias, step.reads))
    if step.quantity.group is not Group.UPDATE or not biases:
        return None
    return ruled(step, unchanged, reads=biases[:1])


def _frozen_updated(derivation: Derivation, step: Step) -> Step | None:
    """A frozen parameter in use is the one of the iteration before; descend from that."""
    name = step.name
    before_it = name._replace(iteration=name.iteration - 1)
    is_frozen = step.quantity.group is Group.PARAMETER and step.reads == (before_it,)
    if not is_frozen or name.iteration < 2 or derivation.optimizer.name != "sgd":
        return None
    gradient = before_it._replace(kind=f"d{name.kind}")
    rate = rate_of(derivation, before_it.iteration)
    (update,) = OPTIMIZERS["sgd"].updates
    return ruled(step, update.rule, reads=(before_it, gradient, rate))


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
        changes=layer_by_layer(_left_out),
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
