"""Mistakes with windows: pooling's gradient, and a kernel's direction and its many places."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import prod

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix
from gradgrade.oracle.derivation.formulas.expression import Function as Called
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.lines import Pooled, WeightedInput
from gradgrade.problems.misconceptions.base import Misconception, StepChange, layer_by_layer
from gradgrade.problems.misconceptions.recognition import (
    is_gradient_of_bias,
    is_gradient_of_weights,
    lines_passed,
    positions,
    quantity_of,
    samples,
    weighted_inputs_passed,
    weights_layer,
    weights_passed,
)
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    Written,
    after,
    before,
    gathered,
    ruled,
    scaled,
)

POOLING, CONVOLUTION = "pooling", "convolution"
POOLED = "Put a layer before the pooling, and ask for its gradients."
PLACES = "Use an image larger than the kernel."
KERNEL = "Use kernels that are not symmetric."


def _pooling_passed(step: Step) -> Pooled | None:
    """Return the pooling through which a step passes a gradient back."""
    return next((line for line in lines_passed(step) if isinstance(line, Pooled)), None)


def _pooled_layer(step: Step) -> int:
    return step.reads[0].layer


def _to_all(_: Derivation, step: Step) -> Step | None:
    line = _pooling_passed(step)
    if line is None or line.takes != "largest":
        return None
    return ruled(step, gathered(line.entries.adjoint), reads=step.reads[:1])


def _spread(derivation: Derivation, step: Step) -> Step | None:
    line, to_all = _pooling_passed(step), _to_all(derivation, step)
    if line is None or to_all is None:
        return None
    spread = after(to_all, scaled(Fraction(1, line.size)))
    return replace(spread, formula=step.formula)  # none says that it goes to all


def _undivided(_: Derivation, step: Step) -> Step | None:
    line = _pooling_passed(step)
    return after(step, scaled(line.size)) if line and line.takes == "mean" else None


def _flipping(filters: int, channels: int, area: int) -> Function:
    """Return the function that turns every kernel by half a turn."""
    columns = channels * area
    sources = tuple(
        (row * columns + channel * area + area - 1 - entry,)
        for row in range(filters)
        for channel in range(channels)
        for entry in range(area)
    )
    flip = gathered(EntryMap.of((filters, columns), (filters, columns), sources))
    return Written(flip, Called("flip", flip))


def _flip_of(derivation: Derivation, line: WeightedInput) -> Function | None:
    """Return what flips the kernels of a convolution; None where there is nothing to flip."""
    if line.kernel is None or prod(line.kernel) == 1:
        return None
    filters, channels, *kernel = quantity_of(derivation, line.weights[0]).shape
    return _flipping(filters, channels, prod(kernel))


def _flipped_forward(derivation: Derivation, step: Step) -> Step | None:
    if is_gradient_of_weights(step):
        flip = _flip_of(derivation, weighted_inputs_passed(step)[0])
        return after(step, flip) if flip else None
    if not isinstance(step.role, WeightedInput):
        return None
    flip = _flip_of(derivation, step.role)
    return before(step, positions(step, step.role.weights), flip) if flip else None


def _flipped_backward(derivation: Derivation, step: Step) -> Step | None:
    passed = weights_passed(step)
    flip = _flip_of(derivation, weighted_inputs_passed(step)[0]) if passed else None
    return before(step, passed, flip) if flip else None


def _averaged_over_places(is_averaged: Callable[[Step], bool]) -> StepChange:
    """Divide gradients of kernels or of their biases by how many places a kernel is laid on."""

    def change(derivation: Derivation, step: Step) -> Step | None:
        patches = _patches_of(step)
        if patches is None or not is_averaged(step):
            return None
        places = patches.shape[1] // samples(derivation, step.name.iteration)
        return after(step, scaled(Fraction(1, places))) if places > 1 else None

    return change


def _overwritten(_: Derivation, step: Step) -> Step | None:
    patches = _patches_of(step) if weights_passed(step) else None
    if patches is None or all(len(each) < 2 for each in patches.adjoint.sources):
        return None
    last = _of_last_place(patches)

    def rule(arithmetic: Arithmetic, weights: Matrix, delta: Matrix) -> Matrix:
        return arithmetic.gather(arithmetic.dot(arithmetic.transpose(weights), delta), last)

    return ruled(step, rule)


def _patches_of(step: Step) -> EntryMap | None:
    """Return the patches of the kernels through which a step passes a gradient back."""
    return next((line.patches for line in weighted_inputs_passed(step)), None)


def _of_last_place(patches: EntryMap) -> EntryMap:
    """Return what passes a gradient back from the last place, row by row, that each entry is in."""
    back, (_, places) = patches.adjoint, patches.shape
    alone = (sorted(each, key=lambda at: at % places)[-1:] for each in back.sources)
    return EntryMap.of(back.shape, back.source, tuple(map(tuple, alone)))


def _layer(step: Step) -> int:
    return weights_layer(step) if weights_passed(step) else step.name.layer


WINDOWS = (
    Misconception(
        code="max_pooling_gradient_spread",
        title="Max pooling's gradient spread evenly",
        explanation=(
            "Only the largest entry of a window had a part in what max pooling passed on, so it "
            "alone gets the gradient. You share it among the window, as for a mean."
        ),
        source="field",
        family=POOLING,
        exposure=POOLED,
        changes=layer_by_layer(_spread, layer_of=_pooled_layer),
    ),
    Misconception(
        code="max_pooling_gradient_to_all",
        title="Max pooling's gradient passed to the whole window",
        explanation=(
            "Only the largest entry of a window had a part in what max pooling passed on, so it "
            "alone gets the gradient. You pass it to every entry of the window."
        ),
        source="field",
        family=POOLING,
        exposure=POOLED,
        changes=layer_by_layer(_to_all, layer_of=_pooled_layer),
    ),
    Misconception(
        code="average_pooling_gradient_undivided",
        title="Average pooling's gradient not divided",
        explanation=(
            "Each entry of a window has its share in the mean, one over the window's size, and "
            "gets that share of the gradient. You pass the whole gradient to each."
        ),
        source="field",
        family=POOLING,
        exposure=POOLED,
        changes=layer_by_layer(_undivided, layer_of=_pooled_layer),
    ),
    Misconception(
        code="kernel_flipped",
        title="Kernel flipped",
        explanation=(
            "What the field calls a convolution lays the kernel on the input as it is, which "
            "mathematics calls a cross-correlation. You turn the kernel by half a turn first."
        ),
        source="LeCun et al. (1998)",
        family=CONVOLUTION,
        exposure=KERNEL,
        changes=layer_by_layer(_flipped_forward, _flipped_backward, layer_of=_layer),
    ),
    Misconception(
        code="kernel_not_flipped_backward",
        title="Kernel not flipped on the way back",
        explanation=(
            "On its way back the gradient goes to where each input entry was read, which is a "
            "convolution with the kernel turned by half a turn. You lay the kernel on it as it is."
        ),
        source="LeCun et al. (1998)",
        family=CONVOLUTION,
        exposure=f"{KERNEL} Ask for the gradient of the input, or of a layer before.",
        changes=layer_by_layer(_flipped_backward, layer_of=_layer),
    ),
    Misconception(
        code="overlaps_overwritten",
        title="Overlapping places overwritten",
        explanation=(
            "An entry that several places of the kernel cover reaches the loss through each of "
            "them, so its gradient is their sum. You keep what the last one passes back, as an "
            "assignment in a loop does."
        ),
        source="field",
        family=CONVOLUTION,
        exposure="Use a stride smaller than the kernel. Ask for the gradient of the input, or of a "
        "layer before.",
        changes=layer_by_layer(_overwritten, layer_of=_layer),
    ),
    Misconception(
        code="kernel_gradient_averaged",
        title="Kernel's gradient averaged over its places",
        explanation=(
            "A kernel acts in every place that it is laid on, so its gradient is the sum over "
            "them. You divide by how many there are."
        ),
        source="field",
        family=CONVOLUTION,
        exposure=PLACES,
        changes=layer_by_layer(_averaged_over_places(is_gradient_of_weights)),
    ),
    Misconception(
        code="kernel_bias_averaged",
        title="Kernel's bias gradient averaged over places",
        explanation=(
            "A kernel's bias is added in every place that the kernel is laid on, so its gradient "
            "is the sum of δ over them. You divide by how many there are."
        ),
        source="field",
        family=CONVOLUTION,
        exposure=PLACES,
        changes=layer_by_layer(_averaged_over_places(is_gradient_of_bias)),
    ),
)
