"""Slips in the gradients of weights and on the way back: a factor for another, a mean too many."""

from dataclasses import replace
from fractions import Fraction

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.formulas.expression import Named, Number
from gradgrade.oracle.derivation.formulas.rewriting import put_in
from gradgrade.oracle.derivation.steps import Step
from gradgrade.problems.misconceptions.base import (
    Misconception,
    StepChange,
    layer_by_layer,
)
from gradgrade.problems.misconceptions.programs.paths import ALL_AVERAGED, WEIGHTS_AVERAGED
from gradgrade.problems.misconceptions.recognition import (
    activation_made,
    activation_passed,
    is_gradient_of_bias,
    is_gradient_of_dense_weights,
    is_gradient_of_weights,
    rows_and_columns,
    samples,
    source_of,
    upstream_positions,
    weights_layer,
    weights_passed,
)
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    after,
    before,
    column_alone,
    magnitudes,
    ones,
    reading,
    scaled,
    sum_over_samples,
    summed_over_samples,
)

FAMILY = "gradient"
IN_A_BATCH = "Use more than one sample."
GRADIENTS = "Ask for the gradients of the weights."


def _samples_of(derivation: Derivation, step: Step) -> int:
    return samples(derivation, step.name.iteration)


def _averaged(derivation: Derivation, step: Step) -> Step | None:
    count = _samples_of(derivation, step)
    if count == 1 or not is_gradient_of_weights(step):
        return None
    return after(step, scaled(Fraction(1, count)))


def _bias_averaged(derivation: Derivation, step: Step) -> Step | None:
    count = _samples_of(derivation, step)
    if count == 1 or not is_gradient_of_bias(step):
        return None
    return after(step, scaled(Fraction(1, count)))


def _of_last_sample(derivation: Derivation, step: Step) -> Step | None:
    count = _samples_of(derivation, step)
    is_gradient = is_gradient_of_weights(step) or is_gradient_of_bias(step)
    deltas = upstream_positions(step)
    if count == 1 or not is_gradient:
        return None
    if any(rows_and_columns(derivation, step.reads[each])[1] != count for each in deltas):
        return None  # of an image, whose columns are places
    return before(step, deltas, column_alone(count - 1, count))


def _pre_activation_read(derivation: Derivation, step: Step) -> Step | None:
    if not is_gradient_of_dense_weights(step):
        return None
    source = source_of(step)
    line = activation_made(derivation, source)
    return reading(step, {source: line.z}) if line else None


def _own_activation_read(derivation: Derivation, step: Step) -> Step | None:
    if not is_gradient_of_dense_weights(step):
        return None
    source, delta = source_of(step), derivation.by_name[step.reads[upstream_positions(step)[0]]]
    line = activation_passed(delta)
    if line is None or line.a not in derivation.by_name:
        return None
    if rows_and_columns(derivation, line.a) != rows_and_columns(derivation, source):
        return None
    return reading(step, {source: line.a})


def _reduced_first(is_mean: bool) -> StepChange:
    """Sum both factors over the samples, or average the second, and multiply then."""

    def change(derivation: Derivation, step: Step) -> Step | None:
        count = _samples_of(derivation, step)
        if count == 1 or not is_gradient_of_dense_weights(step):
            return None
        summed = before(step, tuple(range(len(step.reads))), summed_over_samples)
        if summed is None:
            return None
        # What is summed stands in every column, so the product is taken that often.
        made = after(summed, scaled(Fraction(1, count**2 if is_mean else count)))
        written = put_in(step.formula, {each: sum_over_samples(Named(each)) for each in step.reads})
        return replace(made, formula=Number(Fraction(1, count)) * written if is_mean else written)

    return change


def _weights_read_as(function: Function) -> StepChange:
    """Put something else for the weights through which δ goes back."""
    return lambda _, step: before(step, weights_passed(step), function)


GRADIENT = (
    Misconception(
        code="weight_gradient_averaged",
        title="Weight gradient averaged again",
        explanation=(
            "Any mean of the loss is already in δ, so a gradient of weights is the sum over the "
            "samples. You divide it by their number once more."
        ),
        source="field",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=layer_by_layer(_averaged),
        ungated=WEIGHTS_AVERAGED,
    ),
    Misconception(
        code="gradients_averaged_again",
        title="All gradients averaged again",
        explanation=(
            "Any mean of the loss is already in δ, so gradients of weights and biases are sums "
            "over the samples. You divide them by their number once more."
        ),
        source="field",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=layer_by_layer(_averaged, _bias_averaged),
        ungated=ALL_AVERAGED,
    ),
    Misconception(
        code="gradients_of_last_sample",
        title="Gradients of the last sample alone",
        explanation=(
            "A gradient is the sum over the samples. Yours is what the last one adds, as if each "
            "sample overwrote the one before."
        ),
        source="field",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=layer_by_layer(_of_last_sample),
    ),
    Misconception(
        code="pre_activation_in_gradient",
        title="z for a in the gradient of the weights",
        explanation=(
            "The gradient of a layer's weights is δ times what the layer reads, which is the "
            "activation before it. You take the pre-activation there."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a hidden layer whose activation is not the identity.",
        changes=layer_by_layer(_pre_activation_read),
    ),
    Misconception(
        code="own_activation_in_gradient",
        title="The layer's own activation in its gradient",
        explanation=(
            "The gradient of a layer's weights is δ times what the layer reads. You take what it "
            "makes: its own activation, for the one before it."
        ),
        source="field",
        family=FAMILY,
        exposure="Use a layer with as many units as the layer before it.",
        changes=layer_by_layer(_own_activation_read),
    ),
    Misconception(
        code="sums_before_product",
        title="Sums taken before the outer product",
        explanation=(
            "The gradient of the weights is a sum of products, one for each sample. You multiply "
            "the sum of δ with the sum of the activations."
        ),
        source="field",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=layer_by_layer(_reduced_first(is_mean=False)),
    ),
    Misconception(
        code="mean_before_product",
        title="Mean taken before the outer product",
        explanation=(
            "The gradient of the weights is a sum of products, one for each sample. You multiply "
            "the sum of δ with the mean of the activations."
        ),
        source="field",
        family=FAMILY,
        exposure=IN_A_BATCH,
        changes=layer_by_layer(_reduced_first(is_mean=True)),
    ),
    Misconception(
        code="weights_missing_backward",
        title="Weights missing on the way back",
        explanation=(
            "A gradient goes back through a layer times its weights. You add up δ without them."
        ),
        source="field",
        family=FAMILY,
        exposure="Ask for the gradient of the input, or of a layer before.",
        changes=layer_by_layer(_weights_read_as(ones), layer_of=weights_layer),
    ),
    Misconception(
        code="absolute_weights_backward",
        title="Magnitudes of the weights on the way back",
        explanation=(
            "A gradient goes back through a layer times its weights, each with its sign. You take "
            "their magnitudes."
        ),
        source="field",
        family=FAMILY,
        exposure="Use weights of both signs. Ask for the gradient of the input, or of a layer "
        "before.",
        changes=layer_by_layer(_weights_read_as(magnitudes), layer_of=weights_layer),
    ),
)
