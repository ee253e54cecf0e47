"""Small exercises for the interpreter: written, drawn, and one network for every layer."""

from __future__ import annotations

import random
from typing import Any

from tests.independent.interpreter import interpret


def drawn(generator: random.Random, *lengths: int) -> Any:
    """Numbers between -1 and 1 with three decimals, none of them 0."""
    if not lengths:
        return f"{generator.choice((-1, 1)) * generator.randint(1, 999) / 1000:.3f}"
    return [drawn(generator, *lengths[1:]) for _ in range(lengths[0])]


def make(layers: list[dict], given: dict, **fields: Any) -> dict:
    """An exercise of those layers and givens; a shape in place of a given is drawn."""
    generator = random.Random(7)
    exercise = {
        "layers": layers,
        "loss": {"name": "half_squared_error", "reduction": "mean"},
        "optimizer": {"name": "sgd", "learning_rate": "0.1"},
        "freeze": [],
        "iterations": 1,
        "convention": "column",
        "arithmetic": "decimal",
        "given": {
            name: drawn(generator, *value) if isinstance(value, tuple) else value
            for name, value in given.items()
        },
    }
    return exercise | fields


def house_prices(**fields: Any) -> dict:
    """Two inputs, two sigmoid units, one linear output, worked by hand."""
    return make(
        [
            {"type": "dense", "units": 2, "activation": "sigmoid"},
            {"type": "dense", "units": 1, "activation": "identity"},
        ],
        {
            "x": [[-0.32], [-0.66]],
            "y": [[-0.54]],
            "W1": [[0.2, 0.15], [0.5, 0.6]],
            "b1": [0.1, 0.25],
            "W2": [[0.3, 0.2]],
            "b2": [0.4],
        },
        optimizer={"name": "sgd", "learning_rate": 0.2},
        **fields,
    )


DENSE = {"type": "dense", "units": 2}
DENSE_GIVEN = {"W1": (2, 2), "b1": (2,), "x": (2, 2), "y": (2, 2)}

OUTPUT = {"type": "dense", "units": 1, "bias": "none"}
SEQUENCE = {"type": "last_step"}
KERNEL = {"type": "convolution", "filters": 2, "kernel": [2, 2]}
LSTM = {
    name: given_shape
    for gate in "ifgo"
    for name, given_shape in {
        f"Wx{gate}_1": (2, 1),
        f"Wh{gate}_1": (2, 2),
        f"b{gate}_1": (2,),
    }.items()
}

NETWORKS = {
    "dense": (
        [DENSE | {"activation": "tanh"}, OUTPUT],
        {"x": (2, 2), "W1": (2, 2), "b1": (2,), "W2": (1, 2), "y": (1, 2)},
    ),
    "dense with shared bias": (
        [DENSE | {"activation": "tanh", "bias": "shared"}, OUTPUT],
        {"x": (2, 2), "W1": (2, 2), "b1": (), "W2": (1, 2), "y": (1, 2)},
    ),
    "dropout": (
        [DENSE | {"activation": "tanh"}, {"type": "dropout", "rate": "0.4"}, OUTPUT],
        {
            "x": (2, 2),
            "W1": (2, 2),
            "b1": (2,),
            "mask_2": [[1, 0], [1, 1]],
            "W3": (1, 2),
            "y": (1, 2),
        },
    ),
    "batch_normalization": (
        [DENSE, {"type": "batch_normalization", "epsilon": "0.01"}, DENSE, OUTPUT],
        {
            "x": (2, 3),
            "W1": (2, 2),
            "b1": (2,),
            "gamma_2": (2,),
            "beta_2": (2,),
            "W3": (2, 2),
            "b3": (2,),
            "W4": (1, 2),
            "y": (1, 3),
        },
    ),
    "batch_normalization of images": (
        [{"type": "batch_normalization"}, {"type": "flatten"}, OUTPUT],
        {
            "x": (2, 2, 1, 2),
            "gamma_1": (2,),
            "beta_1": (2,),
            "W3": (1, 4),
            "y": (1, 2),
        },
    ),
    "layer_normalization": (
        [DENSE | {"units": 3}, {"type": "layer_normalization"}, OUTPUT],
        {
            "x": (2, 2),
            "W1": (3, 2),
            "b1": (3,),
            "gamma_2": (3,),
            "beta_2": (3,),
            "W3": (1, 3),
            "y": (1, 2),
        },
    ),
    "convolution": (
        [KERNEL | {"activation": "tanh"}, {"type": "flatten"}, OUTPUT],
        {"x": (2, 3, 3, 1), "W1": (2, 2, 2, 2), "b1": (2,), "W3": (1, 8), "y": (1, 1)},
    ),
    "convolution with stride, padding and shared bias": (
        [
            KERNEL | {"stride": [2, 1], "padding": [1, 2], "bias": "shared"},
            {"type": "flatten"},
            OUTPUT,
        ],
        {"x": (1, 3, 2, 1), "W1": (2, 1, 2, 2), "b1": (), "W3": (1, 20), "y": (1, 1)},
    ),
    "max_pooling": (
        [{"type": "max_pooling", "size": [2, 2], "stride": [1, 2]}, {"type": "flatten"}, OUTPUT],
        {"x": (1, 3, 5, 2), "W3": (1, 4), "y": (1, 2)},
    ),
    "average_pooling": (
        [{"type": "average_pooling", "size": [2, 1]}, {"type": "flatten"}, OUTPUT],
        {"x": (2, 3, 2, 1), "W3": (1, 4), "y": (1, 1)},
    ),
    "recurrent": (
        [{"type": "recurrent", "units": 2}, SEQUENCE, OUTPUT],
        {
            "x": (3, 2, 2),
            "Wxh_1": (2, 2),
            "Whh_1": (2, 2),
            "bh_1": (2,),
            "W3": (1, 2),
            "y": (1, 2),
        },
    ),
    "recurrent without bias": (
        [{"type": "recurrent", "units": 1, "bias": "none"}, {"type": "flatten"}, OUTPUT],
        {"x": (2, 1, 1), "Wxh_1": (1, 1), "Whh_1": (1, 1), "W3": (1, 2), "y": (1, 1)},
    ),
    "lstm": (
        [{"type": "lstm", "units": 2}, SEQUENCE, OUTPUT],
        {"x": (2, 1, 1), **LSTM, "W3": (1, 2), "y": (1, 1)},
    ),
}


def network(name: str, **fields: Any) -> dict:
    """One of the networks above as an exercise."""
    return make(*NETWORKS[name], **fields)


def only_layer(layer: dict, given: dict) -> dict:
    """What a single layer gives, with targets of no consequence."""
    return interpret(make([layer], given))
