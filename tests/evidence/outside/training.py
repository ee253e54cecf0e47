"""Mistakes in the loss, in what is sent back first, and in the update."""

from collections.abc import Callable
from typing import Any

import numpy

from tests.evidence.outside.working import (
    Array,
    Kind,
    NotMadeError,
    Working,
    losses,
    rate,
    working,
)
from tests.evidence.students.forms import TEXTBOOK

of_cross_entropy = TEXTBOOK.losses["cross_entropy"]
of_two_classes = TEXTBOOK.losses["binary_cross_entropy"]
of_error = TEXTBOOK.losses["squared_error"]
of_half_error = TEXTBOOK.losses["half_squared_error"]


def by_residual(change: Callable[[Array], Array]) -> Any:
    """A working in which the derivative of a squared error is made of the residual otherwise."""
    return losses(
        squared_error=(of_error[0], lambda a, y, _: 2 * change(a - y)),
        half_squared_error=(of_half_error[0], lambda a, y, _: change(a - y)),
    )


def updates(change: Any) -> Any:
    """A working whose updates by plain descent are others: `(task, t, w, g, memory) → w`."""

    def update(self: Any, task: Any, t: int, w: Array, g: Array, memory: Any) -> Array:
        if task["optimizer"]["name"] != "sgd":
            raise NotMadeError
        return change(task, t, w, g, memory)

    return working(update=update)


def with_silent_momentum(task: Any, t: int, w: Array, g: Array, memory: Any) -> Array:
    memory["_velocity"] = 0.9 * memory.get("_velocity", 0 * w) - rate(task, t) * g
    return w + memory["_velocity"]


def normalized(task: Any, t: int, w: Array, g: Array, _: Any) -> Array:
    return w - rate(task, t) * g / numpy.linalg.norm(g)


def clipped_by_norm(self: Any, task: Any, arrays: Any, t: int) -> Any:
    """All gradients together to a norm of at most 1."""
    named, gradients = Working.iteration(self, task, arrays, t)
    norm = numpy.sqrt(sum((g**2).sum() for g in gradients.values()))
    return named, {name: g / max(1.0, norm) for name, g in gradients.items()}


def clipped_by_value(self: Any, task: Any, arrays: Any, t: int) -> Any:
    named, gradients = Working.iteration(self, task, arrays, t)
    return named, {name: numpy.clip(g, -0.1, 0.1) for name, g in gradients.items()}


def sample_after_sample(self: Any, task: Any) -> Any:
    """Updates after every sample of what is to be one batch; the gradients handed in are right."""
    found, arrays = Working.found(self, task), task.given()
    one_batch = task.iterations == 1 and task["optimizer"]["name"] == "sgd"
    if not one_batch or task.get("stochastic") or any(name[:4] == "mask" for name in arrays):
        raise NotMadeError
    for at in range(len(arrays["x"])):
        one = {name: arrays[name][at : at + 1] for name in ("x", "y")}
        _, gradients = self.iteration(task, {**arrays, **one}, 1)
        arrays |= {name: arrays[name] - rate(task, 1) * g for name, g in gradients.items()}
    new = {n: arrays[n.removesuffix("_new@1")] for n in found if n.endswith("_new@1")}
    return {**found, **new}


def loss_sent_back(self: Any, task: Any, output: Any, a: Array, y: Array) -> Any:
    """The value of the loss where its derivative belongs."""
    loss, count, da, _ = Working.loss(self, task, output, a, y)
    return loss, count, numpy.full_like(da, loss), None


def loss_of_the_first_sample(self: Any, task: Any, output: Any, a: Array, y: Array) -> Any:
    _, count, da, delta = Working.loss(self, task, output, a, y)
    return Working.loss(self, task, output, a[:1], y[:1])[0], count, da, delta


def penalties(change: Callable[[Array, float], Array]) -> Any:
    """A working in which L2 gives another derivative: `(w, strength) → slope`."""

    def penalty_slope(self: Any, task: Any, name: str, w: Array) -> Array:
        strength = (task.get("regularization") or {}).get("l2")
        if not strength:
            return Working.penalty_slope(self, task, name, w)
        return change(w, strength) if name[0] == "W" else 0.0

    return working(penalty_slope=penalty_slope)


def penalty_of_biases_too(self: Any, task: Any, name: str, w: Array) -> Array:
    strength = (task.get("regularization") or {}).get("l2", 0)
    return strength * w if name[0] == "b" else Working.penalty_slope(self, task, name, w)


def penalty_averaged(self: Any, task: Any, arrays: Any) -> Array:
    return Working.penalty(self, task, arrays) / len(task.given()["x"])


KINDS = (
    Kind(
        "loss-sent-back",
        "Sends the value of the loss back where its derivative belongs.",
        working(loss=loss_sent_back),
        source="'backpropagate the loss', taken literally",
    ),
    Kind(
        "squared-residual-sent-back",
        "Sends (a − y)² back, not its derivative.",
        by_residual(lambda e: e**2),
        source="haifengl/smile#147: the error and its gradient in one variable",
    ),
    Kind(
        "size-of-the-residual-sent-back",
        "Sends |a − y| back.",
        by_residual(numpy.abs),
        source="errors counted as positive",
    ),
    Kind(
        "targets-sent-back",
        "Takes y where a − y belongs.",
        losses(
            squared_error=(of_error[0], lambda a, y, _: 2 * y),
            half_squared_error=(of_half_error[0], lambda a, y, _: y + 0 * a),
        ),
        source="the desired output taken for the desired change",
    ),
    Kind(
        "common-logarithm",
        "Writes log10 for ln in the loss; gradients are right.",
        losses(
            cross_entropy=(lambda a, y, _: -y * numpy.log10(a), of_cross_entropy[1]),
            binary_cross_entropy=(
                lambda a, y, _: -(y * numpy.log10(a) + (1 - y) * numpy.log10(1 - a)),
                of_two_classes[1],
            ),
        ),
        source="srendle/libfm#21, hasktorch#799; the calculator's log",
    ),
    Kind(
        "loss-in-bits",
        "Writes log2 for ln, and derives it rightly: everything is 1/ln 2 too large.",
        losses(
            cross_entropy=(
                lambda a, y, _: -y * numpy.log2(a),
                lambda a, y, _: -y / a / numpy.log(2),
            ),
            binary_cross_entropy=(
                lambda a, y, _: -(y * numpy.log2(a) + (1 - y) * numpy.log2(1 - a)),
                lambda a, y, _: of_two_classes[1](a, y, None) / numpy.log(2),
            ),
        ),
        source="information theory's entropy, in bits",
    ),
    Kind(
        "binary-terms-at-softmax",
        "Takes binary cross-entropy, unit by unit, for the cross-entropy of a softmax.",
        losses(cross_entropy=of_two_classes),
        source="fromscratch notebooks with one cost function for both",
    ),
    Kind(
        "half-of-binary-cross-entropy",
        "Leaves (1 − y) ln(1 − a) away, in the loss and its derivative.",
        losses(binary_cross_entropy=of_cross_entropy),
        source="nd4j#1319: the terms of binary cross-entropy",
    ),
    Kind(
        "loss-of-the-first-sample",
        "Hands in the first sample's loss for the loss.",
        working(loss=loss_of_the_first_sample),
        source="by hand; and a mean taken of a mean",
    ),
    Kind(
        "penalty-averaged",
        "Divides the penalty by the number of samples too, in the loss.",
        working(penalty=penalty_averaged),
        source="dennybritz/nn-from-scratch#13",
    ),
    Kind(
        "penalty-on-biases",
        "Adds λ b to db.",
        working(penalty_slope=penalty_of_biases_too),
        source="tf_unet#40, DeepLearnToolbox#32",
    ),
    Kind(
        "penalty-derived-to-two",
        "Derives λ/2 w² to 2 λ w.",
        penalties(lambda w, strength: 2 * strength * w),
        source="titu1994/DenseNet#57: the 2 of the derivative",
    ),
    Kind(
        "penalty-by-its-sign",
        "Derives λ/2 w² to λ |w|.",
        penalties(lambda w, strength: strength * numpy.abs(w)),
        source="L1 and L2 in one line of code",
    ),
    Kind(
        "silent-weight-decay",
        "Decays the weights by 0.01 in the update, which nobody asked for.",
        updates(lambda task, t, w, g, _: w * (1 - 0.01 * rate(task, t)) - rate(task, t) * g),
        source="the default weight_decay of torch's AdamW and of copied optimizers",
    ),
    Kind(
        "silent-momentum",
        "Updates with a momentum of 0.9 which nobody asked for.",
        updates(with_silent_momentum),
        source="SGD(momentum=0.9) copied; it shows from the second update on",
    ),
    Kind(
        "step-of-unit-length",
        "Divides each gradient by its norm in the update.",
        updates(normalized),
        source="normalized gradient descent, Machine Learning Refined, chapter 3",
    ),
    Kind(
        "clipped-by-norm",
        "Scales all gradients to a common norm of at most 1.",
        working(iteration=clipped_by_norm),
        source="d2l's grad_clipping(net, 1)",
    ),
    Kind(
        "clipped-by-value",
        "Cuts every entry of a gradient to ±0.1.",
        working(iteration=clipped_by_value),
        source="np.clip(dparam, …) in min-char-rnn",
    ),
    Kind(
        "rate-divided-by-the-batch",
        "Divides η by the number of samples once more in the update.",
        updates(lambda task, t, w, g, _: w - rate(task, t) / len(task.given()["x"]) * g),
        source="Nielsen's eta / len(mini_batch), with gradients that are averaged",
    ),
    Kind(
        "rate-of-one-tenth",
        "Updates with η = 0.1, whatever is asked.",
        updates(lambda task, t, w, g, _: w - 0.1 * g),
        source="the last exercise's learning rate",
    ),
    Kind(
        "biases-not-updated",
        "Updates the weights alone.",
        updates(lambda task, t, w, g, _: w - rate(task, t) * g if w.ndim > 1 else w),
        source="Mazur's step-by-step example leaves the biases as they are",
    ),
    Kind(
        "updates-after-every-sample",
        "Updates after every sample of a batch.",
        working(found=sample_after_sample),
        source="LxMLS-guide#115, glove.py#6: the update within the loop over samples",
    ),
)
