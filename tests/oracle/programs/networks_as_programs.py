"""A network of the catalogue written as a program: the same mathematics in lines, by rows.

It names what layers name, and states the numbers that they state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems.documents.exercise import NetworkExercise

ACTIVATIONS = {
    "identity": "{z}",
    "sigmoid": "sigmoid({z})",
    "tanh": "tanh({z})",
    "relu": "relu({z})",
    "softplus": "softplus({z})",
    "gelu": "gelu({z})",
    "silu": "silu({z})",
    "softmax": "softmax({z})",
    "leaky_relu": "where({z} > 0, {z}, {alpha} * {z})",
    "elu": "where({z} > 0, {z}, {alpha} * (exp({z}) - 1))",
}

LOSSES = {
    "half_squared_error": "sum(({a} - y)**2) / 2",
    "squared_error": "sum(({a} - y)**2)",
    "absolute_error": "sum(abs({a} - y))",
    "huber": "sum(where(r < {threshold}, r**2 / 2, {threshold} * (r - {threshold} / 2)))",
    "binary_cross_entropy": "-sum(y * log({a}) + (1 - y) * log(1 - {a}))",
    "cross_entropy": "-sum(y * log({a}))",
    "root_mean_squared_error": "sqrt(mean(({a} - y)**2))",
}


@dataclass
class Written:
    """A program that is being written."""

    numbers: dict[str, str]
    lines: list[str] = field(default_factory=list)
    shape: tuple[int, ...] = ()
    a: str = "x"

    def line(self, name: str, text: str) -> None:
        self.lines.append(f"{name} = {text}")
        self.a = name


def as_program(exercise: NetworkExercise) -> dict[str, Any]:
    """The definition of a program's exercise with the numbers of a network's."""
    given = {name: _by_rows(exercise, name, each) for name, each in exercise.given.items()}
    assert exercise.optimizer is not None
    optimizer = exercise.optimizer.model_dump(exclude_none=True)
    numbers = {name: str(number) for name, number in exercise.scalars().items()}
    written = Written(numbers, shape=tuple(shape_of(given["x"]))[1:])
    for number, layer in enumerate(exercise.layers, start=1):
        _LAYERS[layer.type](written, layer, number, exercise)
    _loss(written, exercise)
    parameters = [
        str(each.name)
        for each in exercise.derivation().givens
        if each.kind is not None and each.kind.value in _PARAMETERS
    ]
    kept = [name for name in parameters if name not in exercise.freeze]
    return {
        "name": exercise.name,
        "type": "program",
        "arrays": {name: list(shape_of(array)) for name, array in given.items()},
        "program": "\n".join(written.lines),
        "differentiate": "L",
        "parameters": kept,
        "optimizer": optimizer,
        "iterations": exercise.iterations,
        "arithmetic": exercise.arithmetic,
        "ask": ["gradients", "updates"],
        "given": given,
    }


_PARAMETERS = {"weights", "recurrent weights", "biases", "scale", "shift"}


def _by_rows(exercise: NetworkExercise, name: str, array: Any) -> Any:
    """An array as it is where samples are rows."""
    if exercise.convention == "row":
        return array
    quantity = exercise.derivation().given[name]
    rows = quantity.to_rows(flatten(array), "column")
    return quantity.to_document(rows, "row")


def by_rows(exercise: NetworkExercise, name: str, values: Any) -> Any:
    """A solved quantity as it is where samples are rows."""
    quantity = exercise.derivation().find(name)
    assert quantity is not None
    if exercise.convention == "row":
        return values
    return quantity.to_document(quantity.to_rows(flatten(values), "column"), "row")


def _activated(written: Written, layer: Any, number: int) -> None:
    z = written.a
    text = ACTIVATIONS[layer.activation].format(z=z, alpha=written.numbers.get(f"alpha{number}"))
    written.line(f"a{number}", text)


def _dense(written: Written, layer: Any, number: int, _: Any) -> None:
    source = written.a
    if layer.bias == "ones":
        written.line(f"e{number}", f"concatenate([{source}, 0 * {source}[:, :1] + 1], axis=1)")
        source = written.a
    bias = "" if layer.bias in ("none", "ones") else f" + b{number}"
    written.line(f"z{number}", f"{source} @ W{number}{bias}")
    written.shape = (layer.units,)
    _activated(written, layer, number)


def _convolution(written: Written, layer: Any, number: int, _: Any) -> None:
    (channels, height, width) = written.shape
    down, across = layer.padding if layer.padding else (0, 0)
    padded = written.a
    if down or across:
        padded = f"pad({padded}, ((0, 0), (0, 0), ({down}, {down}), ({across}, {across})))"
        height, width = height + 2 * down, width + 2 * across
    (kernel, other), stride = layer.kernel, layer.stride or [1, 1]
    high = (height - kernel) // stride[0] + 1
    wide = (width - other) // stride[1] + 1
    size = channels * kernel * other
    windows = [
        [channel * height * width + place for place in places]
        for channel in range(channels)
        for places in _windows((height, width), layer.kernel, stride)
    ]
    flat = f"reshape({padded}, (-1, {channels * height * width}))"
    written.line(f"patches{number}", f"{flat}[:, {windows}]")
    filters = f"reshape(W{number}, ({layer.filters}, {size}))"
    maps = f"reshape({filters} @ {written.a}, (-1, {layer.filters}, {high}, {wide}))"
    bias = {
        "none": "",
        "shared": f" + b{number}",
        "per_unit": f" + reshape(b{number}, ({layer.filters}, 1, 1))",
    }[layer.bias]
    written.line(f"z{number}", f"{maps}{bias}")
    written.shape = (layer.filters, high, wide)
    _activated(written, layer, number)


def _pooling(written: Written, layer: Any, number: int, _: Any) -> None:
    channels, height, width = written.shape
    windows = _windows((height, width), layer.size, layer.size)
    high, wide = height // layer.size[0], width // layer.size[1]
    flat = f"reshape({written.a}, (-1, {channels}, {height * width}))"
    over = "max" if layer.type == "max_pooling" else "mean"
    pooled = f"{over}({flat}[:, :, {windows}], axis=2)"
    written.line(f"a{number}", f"reshape({pooled}, (-1, {channels}, {high}, {wide}))")
    written.shape = (channels, high, wide)


def _windows(shape: Any, kernel: Any, stride: Any) -> list[list[int]]:
    """Which entries of an image lie at each place of its windows."""
    (height, width), (rows, columns) = shape, kernel
    down = [i * stride[0] for i in range((height - rows) // stride[0] + 1)]
    across = [j * stride[1] for j in range((width - columns) // stride[1] + 1)]
    return [
        [(i + u) * width + j + v for i in down for j in across]
        for u in range(rows)
        for v in range(columns)
    ]


def _dropout(written: Written, _: Any, number: int, __: Any) -> None:
    written.line(
        f"a{number}", f"{written.a} * mask_{number} / (1 - {written.numbers[f'rate{number}']})"
    )


def _normalization(written: Written, layer: Any, number: int, _: Any) -> None:
    epsilon = written.numbers[f"epsilon{number}"]
    axis, source = 0 if layer.type == "batch_normalization" else 1, written.a
    over = f"axis={axis}, keepdims=True"
    written.line(
        f"h{number}",
        f"({source} - mean({source}, {over})) / sqrt(var({source}, {over}) + {epsilon})",
    )
    written.line(f"a{number}", f"gamma_{number} * h{number} + beta_{number}")


def _flatten(written: Written, _: Any, number: int, __: Any) -> None:
    size = 1
    for each in written.shape:
        size *= each
    written.line(f"a{number}", f"reshape({written.a}, (-1, {size}))")
    written.shape = (size,)


def _last_step(written: Written, _: Any, number: int, __: Any) -> None:
    written.line(f"a{number}", f"{written.a}[:, -1, :]")
    written.shape = written.shape[1:]


def _recurrent(written: Written, layer: Any, number: int, _: Any) -> None:
    source, states = written.a, list[str]()
    for time in range(written.shape[0]):
        before = f" + {states[-1]} @ Whh_{number}" if states else ""
        bias = "" if layer.bias == "none" else f" + bh_{number}"
        name = f"h{number}_{time}"
        written.line(name, f"tanh({source}[:, {time}, :] @ Wxh_{number}{before}{bias})")
        states.append(name)
    written.line(f"a{number}", f"stack([{', '.join(states)}], axis=1)")
    written.shape = (written.shape[0], layer.units)


def _lstm(written: Written, layer: Any, number: int, _: Any) -> None:
    source, states, cell = written.a, list[str](), ""
    for time in range(written.shape[0]):
        gates = {}
        for gate, function in zip("ifgo", ("sigmoid", "sigmoid", "tanh", "sigmoid"), strict=True):
            before = f" + {states[-1]} @ Wh{gate}_{number}" if states else ""
            gates[gate] = f"{gate}{number}_{time}"
            written.line(
                gates[gate],
                f"{function}({source}[:, {time}, :] @ Wx{gate}_{number}{before}"
                f" + b{gate}_{number})",
            )
        kept = f"{gates['f']} * {cell} + " if cell else ""
        cell = f"c{number}_{time}"
        written.line(cell, f"{kept}{gates['i']} * {gates['g']}")
        states.append(f"h{number}_{time}")
        written.line(states[-1], f"{gates['o']} * tanh({cell})")
    written.line(f"a{number}", f"stack([{', '.join(states)}], axis=1)")
    written.shape = (written.shape[0], layer.units)


def _loss(written: Written, exercise: NetworkExercise) -> None:
    assert exercise.loss is not None
    a, numbers = written.a, written.numbers
    if exercise.loss.name == "huber":
        written.line("r", f"abs({a} - y)")
    text = LOSSES[exercise.loss.name].format(a=a, **numbers)
    samples, size = exercise.batch, exercise.batch
    for each in written.shape:
        size *= each
    count = {"mean": samples, "mean_elements": size, "sum": 1, None: 1}[exercise.loss.reduction]
    weights = [
        str(each.name)
        for each in exercise.derivation().givens
        if each.kind is not None and "weights" in each.kind.value
    ]
    terms = [text if count == 1 else f"({text}) / {count}"]
    if "l1" in numbers:
        terms.append(
            f"{numbers['l1']} * (" + " + ".join(f"sum(abs({each}))" for each in weights) + ")"
        )
    if "l2" in numbers:
        terms.append(
            f"{numbers['l2']} / 2 * (" + " + ".join(f"sum({each}**2)" for each in weights) + ")"
        )
    written.line("L", " + ".join(terms))


_LAYERS = {
    "dense": _dense,
    "convolution": _convolution,
    "max_pooling": _pooling,
    "average_pooling": _pooling,
    "dropout": _dropout,
    "batch_normalization": _normalization,
    "layer_normalization": _normalization,
    "flatten": _flatten,
    "last_step": _last_step,
    "recurrent": _recurrent,
    "lstm": _lstm,
}
