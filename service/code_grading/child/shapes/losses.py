"""The losses of the exercises and their derivatives by the output, samples in rows.

A layer class and a torch module are handed the derivative, or have their loss taken, by who calls
them. That is here, where the project's own table must not be; a test holds the two together.
`arrays` is numpy or torch, whose functions have the same names.
"""

from typing import Any

from ..failure import Failure

Array = Any


def loss(exercise: dict[str, Any], output: Array, y: Array, arrays: Any) -> Any:
    """Return the loss with its reduction.

    Args:
        exercise: names the loss.
        output: the network's, shape (N, K).
        y: the targets, shape (N, K).
        arrays: numpy or torch.
    """
    return _divided(exercise, _summed(exercise["loss"], output, y, arrays).sum(), output)


def gradient(exercise: dict[str, Any], output: Array, y: Array, arrays: Any) -> Array:
    """Return the derivative of the loss by every entry of the output, shape (N, K)."""
    return _divided(exercise, _derived(exercise["loss"], output, y, arrays), output)


def _summed(loss: dict[str, Any], output: Array, y: Array, arrays: Any) -> Array:
    error = output - y
    match loss["name"]:
        case "half_squared_error":
            return error**2 / 2
        case "squared_error":
            return error**2
        case "absolute_error":
            return arrays.abs(error)
        case "cross_entropy":
            return -y * arrays.log(output)
        case "binary_cross_entropy":
            return -(y * arrays.log(output) + (1 - y) * arrays.log1p(-output))
        case "huber":
            size, threshold = arrays.abs(error), loss["threshold"]
            linear = threshold * (size - threshold / 2)
            return arrays.where(size <= threshold, error**2 / 2, linear)
    raise _unsupported(loss)


def _derived(loss: dict[str, Any], output: Array, y: Array, arrays: Any) -> Array:
    error = output - y
    match loss["name"]:
        case "half_squared_error":
            return error
        case "squared_error":
            return 2 * error
        case "absolute_error":
            return arrays.sign(error)
        case "cross_entropy":
            return -y / output
        case "binary_cross_entropy":
            return (1 - y) / (1 - output) - y / output
        case "huber":
            return arrays.clip(error, -loss["threshold"], loss["threshold"])
    raise _unsupported(loss)


def _divided(exercise: dict[str, Any], total: Array, output: Array) -> Array:
    samples, units = output.shape
    match exercise["loss"].get("reduction"):
        case "sum":
            return total
        case "mean":
            return total / samples
        case "mean_elements":
            return total / (samples * units)
    raise _unsupported(exercise["loss"])


def _unsupported(loss: dict[str, Any]) -> Failure:
    return Failure("unsupported", f"the loss {loss['name']} needs solve(exercise)")
