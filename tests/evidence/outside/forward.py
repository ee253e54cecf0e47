"""Mistakes on the way forward: everything after them goes on from a wrong value."""

from collections.abc import Mapping
from typing import Any

import numpy

from tests.evidence.outside.working import (
    Array,
    Kind,
    NotMadeError,
    Working,
    activations,
    dense,
    fitting,
    is_output,
    neighbour,
    working,
)
from tests.evidence.students.forms import TEXTBOOK
from tests.evidence.students.numpy_layers import Dense
from tests.evidence.students.task import Task


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


def with_weights(change: Any) -> Any:
    """A working in which the weights are read from the sheet in another way."""

    def found(self: Any, task: Any) -> Any:
        given = task["given"].items()
        read = {n: change(numpy.array(v)).tolist() if n[0] == "W" else v for n, v in given}
        return Working.found(self, Task({**task.document, "given": read}))

    return working(found=found)


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
        with_weights(lambda w: w.T.reshape(w.shape)),
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
)
