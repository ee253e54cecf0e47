"""Optimizers, as a program of arrays writes them."""

from collections.abc import Mapping
from typing import Any

import numpy

Array = Any  # numpy types its operators as Any too


def updated(
    optimizer: Mapping[str, Any], rate: float, t: int, w: Array, g: Array, memory: dict[str, Array]
) -> Array:
    """The new parameter; its memory, by the letters of the state, is changed in place."""

    def before(letter: str) -> Array:
        return memory.get(letter, numpy.zeros_like(w))

    match optimizer["name"]:
        case "sgd":
            return w - rate * g
        case "momentum":
            memory["v"] = optimizer["momentum"] * before("v") - rate * g
            return w + memory["v"]
        case "nesterov":
            memory["v"] = optimizer["momentum"] * before("v") - rate * g
            return w + optimizer["momentum"] * memory["v"] - rate * g
        case "adagrad":
            memory["s"] = before("s") + g**2
        case "rmsprop":
            decay = optimizer["decay"]
            memory["s"] = decay * before("s") + (1 - decay) * g * g
        case "adam" | "adamw":
            return _by_moments(optimizer, rate, t, w, g, memory)
    return w - rate * g / (numpy.sqrt(memory["s"]) + optimizer["epsilon"])


def _by_moments(
    optimizer: Mapping[str, Any], rate: float, t: int, w: Array, g: Array, memory: dict[str, Array]
) -> Array:
    first, second = optimizer["beta1"], optimizer["beta2"]
    zero = numpy.zeros_like(w)
    memory["m"] = first * memory.get("m", zero) + (1 - first) * g
    memory["s"] = second * memory.get("s", zero) + (1 - second) * g**2
    mean = memory["m"] / (1 - first**t)
    square = memory["s"] / (1 - second**t)
    new = w - rate * mean / (numpy.sqrt(square) + optimizer["epsilon"])
    return new - rate * optimizer["weight_decay"] * w if optimizer["name"] == "adamw" else new
