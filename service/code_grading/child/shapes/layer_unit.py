"""A layer of the exercise in a student's hands: its parameters, sums and gradients.

Courses name these differently, so each is looked for under the names that courses have. A gradient
that a layer keeps under none of them is what an update would subtract.
"""

import copy
from dataclasses import dataclass
from typing import Any

import numpy

from ..answers import Findings, finding
from ..exercise import Array, Exercise, as_rows
from ..failure import Failure

WEIGHTS = ("W", "weights", "weight", "w")
BIASES = ("b", "biases", "bias")
SUMS = ("z", "pre_activation", "weighted_sum")
DELTAS = ("delta", "cost_wrt_sum")
WEIGHTS_GRADIENTS = ("dW", "cost_wrt_weights", "weights_gradient", "grad_W", "W_grad")
BIASES_GRADIENTS = ("db", "cost_wrt_biases", "biases_gradient", "grad_b", "b_grad")

GREAT_STEP = 2.0**100
"""A step beside which the weights themselves vanish: the change divided by it is the gradient."""


@dataclass
class Unit:
    """One layer of the exercise: the student's layer, and an activation if it is a class apart."""

    number: int
    layer: Any
    activation: Any
    weights_name: str
    biases_name: str | None
    folded_row: int | None
    before: tuple[Array, Array | None] = (None, None)

    def forward(self, output: Array) -> Array:
        output = self.layer.forward(output)
        return output if self.activation is None else self.activation.forward(output)

    def backward(self, gradient: Array) -> Array:
        if self.activation is not None:
            gradient = self.activation.backward(gradient)
        return self.layer.backward(gradient)

    def attribute(self, names: tuple[str, ...]) -> Any:
        name = _first(self.layer, names)
        return None if name is None else numpy.array(getattr(self.layer, name), dtype=float)

    def parameters(self, layer: Any = None) -> tuple[Array, Array | None]:
        """Return copies of weights and biases, the row of biases taken out where they are one."""
        layer = self.layer if layer is None else layer
        weights = numpy.array(getattr(layer, self.weights_name), dtype=float)
        if self.biases_name is not None:
            biases = numpy.array(getattr(layer, self.biases_name), dtype=float)
            return weights, biases.reshape(-1)
        return self._unfolded(weights)

    def _unfolded(self, weights: Array) -> tuple[Array, Array | None]:
        if self.folded_row is None:
            return weights, None
        return numpy.delete(weights, self.folded_row, axis=0), weights[self.folded_row].copy()

    def set_parameters(self, weights: Array, biases: Array | None) -> None:
        if self.folded_row is not None and biases is not None:
            rows = (biases, weights) if self.folded_row == 0 else (weights, biases)
            weights = numpy.vstack(rows)
        setattr(self.layer, self.weights_name, weights.copy())
        if self.biases_name is not None:
            like = numpy.shape(getattr(self.layer, self.biases_name))
            size = 0 if biases is None else biases.size
            shape = like if numpy.prod(like, dtype=int) == size else (size,)
            values = numpy.zeros(like) if biases is None else biases.reshape(shape).copy()
            setattr(self.layer, self.biases_name, values)

    def remember(self) -> None:
        self.before = self.parameters()

    def too_early(self) -> Findings:
        """Return findings of parameters that are not what they were before forward."""
        names = (f"W{self.number}", f"b{self.number}")
        pairs = zip(names, self.before, self.parameters(), strict=True)
        return [
            finding("weights_changed_before_update", name)
            for name, before, after in pairs
            if before is not None and not numpy.array_equal(before, after, equal_nan=True)
        ]

    def gradients(self) -> dict[str, Any]:
        """Return the gradients: attributes of a known name, or else what an update would do."""
        weights = self.attribute(WEIGHTS_GRADIENTS)
        biases = self.attribute(BIASES_GRADIENTS)
        if weights is not None and self.folded_row is not None:
            weights, biases = self._unfolded(weights)
        if weights is None or (biases is None and self.before[1] is not None):
            stepped = copy.deepcopy(self.layer)
            stepped.update(GREAT_STEP)
            differences = [
                None if old is None else (old - new) / GREAT_STEP
                for old, new in zip(self.parameters(), self.parameters(stepped), strict=True)
            ]
            weights = differences[0] if weights is None else weights
            biases = differences[1] if biases is None else biases
        if biases is not None:
            biases = biases.reshape(-1)
        return self._named("d{}", weights, biases)

    def update(self, rate: float, frozen: list[str]) -> dict[str, Any]:
        """Update, put frozen parameters back, and return the rest."""
        before = self.parameters()
        self.layer.update(rate)
        after = self.parameters()
        named = self._named("{}_new", *after)
        kept = [
            old if f"{letter}{self.number}" in frozen else new
            for letter, old, new in zip("Wb", before, after, strict=True)
        ]
        self.set_parameters(kept[0], kept[1])
        return {name: new for name, new in named.items() if name.split("_")[0] not in frozen}

    def _named(self, pattern: str, weights: Any, biases: Any) -> dict[str, Any]:
        values = {f"W{self.number}": weights, f"b{self.number}": biases}
        return {pattern.format(name): value for name, value in values.items() if value is not None}


def with_parameters(layer: Any, activation: Any, exercise: Exercise, number: int) -> Unit:
    """Return a student's layer as the exercise's layer of a number, its parameters set.

    Raises:
        Failure: it has no weights or biases to set, or biases where the exercise has none.
    """
    weights_name = _first(layer, WEIGHTS)
    if weights_name is None:
        known = ", ".join(WEIGHTS)
        raise Failure("missing", f"{type(layer).__name__} has no weights under a name of {known}")
    has_bias = f"b{number}" in exercise["given"]
    weights = as_rows(exercise, f"W{number}")
    size_in, size_out = weights.shape
    is_folded = numpy.shape(getattr(layer, weights_name)) == (size_in + 1, size_out)
    folded_row = None
    if is_folded:
        folded_row = size_in if getattr(layer, "bias_row", "first") == "last" else 0
    unit = Unit(
        number=number,
        layer=layer,
        activation=activation,
        weights_name=weights_name,
        biases_name=None if is_folded else _first(layer, BIASES),
        folded_row=folded_row,
    )
    if has_bias and not is_folded and unit.biases_name is None:
        known = ", ".join(BIASES)
        raise Failure("missing", f"{type(layer).__name__} has no biases under a name of {known}")
    if is_folded and not has_bias:
        raise Failure("unsupported", f"layer {number} has no bias, but its class has one")
    biases = exercise["given"][f"b{number}"].reshape(-1) if has_bias else None
    unit.set_parameters(weights, biases)
    if not has_bias:
        unit.biases_name = None
    return unit


def _first(thing: Any, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if getattr(thing, name, None) is not None), None)
