"""Mistakes with windows: pooling's gradient, and the direction of a convolution's kernel."""

from fractions import Fraction
from math import prod

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import EntryMap
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.lines import Pooled, WeightedInput
from gradgrade.problems.misconceptions.base import Misconception, layer_by_layer
from gradgrade.problems.misconceptions.recognition import (
    is_gradient_of_weights,
    lines_passed,
    positions,
    quantity_of,
    weighted_inputs_passed,
    weights_layer,
    weights_passed,
)
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    after,
    before,
    gathered,
    ruled,
    scaled,
)

POOLING, CONVOLUTION = "pooling", "convolution"
POOLED = "Put a layer before the pooling, and ask for its gradients."
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
    return after(to_all, scaled(Fraction(1, line.size))) if line and to_all else None


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
    return gathered(EntryMap.of((filters, columns), (filters, columns), sources))


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
)
