"""Mistakes with windows: pooling's gradient, and the direction of a convolution's kernel."""

from fractions import Fraction
from math import prod

from gradgrade.oracle import Derivation
from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.networks.layers import AveragePooling, Convolution, MaxPooling
from gradgrade.oracle.networks.layers.layer import DA
from gradgrade.oracle.networks.layers.windows import adjoint, pooled
from gradgrade.problems.misconceptions.base import Misconception, layer_by_layer
from gradgrade.problems.misconceptions.finding import (
    is_gradient_of_weights,
    layer_of,
    weights_passed,
)
from gradgrade.problems.misconceptions.rewriting import (
    Function,
    after,
    before,
    ruled,
    scaled,
    where,
)

POOLING, CONVOLUTION = "pooling", "convolution"
POOLED = "Put a layer before the pooling, and ask for its gradients."
KERNEL = "Use kernels that are not symmetric."


def _first_read(step: Step) -> int:
    return step.reads[0].layer if step.reads else 0


def _pooling_passed(derivation: Derivation, step: Step) -> AveragePooling | MaxPooling | None:
    """Return the pooling layer through which a step passes ∂L/∂a back."""
    if not step.reads or step.reads[0].kind != DA:
        return None
    layer = layer_of(derivation, step.reads[0])
    return layer if isinstance(layer, (AveragePooling, MaxPooling)) else None


def _to_all(derivation: Derivation, step: Step) -> Step | None:
    layer = _pooling_passed(derivation, step)
    if not isinstance(layer, MaxPooling):
        return None
    shape = derivation.network.shapes[step.reads[0].layer - 1]
    forward = pooled(layer.windows, shape, derivation.batch)
    return ruled(
        step, _gathering(adjoint(forward, step.quantity.matrix_shape)), reads=step.reads[:1]
    )


def _spread(derivation: Derivation, step: Step) -> Step | None:
    layer, to_all = _pooling_passed(derivation, step), _to_all(derivation, step)
    if layer is None or to_all is None:
        return None
    return after(to_all, scaled(Fraction(1, prod(layer.windows.size))))


def _undivided(derivation: Derivation, step: Step) -> Step | None:
    layer = _pooling_passed(derivation, step)
    if not isinstance(layer, AveragePooling):
        return None
    return after(step, scaled(prod(layer.windows.size)))


def _gathering(entry_map: EntryMap) -> Function:
    def function(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.gather(matrix, entry_map)

    return function


def _flipping(layer: Convolution, channels: int) -> Function:
    """Return the function that turns every kernel by half a turn."""
    area, columns = prod(layer.kernel), channels * prod(layer.kernel)
    sources = tuple(
        (row * columns + channel * area + area - 1 - entry,)
        for row in range(layer.filters)
        for channel in range(channels)
        for entry in range(area)
    )
    return _gathering(EntryMap((layer.filters, columns), sources))


def _flip_at(derivation: Derivation, number: int) -> Function | None:
    layer = derivation.network.layers[number - 1] if number else None
    if not isinstance(layer, Convolution) or prod(layer.kernel) == 1:
        return None
    return _flipping(layer, derivation.network.shapes[number - 1][0])


def _flipped_forward(derivation: Derivation, step: Step) -> Step | None:
    flip = _flip_at(derivation, step.name.layer)
    if flip is None:
        return None
    if is_gradient_of_weights(step):
        return after(step, flip)
    return before(step, where(step, "W{}"), flip) if step.name.kind == "z{}" else None


def _flipped_backward(derivation: Derivation, step: Step) -> Step | None:
    flip = _flip_at(derivation, _first_read(step)) if weights_passed(step) else None
    return before(step, weights_passed(step), flip) if flip else None


def _layer(step: Step) -> int:
    return _first_read(step) if weights_passed(step) else step.name.layer


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
        changes=layer_by_layer(_spread, layer_of=_first_read),
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
        changes=layer_by_layer(_to_all, layer_of=_first_read),
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
        changes=layer_by_layer(_undivided, layer_of=_first_read),
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
