"""The shape of layer classes: `forward(in_act)`, `backward(out_grad)`, `update(alpha)`.

Samples are rows and W is (in, out), whatever the exercise's convention is: the adapter turns arrays
round. It builds the network from the classes, sets their weights, runs forward, takes the loss and
its derivative by the output, runs backward in reverse order and calls `update(learning_rate)`.
"""

from typing import Any

import numpy

from ..answers import Findings
from ..exercise import Array, Exercise, as_rows, oriented
from ..failure import Failure
from . import layer_unit, losses
from .layer_search import choose, construct, layer_classes
from .layer_unit import DELTAS, SUMS, Unit


def are_in(module: Any) -> bool:
    """Whether a module defines a class with all three methods."""
    return bool(layer_classes(module))


def answer(module: Any, exercise: Exercise) -> tuple[dict[str, Any], Findings]:
    """Return what a network of the student's layers makes, and which weights change too early.

    Raises:
        Failure: the exercise is not one for layer classes, or no class suits one of its layers.
    """
    _check_supported(exercise)
    network = _network(module, exercise)
    x, y = as_rows(exercise, "x"), as_rows(exercise, "y")
    rate, answers = exercise["optimizer"]["learning_rate"], {}
    found: Findings = []
    for iteration in range(1, exercise["iterations"] + 1):
        made: dict[str, Any] = {}
        output = x.copy()
        for unit in network:
            unit.remember()
            output = unit.forward(output)
            made |= {f"a{unit.number}": output, f"z{unit.number}": unit.attribute(SUMS)}
        output = _as_matrix(output, y.shape)
        made["loss"] = losses.loss(exercise, output, y, numpy)
        gradient = losses.gradient(exercise, output, y, numpy)
        for unit in reversed(network):
            made[f"da{unit.number}"] = gradient.copy()
            gradient = unit.backward(gradient)
            made[f"delta{unit.number}"] = unit.attribute(DELTAS)
            made |= unit.gradients()
            found += unit.too_early()
        made["dx"] = gradient
        for unit in network:
            made |= unit.update(rate, exercise["freeze"])
        for name, value in made.items():
            if value is not None:
                turned = oriented(exercise, value)
                answers[name] = answers[f"{name}@{iteration}"] = turned
    return answers, [each for index, each in enumerate(found) if each not in found[:index]]


def _check_supported(exercise: Exercise) -> None:
    layers, optimizer = exercise["layers"], exercise["optimizer"]
    if exercise["loss"] is None or optimizer is None:
        raise Failure("unsupported", "layer classes are for loss and optimizer; use solve")
    reasons = {
        "layers that are not dense": any(layer["type"] != "dense" for layer in layers),
        "a bias shared by a layer": any(layer.get("bias") == "shared" for layer in layers),
        "regularization": bool(exercise.get("regularization")),
        "an optimizer that is not sgd": optimizer["name"] != "sgd",
        "a schedule": bool(optimizer.get("schedule")),
        "samples drawn anew": bool(exercise.get("stochastic")),
    }
    for reason, is_so in reasons.items():
        if is_so:
            raise Failure("unsupported", f"{reason}: layer classes cannot say it; use solve")


def _network(module: Any, exercise: Exercise) -> list[Unit]:
    size_in, network = exercise["inputs"], []
    for number, layer in enumerate(exercise["layers"], start=1):
        layer_class, activation_class = choose(module, layer["activation"])
        made = construct(layer_class, layer, size_in)
        activation = None if activation_class is None else activation_class()
        network.append(layer_unit.with_parameters(made, activation, exercise, number))
        size_in = layer["units"]
    return network


def _as_matrix(output: Any, shape: tuple[int, ...]) -> Array:
    array = numpy.array(output, dtype=numpy.float64)
    if array.shape != shape:
        have, need = list(array.shape), list(shape)
        raise Failure("wrong_type", f"the last layer's output has shape {have}, not {need}")
    return array
