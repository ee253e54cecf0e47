"""Derivations in which every layer, function, reduction, penalty, optimizer and schedule occurs."""

from collections.abc import Iterator
from itertools import product

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES, OUTPUT_PAIRS, REDUCTIONS
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.networks.layers import (
    AveragePooling,
    BatchNormalization,
    Convolution,
    Dropout,
    Flatten,
    LastStep,
    Layer,
    LayerNormalization,
    Lstm,
    MaxPooling,
    Recurrent,
    Windows,
)
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.penalties import PENALTIES
from gradgrade.oracle.training.schedules import SCHEDULES

CONVENTIONS: tuple[Convention, ...] = ("column", "row")
DESCENT = Optimizer()
SQUARES = Loss(name="half_squared_error")
PROBABILITIES = tuple(name for name, loss in LOSSES.items() if loss.targets != "any")


def derived(
    *layers: Layer,
    inputs: int | Shape = 2,
    loss: Loss = SQUARES,
    optimizer: Optimizer = DESCENT,
    convention: Convention = "column",
    batch: int = 2,
    **other: object,
) -> Derivation:
    """A derivation of layers."""
    network = Network(inputs=inputs, layers=layers, convention=convention)
    return derive(network, loss, optimizer, batch=batch, **other)


def dense(convention: Convention) -> Iterator[tuple[str, Derivation]]:
    """Dense layers: activations, biases, penalties, one sample at a time."""
    for name in ACTIVATIONS:
        yield name, derived(Dense(units=3, activation=name), Dense(units=2), convention=convention)
    for bias, penalties in product(("per_unit", "shared", "none", "ones"), ((), tuple(PENALTIES))):
        layers = (Dense(units=3, bias=bias), Dense(units=2, bias=bias))
        yield f"{bias} {penalties}", derived(*layers, convention=convention, penalties=penalties)
    stochastic = derived(
        Dense(units=2), convention=convention, batch=3, iterations=3, stochastic=True
    )
    yield "stochastic", stochastic


def losses(convention: Convention) -> Iterator[tuple[str, Derivation]]:
    """Losses and reductions, with the output activations that they have a common form with."""
    pairs = {loss: activation for activation, loss in OUTPUT_PAIRS}
    for name, reduction in product(LOSSES, REDUCTIONS):
        unpaired = "sigmoid" if name in PROBABILITIES else "identity"
        loss = Loss(name=name, reduction=reduction)
        for activation in sorted({"sigmoid", unpaired, pairs.get(name, unpaired)}):
            layer = Dense(units=3, activation=activation)
            found = derived(layer, loss=loss, convention=convention, batch=5, iterations=2)
            yield f"{name} {reduction} {activation}", found


def other_layers(convention: Convention) -> Iterator[tuple[str, Derivation]]:
    """Images, sequences, normalization and dropout."""
    overlapping, apart = Windows((2, 2), (1, 1)), Windows((2, 2), (2, 2))
    for bias, activation in product(("per_unit", "shared", "none"), ("tanh", "relu")):
        convolution = Convolution(
            filters=2,
            kernel=(2, 3),
            stride=(2, 1),
            padding=(1, 1),
            activation=activation,
            bias=bias,
        )
        layers = (convolution, MaxPooling(windows=overlapping), Flatten(), Dense(units=2))
        yield (
            f"convolution {bias} {activation}",
            derived(*layers, inputs=(2, 5, 4), convention=convention),
        )
    image = (BatchNormalization(), AveragePooling(windows=overlapping), Flatten(), Dense(units=2))
    yield "normalized image", derived(*image, inputs=(2, 3, 3), convention=convention, iterations=2)
    pooled = (AveragePooling(windows=apart), Flatten())
    yield "average pooling", derived(*pooled, inputs=(2, 4, 4), convention=convention)
    for layer in (BatchNormalization(), LayerNormalization(), Dropout()):
        layers = (Dense(units=3), layer, Dense(units=2))
        yield type(layer).__name__, derived(*layers, convention=convention, batch=3)
    for layer in (Recurrent(units=2), Recurrent(units=2, has_bias=False), Lstm(units=2)):
        layers = (layer, layer, LastStep(), Dense(units=2))
        yield repr(layer), derived(*layers, inputs=(3, 4), convention=convention, iterations=2)


def training(convention: Convention) -> Iterator[tuple[str, Derivation]]:
    """Optimizers and schedules, three iterations."""
    for name, schedule in product(OPTIMIZERS, SCHEDULES):
        optimizer = Optimizer(name=name, schedule=schedule, every=2)
        yield (
            f"{name} {schedule}",
            derived(Dense(units=2), optimizer=optimizer, convention=convention, iterations=3),
        )
    frozen = derived(Dense(units=2), convention=convention, iterations=2, freeze=frozenset({"b1"}))
    yield "frozen", frozen


FAMILIES = (dense, losses, other_layers, training)
