"""Mistakes on the way forward: everything after them goes on from a wrong value."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy

from tests.evidence.outside.working import (
    Array,
    Kind,
    NotMadeError,
    Working,
    activations,
    changed,
    dense,
    fitting,
    is_output,
    layers,
    misread,
    neighbour,
    working,
)
from tests.evidence.students.forms import TEXTBOOK
from tests.evidence.students.numpy_layers import Dense, Dropout, Normalization, Recurrent


def bias_of_the_next_layer(layer: Any) -> Array:
    if layer.index > 1:
        return layer.bias()
    other = neighbour(layer, 1)
    return fitting(other.bias(), layer.bias())


def reads_the_inputs(layer: Any) -> Array:
    read = layer.arrays["x"][layer.task.samples(layer.t)] if layer.index > 1 else layer.input
    layer.input = fitting(read, layer.input)
    return Dense.pre_activation(layer)


def skips_the_bias_of_a_unit(layer: Any) -> Array:
    bias = numpy.array(Dense.bias(layer))
    if bias.size > 1:
        bias[-1] = 0
    return bias


def with_inputs(change: Any) -> Any:
    """A working from other inputs."""

    def iteration(self: Any, task: Any, arrays: Any, t: int) -> Any:
        return Working.iteration(self, task, {**arrays, "x": change(arrays["x"])}, t)

    return working(iteration=iteration)


def softmax_by(function: Any) -> Any:
    """A working with another softmax."""
    return Working(replace(TEXTBOOK, softmax=function))


def sigmoid_with_sign_lost_in_the_first_layer(layer: Any, z: Array) -> Array:
    if layer.index == 1 and layer.layer["activation"] == "sigmoid":
        layer.a = 1 - Dense.activated(layer, z)
        return layer.a
    return Dense.activated(layer, z)


def activates_what_it_reads_first(layer: Any, a: Array) -> Array:
    name = layer.layer["activation"]
    if layer.index > 1 or name == "softmax":
        return Dense.forward(layer, a)
    return Dense.forward(layer, TEXTBOOK.activations[name][0](a, layer.layer.get("alpha")))


def as_if(layer: Any, z: Array, other: Mapping[str, Any]) -> Array:
    """The layer's activation, and later its derivative, as if it were another's."""
    activation = other.get("activation", "softmax")
    if activation == "softmax":
        raise NotMadeError
    layer.layer = {**layer.layer, "activation": activation, "alpha": other.get("alpha")}
    return Dense.activated(layer, z)


def variance_of_a_sample(layer: Any, a: Array) -> Array:
    """Normalized by a standard deviation with N − 1."""
    found = Normalization.forward(layer, a)
    count = layer.input.size // layer.mean.size
    if count < 2:
        raise NotMadeError
    layer.variance = layer.variance * count / (count - 1)
    layer.spread = numpy.sqrt(layer.variance + layer.layer["epsilon"])
    layer.normalized = layer.centered / layer.spread
    return found - found + layer.gamma * layer.normalized + layer.shaped(layer.own("beta_"))


def state_never_carried(layer: Any, a: Array) -> Array:
    """h_(t−1) is 0 at every step, on both ways."""
    layer.arrays = {**layer.arrays, f"Whh_{layer.index}": 0 * layer.own("Whh_")}
    return Recurrent.forward(layer, a)


def dropout_divided_by_its_rate(layer: Any, a: Array) -> Array:
    layer.factor = layer.own("mask_") / layer.layer["rate"]
    return a * layer.factor


KINDS = (
    Kind(
        "weights-transposed",
        "Multiplies by Wᵀ where W belongs, on the way forward alone.",
        dense(pre_activation=lambda layer: layer.input @ layer.own("W").T + layer.bias()),
        source="makeyourownneuralnetwork#77: rows and columns of the weights' indices swapped",
    ),
    Kind(
        "weights-read-column-by-column",
        "Fills W column by column from a list that was written row by row.",
        misread(lambda name, w: w.T.reshape(w.shape) if name[0] == "W" else w),
        source="numpy's order='F' for 'C'; threads on weights loaded from MATLAB",
    ),
    Kind(
        "reshaped-for-transposed",
        "Reshapes x to the shape that its transpose would have, so that samples are mixed.",
        with_inputs(lambda x: x.T.reshape(x.shape)),
        source="Coursera deep learning, week 2: X.reshape(shape[0], -1).T against reshape(-1, m)",
    ),
    Kind(
        "bias-twice",
        "Adds the bias twice.",
        dense(pre_activation=lambda layer: Dense.pre_activation(layer) + layer.bias()),
        source="a 1 appended to the inputs, and + b as well; exercises on bias units",
    ),
    Kind(
        "bias-with-every-product",
        "Computes Σ (w x + b), the bias once for every input.",
        dense(
            pre_activation=lambda layer: (
                layer.input @ layer.own("W") + layer.input.shape[1] * layer.bias()
            )
        ),
        source="Kulbear/deep-learning-coursera#48: 'add bias after the sum'",
    ),
    Kind(
        "bias-outside-the-activation",
        "Adds the bias to f(W x) instead of to its argument.",
        dense(
            pre_activation=lambda layer: layer.input @ layer.own("W"),
            activated=lambda layer, z: Dense.activated(layer, z) + layer.bias(),
        ),
        source="brackets set wrongly in numpy: sigmoid(W @ x) + b",
    ),
    Kind(
        "bias-of-the-next-layer",
        "Adds b2 in layer 1.",
        dense(
            pre_activation=lambda layer: (
                layer.input @ layer.own("W") + bias_of_the_next_layer(layer)
            )
        ),
        source="rasbt/machine-learning-book#106: b_hh where b_xh belongs",
    ),
    Kind(
        "bias-of-the-last-unit-missed",
        "Forgets the bias of the last unit.",
        dense(bias=skips_the_bias_of_a_unit),
        source="by hand: the last row is where attention ends",
    ),
    Kind(
        "inputs-again",
        "Every layer reads x.",
        dense(pre_activation=reads_the_inputs),
        source="copied line of code: z2 = W2 @ x + b2; rewriting one-layer code for two",
    ),
    Kind(
        "inputs-activated",
        "Takes the inputs for a layer, and applies the first layer's activation to them too.",
        dense(forward=activates_what_it_reads_first),
        source="'is the input layer activated?', asked of 3Blue1Brown's and Nielsen's pictures",
    ),
    Kind(
        "inputs-normalized",
        "Divides the inputs by their largest absolute value first.",
        with_inputs(lambda x: x / numpy.abs(x).max()),
        source="stephencwelch/Neural-Networks-Demystified: X/amax(X), copied where not asked",
    ),
    Kind(
        "first-activation-everywhere",
        "Uses the first layer's activation, and its derivative, in every dense layer.",
        dense(activated=lambda layer, z: as_if(layer, z, layer.stack[0].layer)),
        source="unda-ml/unda#1: mixed activations go wrong",
    ),
    Kind(
        "output-not-activated",
        "Leaves the output's activation away, as for regression, and takes its derivative for 1.",
        dense(
            activated=lambda layer, z: (
                as_if(layer, z, {"activation": "identity"})
                if is_output(layer)
                else Dense.activated(layer, z)
            )
        ),
        source="arthurdouillard/deepcourse#9: where the output's function is applied",
    ),
    Kind(
        "power-of-ten",
        "Presses 10^x for e^x in the sigmoid.",
        activations(
            sigmoid=(lambda z, _: 1 / (1 + 10**-z), TEXTBOOK.activations["sigmoid"][1]),
        ),
        source="a calculator's 2nd key: e^x and 10^x lie side by side",
    ),
    Kind(
        "tangent",
        "Presses tan for tanh.",
        activations(tanh=(lambda z, _: numpy.tan(z), TEXTBOOK.activations["tanh"][1])),
        source="a calculator without the hyp key pressed",
    ),
    Kind(
        "tanh-of-half",
        "Writes tanh as (e^z − 1)/(e^z + 1), the 2 of e^(2z) lost.",
        activations(
            tanh=(
                lambda z, _: (numpy.exp(z) - 1) / (numpy.exp(z) + 1),
                TEXTBOOK.activations["tanh"][1],
            )
        ),
        source="andersbll/nnet helpers.py writes tanh by exp(2x); half of it is lost in copying",
    ),
    Kind(
        "softmax-of-raw-sums",
        "Divides e^z by Σz.",
        softmax_by(lambda z: numpy.exp(z) / z.sum(axis=-1, keepdims=True)),
        source="keras-team/keras-io#320: divided by the sum of the raw inputs",
    ),
    Kind(
        "softmax-without-exponentials",
        "Divides z by Σz.",
        softmax_by(lambda z: z / z.sum(axis=-1, keepdims=True)),
        source="'softmax makes the outputs sum to 1'",
    ),
    Kind(
        "softmax-by-two",
        "Writes 2^z for e^z in the softmax.",
        softmax_by(lambda z: 2.0**z / (2.0**z).sum(axis=-1, keepdims=True)),
        source="exp2 for exp",
    ),
    Kind(
        "sigmoid-with-one-sign-lost",
        "Writes e^z for e^(−z) in the sigmoid of the first layer alone.",
        dense(activated=sigmoid_with_sign_lost_in_the_first_layer),
        source="by hand",
    ),
    Kind(
        "leaky-for-relu",
        "Lets a hundredth of a negative z through a ReLU, and so on the way back.",
        activations(
            relu=(
                lambda z, _: numpy.where(z > 0, z, 0.01 * z),
                lambda z, a, _: numpy.where(z > 0, 1, 0.01),
            )
        ),
        source="the last exercise's activation",
    ),
    Kind(
        "slope-by-default",
        "Takes 0.01 for α of leaky ReLU, whatever is asked.",
        activations(
            leaky_relu=(
                lambda z, _: numpy.where(z > 0, z, 0.01 * z),
                lambda z, a, _: numpy.where(z > 0, 1, 0.01),
            )
        ),
        source="SilasMarvin/dnns-from-scratch-in-zig#5: 0.01 written out",
    ),
    Kind(
        "size-for-relu",
        "Takes |z| for ReLU, and its sign for the derivative.",
        activations(relu=(lambda z, _: numpy.abs(z), lambda z, a, _: numpy.sign(z))),
        source="negative values 'made positive' and not 0",
    ),
    Kind(
        "variance-of-a-sample",
        "Divides the variance by N − 1 in a normalization.",
        layers(
            batch_normalization=changed(Normalization, forward=variance_of_a_sample),
            layer_normalization=changed(Normalization, forward=variance_of_a_sample),
        ),
        source="torch.var and the calculator's s have N − 1",
    ),
    Kind(
        "state-never-carried",
        "Takes 0 for h_(t−1) at every step.",
        layers(recurrent=changed(Recurrent, forward=state_never_carried)),
        source="hidden = init() within the loop over steps",
    ),
    Kind(
        "dropout-divided-by-its-rate",
        "Divides what is kept by the rate, not by 1 − rate.",
        layers(dropout=changed(Dropout, forward=dropout_divided_by_its_rate)),
        source="keep_prob in one tutorial and drop_prob in the next",
    ),
)
