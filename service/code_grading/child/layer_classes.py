"""The shape of layer classes: `forward(in_act)`, `backward(out_grad)`, `update(alpha)`.

Samples are rows and W is (in, out), whatever the exercise's convention is: the adapter turns arrays
round. It builds the network from the classes, sets their weights, runs forward, takes the loss and
its derivative by the output, runs backward in reverse order and calls `update(learning_rate)`.
"""

import copy
import inspect
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy

from . import losses
from .answers import Findings, finding
from .exercise import Array, Exercise, as_rows, oriented
from .failure import Failure

METHODS = ("forward", "backward", "update")

WEIGHTS = ("W", "weights", "weight", "w")
BIASES = ("b", "biases", "bias")
SUMS = ("z", "pre_activation", "weighted_sum")
DELTAS = ("delta", "cost_wrt_sum")
WEIGHTS_GRADIENTS = ("dW", "cost_wrt_weights", "weights_gradient", "grad_W", "W_grad")
BIASES_GRADIENTS = ("db", "cost_wrt_biases", "biases_gradient", "grad_b", "b_grad")

SIZE_IN = ("size_in", "n_in", "input_size", "in_features", "inputs", "fan_in")
SIZE_OUT = ("size_out", "n_out", "output_size", "out_features", "outputs", "units", "fan_out")

# Words that a class's name may have for an activation, next to the activation's own.
SYNONYMS = MappingProxyType({"identity": ("identity", "linear"), "silu": ("silu", "swish")})

GREAT_STEP = 2.0**100
"""A step beside which the weights themselves vanish: the change divided by it is the gradient."""


def are_in(module: Any) -> bool:
    """Whether a module defines a class with all three methods."""
    return bool(_classes(module))


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


@dataclass
class _Unit:
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


def _check_supported(exercise: Exercise) -> None:
    layers, optimizer = exercise["layers"], exercise["optimizer"]
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


def _classes(module: Any) -> list[type]:
    return [each for each in _own_classes(module) if all(hasattr(each, name) for name in METHODS)]


def _own_classes(module: Any) -> list[type]:
    """Return the module's own classes that can go forward and backward."""
    return [
        each
        for each in vars(module).values()
        if inspect.isclass(each)
        and each.__module__ == module.__name__
        and all(callable(getattr(each, name, None)) for name in METHODS[:2])
    ]


def _network(module: Any, exercise: Exercise) -> list[_Unit]:
    size_in, network = exercise["inputs"], []
    for number, layer in enumerate(exercise["layers"], start=1):
        network.append(_unit(module, exercise, number, size_in))
        size_in = layer["units"]
    return network


def _unit(module: Any, exercise: Exercise, number: int, size_in: int) -> _Unit:
    spec = exercise["layers"][number - 1]
    layer_class, activation_class = _chosen(module, spec["activation"])
    layer = _constructed(layer_class, spec, size_in)
    activation = None if activation_class is None else activation_class()
    weights_name = _first(layer, WEIGHTS)
    if weights_name is None:
        known = ", ".join(WEIGHTS)
        raise Failure("missing", f"{layer_class.__name__} has no weights under a name of {known}")
    has_bias = f"b{number}" in exercise["given"]
    is_folded = numpy.shape(getattr(layer, weights_name)) == (size_in + 1, spec["units"])
    folded_row = None
    if is_folded:
        folded_row = size_in if getattr(layer, "bias_row", "first") == "last" else 0
    unit = _Unit(
        number=number,
        layer=layer,
        activation=activation,
        weights_name=weights_name,
        biases_name=None if is_folded else _first(layer, BIASES),
        folded_row=folded_row,
    )
    if has_bias and not is_folded and unit.biases_name is None:
        known = ", ".join(BIASES)
        raise Failure("missing", f"{layer_class.__name__} has no biases under a name of {known}")
    if is_folded and not has_bias:
        raise Failure("unsupported", f"layer {number} has no bias, but its class has one")
    biases = exercise["given"][f"b{number}"].reshape(-1) if has_bias else None
    unit.set_parameters(as_rows(exercise, f"W{number}"), biases)
    if not has_bias:
        unit.biases_name = None
    return unit


def _chosen(module: Any, activation: str) -> tuple[type, type | None]:
    """Return the class for a layer, and the class of its activation where that stands apart."""
    layers = [each for each in _classes(module) if _has_sizes(each)]
    if not layers:
        raise Failure("missing", "no layer class takes size_in and size_out")
    named = [each for each in layers if _is_named(each, activation)]
    if named:
        return named[0], None
    takers = [each for each in layers if "activation" in inspect.signature(each).parameters]
    if takers:
        return takers[0], None
    others = [each for each in _own_classes(module) if not _has_sizes(each)]
    apart = [each for each in others if _is_named(each, activation)]
    if apart:
        return layers[0], apart[0]
    raise Failure("missing", f"no class for the activation {activation}")


def _is_named(each: type, activation: str) -> bool:
    name = each.__name__.lower().replace("_", "")
    words = SYNONYMS.get(activation, (activation.replace("_", ""),))
    if activation == "relu" and "leaky" in name:
        return False
    return any(word in name for word in words)


def _has_sizes(each: type) -> bool:
    try:
        names = inspect.signature(each).parameters
    except (TypeError, ValueError):
        return False
    return any(name in names for name in SIZE_IN) and any(name in names for name in SIZE_OUT)


def _constructed(layer_class: type, spec: dict[str, Any], size_in: int) -> Any:
    arguments = {}
    for name in inspect.signature(layer_class).parameters:
        if name in SIZE_IN:
            arguments[name] = size_in
        elif name in SIZE_OUT:
            arguments[name] = spec["units"]
        elif name in ("activation", "alpha") and name in spec:
            arguments[name] = spec[name]
    return layer_class(**arguments)


def _first(thing: Any, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if getattr(thing, name, None) is not None), None)


def _as_matrix(output: Any, shape: tuple[int, ...]) -> Array:
    array = numpy.array(output, dtype=numpy.float64)
    if array.shape != shape:
        have, need = list(array.shape), list(shape)
        raise Failure("wrong_type", f"the last layer's output has shape {have}, not {need}")
    return array
