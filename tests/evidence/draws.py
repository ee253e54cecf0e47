"""Exercises of every kind, drawn from a seed: what is handed to the students."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.schedules import SCHEDULES
from tests.strategies import (
    ARITHMETICS,
    CONVENTIONS,
    OBJECTIVES,
    OUTPUTS,
    definition,
    dense,
    fits,
    loss_document,
    optimizer_document,
)

Definition = dict[str, Any]

BIASES = ("per_unit", "per_unit", "shared", "none", "ones")
ELEMENTWISE = tuple(name for name in ACTIVATIONS if name != "softmax")
SMOOTH = tuple(name for name in ELEMENTWISE if name not in ("relu", "leaky_relu"))

# No 0 in them, where l1 and a unit that is off have a kink.
UNIT = {"low": -0.975, "high": 0.975, "step": 0.05}
BY_HAND = {"low": -0.95, "high": 0.95, "step": 0.1}


def grid(size: float) -> dict[str, float]:
    """A grid of 39 points up to a size, with no 0 in it."""
    return {name: value * size for name, value in UNIT.items()}


def optimizer(draw: Random) -> Definition:
    """An optimizer, with its defaults or with numbers and a schedule."""
    name = draw.choice(sorted(OPTIMIZERS))
    if draw.random() < 0.5:
        return {"name": name, "learning_rate": draw.choice([0.05, 0.2, 1])}
    return optimizer_document(name, draw.choice(sorted(SCHEDULES)))


def _objective(draw: Random, layers: list[Definition]) -> Definition:
    """A loss that fits the last layer, with a reduction."""
    output = layers[-1].get("activation", "none")
    names = [name for name in OBJECTIVES if fits(name, output)]
    name = draw.choice(sorted(names))
    return loss_document(name, draw.choice(OBJECTIVES[name]))


def _training(draw: Random) -> Definition:
    """What is the same for networks of all kinds."""
    penalties = [each for each in ("l1", "l2") if draw.random() < 0.3]
    return {
        "optimizer": optimizer(draw),
        "iterations": draw.choice([1, 1, 1, 2, 3]),
        "convention": draw.choice(CONVENTIONS),
        "arithmetic": draw.choice(ARITHMETICS),
        "regularization": {each: draw.choice([0.01, 0.1]) for each in penalties} or None,
        "tolerance": "auto",
        "draw": {"weights": UNIT, "inputs": UNIT},
    }


def benign(draw: Random) -> Definition:
    """Dense networks of one to four layers with every activation, loss, bias and optimizer."""
    loss, output = draw.choice(OUTPUTS)
    hidden = [draw.choice(sorted(ACTIVATIONS)) for _ in range(draw.randrange(4))]
    layers = [
        dense(draw.randint(2, 5), activation, draw.choice(BIASES))
        for activation in (*hidden, output)
    ]
    batch = draw.randint(1, 5)
    drawn = definition(
        inputs=draw.randint(1, 5),
        layers=layers,
        batch=batch,
        loss=loss_document(loss, draw.choice(OBJECTIVES[loss])),
        stochastic=batch > 1 and draw.random() < 0.15,
        **_training(draw),
    )
    if draw.random() < 0.2:
        drawn["freeze"] = ["W1"]
    return drawn


def saturated(draw: Random) -> Definition:
    """Dense networks of units far from where their slope is; the gates leave what can be told."""
    output = draw.choice(["sigmoid", "tanh", "softmax", "identity"])
    hidden = [draw.choice(["sigmoid", "tanh", "softplus", "gelu", "silu", "elu", "softmax"])]
    layers = [dense(draw.randint(2, 4), each, "per_unit") for each in (*hidden, output)]
    return definition(
        inputs=draw.randint(2, 4),
        layers=layers,
        batch=draw.randint(1, 3),
        loss=_objective(draw, layers),
        **_training(draw)
        | {
            "iterations": 1,
            "draw": {
                "weights": grid(draw.choice([2, 4, 6])),
                "biases": grid(draw.choice([1, 4])),
                "inputs": grid(draw.choice([1, 2])),
            },
        },
    )


def deep(draw: Random) -> Definition:
    """Dense networks of six to twelve layers."""
    depth = draw.randint(6, 12)
    hidden = [draw.choice(SMOOTH) for _ in range(depth - 1)]
    output = draw.choice(["identity", "tanh", "sigmoid", "softmax"])
    layers = [dense(draw.randint(2, 4), each, "per_unit") for each in (*hidden, output)]
    return definition(
        inputs=draw.randint(2, 4),
        layers=layers,
        batch=draw.randint(1, 4),
        loss=_objective(draw, layers),
        **_training(draw)
        | {"iterations": 1, "draw": {"weights": {"initialization": "xavier"}, "inputs": UNIT}},
    )


def wide(draw: Random) -> Definition:
    """Dense networks with sums of dozens of terms."""
    layers = [
        dense(draw.randint(10, 20), draw.choice(SMOOTH)),
        dense(draw.randint(2, 4), draw.choice(["identity", "sigmoid", "softmax"])),
    ]
    return definition(
        inputs=draw.randint(20, 40),
        layers=layers,
        batch=draw.choice([1, 8, 32]),
        loss=_objective(draw, layers),
        **_training(draw)
        | {"iterations": 1, "draw": {"weights": {"initialization": "xavier"}, "inputs": UNIT}},
    ) | {"ask": ["loss", "delta1", "gradients", "updates"]}


LAYER_LISTS: Mapping[str, Callable[[Random], tuple[Any, list[Definition]]]] = {
    "convolution": lambda draw: (
        [draw.randint(1, 2), 5, 4],
        [
            {
                "type": "convolution",
                "filters": draw.randint(1, 3),
                "kernel": [2, 3],
                "stride": [draw.randint(1, 2), 1],
                "padding": [1, draw.randint(0, 1)],
                "activation": draw.choice(ELEMENTWISE),
                "bias": draw.choice(BIASES[:4]),
            },
            {"type": "flatten"},
            dense(2, draw.choice(["identity", "sigmoid", "softmax"])),
        ],
    ),
    "pooling": lambda draw: (
        [1, 5, 6],
        [
            {"type": "convolution", "filters": 2, "kernel": [2, 2], "activation": "tanh"},
            {
                "type": draw.choice(["max_pooling", "average_pooling"]),
                "size": [2, 3],
                "stride": [1, 2],
            },
            {"type": "flatten"},
            dense(2),
        ],
    ),
    "batch normalization": lambda draw: (
        draw.randint(2, 4),
        [
            dense(3, draw.choice(["identity", "tanh"])),
            {"type": "batch_normalization", "epsilon": draw.choice([1e-5, 0.01])},
            dense(2, draw.choice(["identity", "tanh", "sigmoid"])),
        ],
    ),
    "batch normalization of images": lambda draw: (
        [1, 3, 4],
        [
            {"type": "convolution", "filters": 2, "kernel": [2, 2]},
            {"type": "batch_normalization", "epsilon": 0.01},
            {"type": "flatten"},
            dense(2),
        ],
    ),
    "layer normalization": lambda draw: (
        draw.randint(2, 4),
        [
            dense(4, draw.choice(["identity", "sigmoid"])),
            {"type": "layer_normalization"},
            dense(2, draw.choice(["identity", "tanh"])),
        ],
    ),
    "dropout": lambda draw: (
        3,
        [
            dense(5, draw.choice(SMOOTH)),
            {"type": "dropout", "rate": draw.choice([0.2, 0.4])},
            dense(2, draw.choice(["identity", "softmax"])),
        ],
    ),
    "recurrent": lambda draw: (
        [draw.randint(2, 4), 2],
        [
            {
                "type": "recurrent",
                "units": draw.randint(2, 3),
                "bias": draw.choice(["per_unit", "none"]),
            },
            *draw.choice([[{"type": "last_step"}, dense(2)], []]),
        ],
    ),
    "lstm": lambda draw: (
        [draw.randint(2, 3), 2],
        [{"type": "lstm", "units": 2}, {"type": "last_step"}, dense(2, "tanh")],
    ),
}


def other_layers(draw: Random) -> Definition:
    """Networks with a layer that is not dense."""
    inputs, layers = LAYER_LISTS[draw.choice(sorted(LAYER_LISTS))](draw)
    loss = _objective(draw, layers)
    batch = draw.randint(2, 5)
    return definition(inputs=inputs, layers=layers, batch=batch, loss=loss, **_training(draw))


def single_precision(draw: Random) -> Definition:
    """Networks for programs in single precision."""
    drawn = draw.choice([benign, benign, other_layers, deep])(draw)
    return drawn | {"precision": "binary32"}


def rounded(draw: Random) -> Definition:
    """Small networks for paper: every intermediate value may be rounded or truncated."""
    output, loss = draw.choice(
        [
            ("sigmoid", "half_squared_error"),
            ("sigmoid", "binary_cross_entropy"),
            ("softmax", "cross_entropy"),
            ("identity", "squared_error"),
            ("tanh", "half_squared_error"),
            ("identity", "half_squared_error"),
        ]
    )
    hidden = [
        draw.choice(["sigmoid", "tanh", "relu", "leaky_relu", "softplus", "identity"])
        for _ in range(draw.randint(0, 2))
    ]
    bias = draw.choice(["per_unit", "per_unit", "shared", "none"])
    layers = [dense(draw.randint(2, 3), each, bias) for each in (*hidden, output)]
    rounding = draw.choice(
        [{"decimals": 4}, {"decimals": 5}, {"decimals": 6}, {"significant": 4}, {"significant": 5}]
    )
    groups = ["loss", "gradients", "updates", f"delta{len(layers)}", "delta1", "a1", "z1"]
    return definition(
        inputs=draw.randint(1, 3),
        layers=layers,
        batch=draw.randint(1, 3),
        loss=loss_document(loss, draw.choice(OBJECTIVES[loss])),
        regularization={"l2": 0.1} if draw.random() < 0.2 else None,
        optimizer={"name": draw.choice(["sgd", "sgd", "momentum"]), "learning_rate": 0.5},
        iterations=draw.choice([1, 1, 2]),
        convention=draw.choice(CONVENTIONS),
        arithmetic="decimal",
        rounding=rounding,
        tolerance="auto",
        ask=list(dict.fromkeys(groups)),
        draw={"weights": BY_HAND, "inputs": BY_HAND, "biases": grid(0.5)},
    )


def scaled(draw: Random) -> Definition:
    """Dense networks whose numbers are of a size from 1e-12 to 1e12."""
    size = 10.0 ** draw.randint(-12, 12)
    is_linear = draw.random() < 0.6
    hidden = draw.choice(["identity", "leaky_relu"] if is_linear else ["tanh", "sigmoid", "gelu"])
    layers = [dense(draw.randint(2, 4), hidden, draw.choice(BIASES)), dense(draw.randint(2, 3))]
    losses = ["half_squared_error", "squared_error", "root_mean_squared_error"]
    loss = draw.choice(losses)
    inputs = {"inputs": grid(size), "biases": grid(size)} if is_linear else {"inputs": UNIT}
    return definition(
        inputs=draw.randint(2, 4),
        layers=layers,
        batch=draw.randint(2, 4),
        loss=loss_document(loss, draw.choice(OBJECTIVES[loss])),
        **_training(draw)
        | {
            "optimizer": {"name": "sgd", "learning_rate": 0.2},
            "regularization": None,
            "iterations": 1,
            "draw": {"weights": UNIT, "targets": grid(size), **inputs},
        },
    )


def stated(draw: Random) -> Definition:
    """Dense networks with a tolerance that the instructor states."""
    tolerances = [{"relative": 1e-9, "absolute": 0}, {"decimals": 6}, {"significant": 6}]
    return benign(draw) | {"tolerance": draw.choice(tolerances)}


KINDS: Mapping[str, Callable[[Random], Definition]] = {
    "benign": benign,
    "saturated": saturated,
    "deep": deep,
    "wide": wide,
    "other layers": other_layers,
    "single precision": single_precision,
    "rounded by hand": rounded,
    "of all scales": scaled,
    "stated tolerances": stated,
}
"""Kinds of exercises, by their names in tables."""
