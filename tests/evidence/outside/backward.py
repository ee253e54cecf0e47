"""Mistakes on the way back: in δ, in what it is multiplied by, and in what is summed."""

from typing import Any

import numpy

from tests.evidence.outside.working import (
    Array,
    Kind,
    dense,
    fitting,
    is_output,
    losses,
    neighbour,
    rate,
    slopes,
)
from tests.evidence.students.forms import TEXTBOOK
from tests.evidence.students.numpy_layers import Dense


def sigmoid(z: Array) -> Array:
    return 1 / (1 + numpy.exp(-z))


def target_of(layer: Any) -> Array:
    return layer.arrays["y"][layer.task.samples(layer.t)]


def by_softmax(change: Any) -> Any:
    """A working whose softmax layers pass ∂L/∂a to z in another way."""

    def through(layer: Any, da: Array) -> Array:
        if layer.layer["activation"] == "softmax":
            return change(layer, da)
        return Dense.through_activation(layer, da)

    return dense(through_activation=through)


def slope_of(away: int) -> Any:
    """The derivative of another layer's activation at that layer's own z, where it fits."""

    def slope(layer: Any) -> Array:
        if is_output(layer) or layer.index == 1:
            return Dense.slope(layer)
        return fitting(Dense.slope(neighbour(layer, away)), layer.z)

    return slope


def by_updated_weights(layer: Any, delta: Array) -> Array:
    return delta @ (layer.own("W") - rate(layer.task, layer.t) * layer.by_weights(delta)).T


def without_slope_for_the_layers_before(layer: Any, delta: Array) -> Array:
    passed = layer.from_later if is_output(layer) else delta
    return passed @ layer.own("W").T


def remembers(layer: Any, da: Array) -> Array:
    layer.from_later = da
    return Dense.backward(layer, da)


KINDS = (
    Kind(
        "delta-as-upstream-of-softmax",
        "Takes ∂L/∂a for ∂L/∂z at the softmax.",
        by_softmax(lambda layer, da: da),
        source="pjreddie/darknet#96: 'copying gradient w.r.t output into gradient w.r.t. input'",
    ),
    Kind(
        "slope-at-the-activated",
        "Evaluates σ′ and tanh′ at a instead of z: σ(a)(1 − σ(a)).",
        slopes(
            sigmoid=lambda z, a, _: sigmoid(a) * (1 - sigmoid(a)),
            tanh=lambda z, a, _: 1 - numpy.tanh(a) ** 2,
        ),
        source="tsoding/nn.h#18, OpenANN#164, libBrain#78: derivative of the activated output",
    ),
    Kind(
        "tanh-slope-is-tanh",
        "Writes tanh′ = (e^(2z) − 1)/(e^(2z) + 1), which is tanh itself.",
        slopes(tanh=lambda z, a, _: a),
        source="andersbll/nnet#4: tanh_d",
    ),
    Kind(
        "slope-of-the-layer-before",
        "Multiplies a hidden δ by the derivative of the layer before, where there is one.",
        dense(slope=slope_of(-1)),
        source="unda-ml/unda#1: the activation of another layer in the backward loop",
    ),
    Kind(
        "target-in-the-output-slope",
        "Takes y(1 − y) for a(1 − a) at a sigmoid output.",
        dense(
            slope=lambda layer: (
                target_of(layer) * (1 - target_of(layer))
                if is_output(layer) and layer.layer["activation"] == "sigmoid"
                else Dense.slope(layer)
            )
        ),
        source="'sigmoid_derivative(y)', y being the target in one file and the output in another",
    ),
    Kind(
        "product-rule-at-the-loss",
        "Derives (y − a)² to 2(y − a)·a, and its half likewise.",
        losses(
            squared_error=(
                TEXTBOOK.losses["squared_error"][0],
                lambda a, y, _: 2 * (y - a) * a,
            ),
            half_squared_error=(
                TEXTBOOK.losses["half_squared_error"][0],
                lambda a, y, _: (y - a) * a,
            ),
        ),
        source="makeyourownneuralnetwork#77: 'in my opinion 2*(tk-ok)*ok'",
    ),
    Kind(
        "residual-left-out",
        "Forgets the loss's derivative for all layers before the output.",
        dense(
            by_input=lambda layer, delta: (
                Dense.slope(layer) @ layer.own("W").T
                if is_output(layer) and layer.layer["activation"] != "softmax"
                else Dense.by_input(layer, delta)
            )
        ),
        source="math.stackexchange 4158072: σ′(z1) σ′(w a) w, the factor 2(a − y) gone",
    ),
    Kind(
        "error-and-not-delta-sent-back",
        "Sends ∂L/∂a of the output back through W, not δ: only the hidden layers miss σ′.",
        dense(backward=remembers, by_input=without_slope_for_the_layers_before),
        source="Make Your Own Neural Network, p. 82 (#88): errors_hidden = Wᵀ errors_output",
    ),
    Kind(
        "error-shared-in-proportion",
        "Shares δ out over a unit's weights in proportion to them: W/ΣW.",
        dense(
            by_input=lambda layer, delta: (
                delta @ (layer.own("W") / layer.own("W").sum(axis=0, keepdims=True)).T
            )
        ),
        source="Make Your Own Neural Network, 'backpropagating errors': w11/(w11 + w21)",
    ),
    Kind(
        "one-path-only",
        "Sends back the δ of the first unit alone, not the sum over all units.",
        dense(by_input=lambda layer, delta: delta[:, :1] @ layer.own("W")[:, :1].T),
        source="prakashjayy/medium_blogs#2: 'why you just use the node k1, not all of the nodes'",
    ),
    Kind(
        "updated-weights-sent-back",
        "Updates W by plain descent before δ goes back through it.",
        dense(by_input=by_updated_weights),
        source="joelgrus/data-science-from-scratch#31, Toy-Neural-Network-JS#72",
    ),
    Kind(
        "own-weights-in-the-gradient",
        "Multiplies δ by the weight where the input belongs: dw = δ w.",
        dense(
            by_weights=lambda layer, delta: layer.own("W") * delta.sum(axis=0),
        ),
        source="a thread on 'backpropagation demo gives always the same result': delta_w = g σ′ w",
    ),
    Kind(
        "bias-gradient-over-units",
        "Sums δ over everything and gives the total to every bias.",
        dense(by_bias=lambda layer, delta: numpy.full_like(layer.own("b"), delta.sum())),
        source="rasbt/stat453-deep-learning-ss21#5: torch.sum without dim",
    ),
    Kind(
        "bias-gradient-from-dw",
        "Sums dW over the inputs for db.",
        dense(
            by_bias=lambda layer, delta: fitting(
                (layer.input.T @ delta).sum(axis=0), layer.own("b")
            )
        ),
        source="Deeplearning.ai NLP#62: grad_b1 = np.sum(np.dot(l1, x.T), axis=1)",
    ),
    Kind(
        "bias-gradient-from-da",
        "Sums ∂L/∂a, not δ, for db.",
        dense(
            backward=remembers,
            by_bias=lambda layer, _: (
                layer.from_later.sum(axis=0)
                if layer.layer["bias"] == "per_unit"
                else layer.from_later.sum()
            ),
        ),
        source="arthurdouillard/deepcourse#9: grad_bh from grad_h, not from grad_htilde",
    ),
    Kind(
        "bias-gradient-averaged-again",
        "Takes the mean of δ for db where the sum belongs; dW is right.",
        dense(by_bias=lambda layer, delta: Dense.by_bias(layer, delta) / len(delta)),
        source="kvfrans/notes#5: d_b1 = jnp.mean(d_h2) should be a sum",
    ),
    Kind(
        "debugging-factor-left-in-weights",
        "Leaves a factor 2 in dW of the layer before the output.",
        dense(
            by_weights=lambda layer, delta: (
                Dense.by_weights(layer, delta) * (2 if layer.stack[-2:-1] == [layer] else 1)
            )
        ),
        source="Coursera, gradient checking (notes#10): dW2 = 1/m * np.dot(dZ2, A1.T) * 2",
    ),
    Kind(
        "debugging-factor-left-in-biases",
        "Leaves a 4 for the 1 of 1/m in db1.",
        dense(
            by_bias=lambda layer, delta: (
                Dense.by_bias(layer, delta) * (4 if layer.index == 1 else 1)
            )
        ),
        source="Coursera, gradient checking (notes#10): db1 = 4./m * np.sum(dZ1)",
    ),
)
