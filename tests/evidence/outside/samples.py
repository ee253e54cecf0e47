"""Mistakes with what is given: samples, targets, and which array stands for which."""

from itertools import pairwise
from typing import Any

import numpy

from tests.evidence.outside.working import (
    Array,
    Kind,
    NotMadeError,
    Working,
    dense,
    fitting,
    is_output,
    misread,
    working,
)
from tests.evidence.students.numpy_layers import Dense
from tests.evidence.students.task import Task


def with_arrays(change: Any) -> Any:
    """A working from other arrays, `(task, arrays) → arrays`, in every iteration."""

    def iteration(self: Any, task: Any, arrays: Any, t: int) -> Any:
        return Working.iteration(self, task, {**arrays, **change(task, arrays)}, t)

    return working(iteration=iteration)


def all_but_the_last(task: Task, arrays: Any) -> dict[str, Array]:
    if task.get("stochastic") or len(arrays["x"]) < 2:
        raise NotMadeError
    return {name: arrays[name][:-1] for name in ("x", "y")}


def next_class(_: Task, arrays: Any) -> dict[str, Array]:
    """One-hot targets of classes counted from the other end of an off-by-one."""
    y = arrays["y"]
    if y.ndim != 2 or y.shape[1] < 2 or not numpy.isin(y, (0, 1)).all():
        raise NotMadeError
    return {"y": numpy.roll(y, 1, axis=1)}


def with_weights_of_two_layers_exchanged(task: Task, arrays: Any) -> dict[str, Array]:
    names = [f"W{index}" for index, layer in task.layers() if layer["type"] == "dense"]
    for one, other in pairwise(names):
        if arrays[one].shape == arrays[other].shape:
            return {one: arrays[other], other: arrays[one]}
    raise NotMadeError


def bias_along_the_samples(layer: Any) -> Array:
    """The bias of unit j is added to sample j: numpy does so where there are as many."""
    bias = numpy.asarray(layer.bias())
    if bias.size < 2:
        raise NotMadeError
    z = layer.input @ layer.own("W")
    return fitting(z + fitting(bias, z[:, 0])[:, None], z)


def slope_of_the_first_sample(layer: Any) -> Array:
    return numpy.broadcast_to(Dense.slope(layer)[:1], layer.z.shape)


def slope_missed_in_the_last_sample(layer: Any) -> Array:
    slope = numpy.array(Dense.slope(layer), float)
    if len(slope) < 2:
        raise NotMadeError
    slope[-1] = 1
    return slope


def reads_units_in_reverse(layer: Any, a: Array) -> Array:
    return Dense.forward(layer, a[:, ::-1] if layer.index > 1 else a)


def sums_over_all_but_the_first(layer: Any, delta: Array) -> Array:
    if len(delta) < 2:
        raise NotMadeError
    return layer.input[1:].T @ delta[1:]


def first_forward_pass_again(self: Any, task: Any, arrays: Any, t: int) -> Any:
    if task.get("stochastic"):
        raise NotMadeError
    return Working.iteration(self, task, task.given() if t > 1 else arrays, t)


KINDS = (
    Kind(
        "last-sample-left-out",
        "Works on all samples but the last.",
        with_arrays(all_but_the_last),
        source="range(len(x) - 1)",
    ),
    Kind(
        "first-sample-missed-in-dw",
        "Sums dW over all samples but the first; db is right.",
        dense(by_weights=sums_over_all_but_the_first),
        source="a loop from 1 over what is counted from 0",
    ),
    Kind(
        "features-in-reverse",
        "Reads every sample's features from right to left.",
        with_arrays(lambda _, arrays: {"x": arrays["x"][..., ::-1]}),
        source="x2 drawn over x1 in a picture of a network",
    ),
    Kind(
        "units-in-reverse",
        "Reads a layer's units from right to left in the next one, and so on the way back.",
        dense(forward=reads_units_in_reverse),
        source="two hidden units exchanged between a picture and a matrix",
    ),
    Kind(
        "class-off-by-one",
        "Puts the 1 of a one-hot target one class too far.",
        with_arrays(next_class),
        source="labels 1 … K taken for 0 … K − 1, as in Coursera's ex3 and ex4 in Python",
    ),
    Kind(
        "first-target-for-all",
        "Compares every sample with the first target.",
        with_arrays(lambda _, arrays: {"y": numpy.repeat(arrays["y"][:1], len(arrays["y"]), 0)}),
        source="y[0] for y[i] within the loop over samples",
    ),
    Kind(
        "mean-target-for-all",
        "Compares the outputs with the mean of the targets over the samples.",
        with_arrays(
            lambda _, arrays: {"y": numpy.zeros_like(arrays["y"]) + arrays["y"].mean(axis=0)}
        ),
        source="y of shape (m,) and outputs of (m, 1): their difference, averaged over an axis",
    ),
    Kind(
        "weights-of-two-layers-exchanged",
        "Uses W2 in layer 1 and W1 in layer 2, where they have one shape.",
        with_arrays(with_weights_of_two_layers_exchanged),
        source="lists of weights built on the way back, read in the order of the layers",
    ),
    Kind(
        "bias-along-the-samples",
        "Adds the bias of unit j to sample j, where there are as many samples as units.",
        dense(pre_activation=bias_along_the_samples),
        source="numpy's broadcasting of (m,) along the wrong axis; jimfleming/differentiation#1",
    ),
    Kind(
        "biases-in-reverse",
        "Reads every bias from right to left.",
        misread(lambda name, value: value[::-1] if name[0] == "b" and value.ndim else value),
        source="by hand",
    ),
    Kind(
        "slope-of-the-first-sample",
        "Multiplies every sample's δ by the first sample's derivative.",
        dense(slope=slope_of_the_first_sample),
        source="a mask kept from before the loop over samples",
    ),
    Kind(
        "slope-missed-in-the-last-sample",
        "Forgets the activation's derivative in the last sample.",
        dense(
            slope=lambda layer: (
                Dense.slope(layer) if is_output(layer) else slope_missed_in_the_last_sample(layer)
            )
        ),
        source="by hand: the last sample is where attention ends",
    ),
    Kind(
        "first-forward-pass-again",
        "Updates again with the first iteration's gradients: nothing is computed anew.",
        working(iteration=first_forward_pass_again),
        source="the forward pass left out of the loop over epochs",
    ),
)
