"""The order of axes of an exercise, and that of the interpreter.

Internally samples are the first axis of data, and units the first of weights.
"""

from __future__ import annotations

from tests.independent.nested import Nested, first_axis_last, last_axis_first, mapped, shape
from tests.independent.networks.arithmetic import Arithmetic, Document

# What stands before the name of a parameter: its gradient, and the optimizer's state.
DERIVED_LETTERS = "dvsm"


def is_parameter(name: str) -> bool:
    """Whether a given is a parameter of a layer."""
    return name not in ("x", "y", "samples") and not name.startswith("mask_")


def is_weight(name: str) -> bool:
    """Whether a parameter is a weight, which regularization applies to."""
    return name.startswith("W")


def internal_givens(given: Document, arithmetic: Arithmetic, convention: str) -> dict[str, Nested]:
    """The givens as numbers, in the internal order of axes."""
    if convention not in ("column", "row"):
        raise ValueError(f"unknown convention: {convention}")
    givens = {
        name: mapped(arithmetic.number, values)
        for name, values in given.items()
        if name != "samples" and values is not None
    }
    for name, values in givens.items():
        if is_parameter(name):
            givens[name] = _transposed_weights(name, values, convention)
        elif convention == "column":
            givens[name] = last_axis_first(values)
    return givens | {"samples": given.get("samples")}


def external(found: dict[str, Nested], convention: str) -> dict[str, Nested]:
    """The quantities in the order of axes of the exercise."""
    return {
        name: _external_values(name.split("@")[0], values, convention)
        for name, values in found.items()
    }


def _external_values(name: str, values: Nested, convention: str) -> Nested:
    """One quantity in the order of axes of the exercise."""
    if name == "loss":
        return values
    if name.startswith(("z", "a", "delta", "da", "dx")):
        return first_axis_last(values) if convention == "column" else values
    return _transposed_weights(name.lstrip(DERIVED_LETTERS), values, convention)


def _transposed_weights(name: str, values: Nested, convention: str) -> Nested:
    """Weight matrices transposed in the row convention; all else as it is."""
    if convention == "row" and is_weight(name) and len(shape(values)) == 2:
        return first_axis_last(values)
    return values
