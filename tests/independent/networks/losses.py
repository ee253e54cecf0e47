"""Every loss by its definition, its reduction, and the penalties of regularization.

Each takes the forward pass, the loss's document, an output and its target, and gives the output's
share of the loss.
"""

from __future__ import annotations

from collections.abc import Callable

from mpmath import mpf

from tests.independent import autodiff
from tests.independent.autodiff import Variable
from tests.independent.nested import Nested, leaves, mapped
from tests.independent.networks.arithmetic import Document, setting
from tests.independent.networks.conventions import is_weight
from tests.independent.networks.forward import Forward


def _half_squared_error(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """½e²."""
    return (a - y) ** 2 / 2


def _squared_error(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """e²."""
    return (a - y) ** 2


def _cross_entropy(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """−y ln a."""
    return -(y * autodiff.log(forward.context, a))


def _binary_cross_entropy(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """−(y ln a + (1 − y) ln(1 − a))."""
    log_a = autodiff.log(forward.context, a)
    log_rest = autodiff.log(forward.context, 1 - a)
    return -(y * log_a + (1 - y) * log_rest)


def _absolute_error(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """|e|."""
    error = a - y
    forward.arithmetic.refuse_kink(error.value, "an absolute error of 0")
    return abs(error)


def _huber(forward: Forward, loss: Document, a: Variable, y: mpf) -> Variable:
    """½e² where |e| ≤ d, else d (|e| − ½d)."""
    threshold = forward.arithmetic.setting(loss, "threshold", "1")
    error = a - y
    if abs(error.value) <= threshold:
        return error**2 / 2
    return threshold * (abs(error) - threshold / 2)


LOSSES: dict[str, Callable[[Forward, Document, Variable, mpf], Variable]] = {
    "half_squared_error": _half_squared_error,
    "squared_error": _squared_error,
    "cross_entropy": _cross_entropy,
    "binary_cross_entropy": _binary_cross_entropy,
    "absolute_error": _absolute_error,
    "huber": _huber,
}


def data_loss(forward: Forward, loss: Document, outputs: Nested, targets: Nested) -> Variable:
    """The loss with its reduction, before regularization."""
    name = loss["name"]
    term = _squared_error if name == "root_mean_squared_error" else LOSSES[name]
    shares = mapped(lambda a, y: term(forward, loss, a, y), outputs, targets)
    summed = forward.total(leaves(shares))
    if name == "root_mean_squared_error":
        root = autodiff.sqrt(forward.context, summed / len(leaves(shares)))
        forward.arithmetic.refuse_kink(root.value, "a root mean squared error of 0")
        return root
    divisors = {"mean": len(shares), "mean_elements": len(leaves(shares)), "sum": 1}
    return summed / divisors[setting(loss, "reduction", "mean")]


def penalty_terms(forward: Forward, regularization: Document) -> list[Variable]:
    """What regularization adds to the loss."""
    weights = [
        entry
        for name, nested in forward.parameters.items()
        if is_weight(name)
        for entry in leaves(nested)
    ]
    penalties = []
    if regularization.get("l2"):
        strength = forward.arithmetic.setting(regularization, "l2")
        penalties.append(strength / 2 * forward.total(entry**2 for entry in weights))
    if regularization.get("l1"):
        strength = forward.arithmetic.setting(regularization, "l1")
        for entry in weights:
            forward.arithmetic.refuse_kink(entry.value, "a weight of 0 under l1")
        penalties.append(strength * forward.total(abs(entry) for entry in weights))
    return penalties
