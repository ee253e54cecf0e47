"""Mistakes on the way back: in δ, in what it is multiplied by, and in what is summed."""

from typing import Any

import numpy

from tests.evidence.outside.working import (
    Array,
    Kind,
    NotMadeError,
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


def upstream_of_the_output(layer: Any, da: Array) -> Array:
    """`dA` of the last layer for every layer's, where it fits."""
    layer.from_later = da
    return Dense.backward(layer, fitting(layer.stack[-1].from_later, da))


def slope_of_the_layer_after(layer: Any) -> Array:
    if is_output(layer):
        return Dense.slope(layer)
    after = neighbour(layer, 1)
    if after.layer["activation"] == "softmax":
        raise NotMadeError
    return fitting(Dense.slope(after), layer.z)


def masked_by_the_gradient(layer: Any, da: Array) -> Array:
    """`dA[dA <= 0] = 0`."""
    if layer.layer["activation"] == "relu":
        return da * (da > 0)
    return Dense.through_activation(layer, da)


def slope_added(layer: Any, da: Array) -> Array:
    if is_output(layer) or layer.layer["activation"] == "softmax":
        return Dense.through_activation(layer, da)
    return da + layer.slope()


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
    Kind(
        "upstream-of-the-output",
        "Takes ∂L/∂a of the output for that of every layer, where it fits.",
        dense(backward=upstream_of_the_output),
        source="fanghao6666/neural-networks-and-deep-learning#7: grads['dA' + str(L)]",
    ),
    Kind(
        "slope-of-the-layer-after",
        "Multiplies a hidden δ by the derivative of the layer after, where it fits.",
        dense(slope=slope_of_the_layer_after),
        source="ImagineAILab/ai-by-hand-excel#9: the mask and the gradient of two layers",
    ),
    Kind(
        "masked-by-the-gradient",
        "Sets ∂L/∂z to 0 where ∂L/∂a is negative, and not where z is.",
        dense(through_activation=masked_by_the_gradient),
        source="dA[dA <= 0] = 0; denggaoshan/DeepLearningStudy#1",
    ),
    Kind(
        "slope-added",
        "Adds the derivative of a hidden activation to ∂L/∂a, not multiplies by it.",
        dense(through_activation=slope_added),
        source="the chain rule taken for the sum rule",
    ),
    Kind(
        "square-lost-in-the-sigmoid-slope",
        "Writes σ′ = e^(−z)/(1 + e^(−z)), the square lost.",
        slopes(sigmoid=lambda z, a, _: numpy.exp(-z) / (1 + numpy.exp(-z))),
        source="threads on the derivative of the sigmoid",
    ),
    Kind(
        "secant-not-squared",
        "Writes tanh′ = 1/cosh z.",
        slopes(tanh=lambda z, a, _: 1 / numpy.cosh(z)),
        source="sech² in tables of derivatives",
    ),
    Kind(
        "square-lost-in-the-tanh-slope",
        "Writes tanh′ = 1 − tanh z.",
        slopes(tanh=lambda z, a, _: 1 - a),
        source="tanh_prime in code from memory",
    ),
    Kind(
        "sigmoid-slope-for-tanh",
        "Takes a(1 − a) for the derivative of tanh.",
        slopes(tanh=lambda z, a, _: a * (1 - a)),
        source="an activation exchanged, its derivative left as it was",
    ),
    Kind(
        "tanh-slope-for-sigmoid",
        "Takes 1 − a² for the derivative of the sigmoid.",
        slopes(sigmoid=lambda z, a, _: 1 - a**2),
        source="an activation exchanged, its derivative left as it was",
    ),
    Kind(
        "gradient-reshaped-for-transposed",
        "Reshapes δᵀ a to the shape of W, where it is to be transposed.",
        dense(
            by_weights=lambda layer, delta: (delta.T @ layer.input).reshape(
                numpy.shape(layer.own("W"))
            )
        ),
        source="ValueErrors silenced by reshape",
    ),
    Kind(
        "divided-by-the-inputs",
        "Divides dW by the number of inputs.",
        dense(
            by_weights=lambda layer, delta: Dense.by_weights(layer, delta) / layer.input.shape[1]
        ),
        source="np.mean without axis, and means over features",
    ),
    Kind(
        "bias-gradient-is-the-mean-of-all",
        "Takes the mean of δ over samples and units for every bias.",
        dense(by_bias=lambda layer, delta: numpy.full_like(layer.own("b"), delta.mean())),
        source="np.mean(dZ), the axis forgotten",
    ),
    Kind(
        "mean-over-units-sent-back",
        "Sends back the mean over the units, not the sum.",
        dense(by_input=lambda layer, delta: Dense.by_input(layer, delta) / delta.shape[1]),
        source="'the error of a hidden unit is the average of those it feeds'",
    ),
    Kind(
        "residual-slope-squared",
        "Multiplies the output's residual by its activation's derivative squared, at sigmoids.",
        dense(
            slope=lambda layer: (
                Dense.slope(layer) ** 2
                if is_output(layer) and layer.layer["activation"] == "sigmoid"
                else Dense.slope(layer)
            )
        ),
        source="haifengl/smile#147: the error's g already holds out (1 − out)",
    ),
)
