"""Drawn derivations with their numbers: every layer, activation, loss and optimizer, made nasty.

Ordinary, saturated, deep and wide networks, in decimals and in doubles; without documents, so that
nothing keeps a number from being as nasty as numbers can be.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from hypothesis import strategies as st

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.oracle.derivation.walking import Rows
from gradgrade.oracle.exact_numbers import Exact
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES, REDUCTIONS
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
from gradgrade.oracle.networks.lines import Activated, DataLoss
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.schedules import SCHEDULES

NUMBERS = {
    "threshold": "0.7",
    "l1": "0.01",
    "l2": "0.1",
    "learning_rate": "0.2",
    "factor": "0.7",
    "rate": "0.3",
    "period": "7",
    "momentum": "0.9",
    "decay": "0.99",
    "beta1": "0.9",
    "beta2": "0.999",
    "epsilon": "1e-8",
    "weight_decay": "0.01",
}

NUMBERS_OF_LAYERS = {"alpha": "0.3", "epsilon": "0.00001", "rate": "0.3"}

SCALES = (0.5, 1, 3, 30)
"""The last saturates every sigmoid."""

# Their outputs lie between 0 and 1, as logarithms need.
PROBABILITIES = ("sigmoid", "softmax")
OUTPUTS = tuple(
    (loss, activation)
    for loss, activation in product(LOSSES, ACTIVATIONS)
    if LOSSES[loss].targets == "any" or activation in PROBABILITIES
)


Structure = tuple[int | Shape, tuple[Layer, ...]]


@dataclass(frozen=True, repr=False)
class Case:
    """A derivation with the exact rows of its givens."""

    derivation: Derivation
    given: dict[Name, Rows]
    are_decimals: bool

    def __repr__(self) -> str:
        """Say what it is about; its numbers fill pages."""
        roles = [step.role for step in self.derivation.steps]
        used = [each.activation.name for each in roles if isinstance(each, Activated)]
        used += [each.function.name for each in roles if isinstance(each, DataLoss)]
        givens = [f"{each.name} {list(each.shape)}" for each in self.derivation.givens]
        return f"Case({', '.join((*givens, *used))})"

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    scales: Sequence[float] = SCALES,
    kinds: Sequence[Callable[..., Structure]] | None = None,
    optimizers: Sequence[str] = tuple(OPTIMIZERS),
    iterations: int = 2,
    are_decimals: Sequence[bool] = (False, True),
) -> Case:
    """Cases of some kinds of networks, or all, with their weights scaled by one of some factors."""
    loss, output = draw(st.sampled_from(OUTPUTS))
    kind = draw(st.sampled_from(kinds or (dense, deep, wide, image, sequence, normalized)))
    inputs, layers = kind(draw, output)
    schedule = draw(st.sampled_from(sorted(SCHEDULES)))
    derivation = derive(
        Network(inputs=inputs, layers=layers),
        Loss(name=loss, reduction=draw(st.sampled_from(REDUCTIONS))),
        Optimizer(name=draw(st.sampled_from(optimizers)), schedule=schedule, every=1),
        batch=draw(st.integers(1, 4)),
        iterations=draw(st.integers(1, iterations)),
        penalties=tuple(sorted(draw(st.sets(st.sampled_from(["l1", "l2"]))))),
    )
    return numbered(
        derivation,
        seed=draw(st.integers(0, 2**32)),
        scale=draw(st.sampled_from(scales)),
        are_decimals=draw(st.sampled_from(are_decimals)),
    )


def numbered(
    derivation: Derivation, *, seed: int = 0, scale: float = 1, are_decimals: bool = False
) -> Case:
    """A case with numbers for every given."""
    generator = random.Random(seed)
    rows = {each.name: _rows(derivation, each, generator, scale) for each in derivation.givens}
    if not are_decimals:
        rows = {
            name: [[float(entry) for entry in row] for row in each] for name, each in rows.items()
        }
    return Case(derivation, rows, are_decimals)


def activations(draw: st.DrawFn) -> str:
    """An activation."""
    return draw(st.sampled_from(sorted(ACTIVATIONS)))


def output_layer(draw: st.DrawFn, output: str) -> Dense:
    """A dense layer with the output's activation."""
    return Dense(units=draw(st.integers(2, 3)), activation=output)


def dense(draw: st.DrawFn, output: str) -> Structure:
    """One to three dense layers."""
    biases = st.sampled_from(["per_unit", "shared", "none", "ones"])
    hidden = [
        Dense(units=draw(st.integers(1, 5)), activation=activations(draw), bias=draw(biases))
        for _ in range(draw(st.integers(0, 2)))
    ]
    return draw(st.integers(1, 5)), (*hidden, output_layer(draw, output))


def deep(draw: st.DrawFn, output: str) -> Structure:
    """Eight dense layers."""
    hidden = [Dense(units=2, activation=activations(draw)) for _ in range(7)]
    return 2, (*hidden, output_layer(draw, output))


def wide(draw: st.DrawFn, output: str) -> Structure:
    """Long sums: of 120 terms in one layer, and few in the other, or they would be all entries."""
    inputs, units = draw(st.sampled_from([(3, 40), (3, 120), (120, 40)]))
    hidden = Dense(units=units, activation=activations(draw))
    return inputs, (hidden, output_layer(draw, output))


def image(draw: st.DrawFn, output: str) -> Structure:
    """Convolution and pooling."""
    convolution = Convolution(
        filters=2,
        kernel=(2, 2),
        padding=draw(st.sampled_from([(0, 0), (1, 1)])),
        activation=activations(draw),
        bias=draw(st.sampled_from(["per_unit", "shared", "none"])),
    )
    pooling = draw(st.sampled_from([MaxPooling, AveragePooling]))
    # Windows overlap in the second.
    windows = draw(st.sampled_from([Windows((2, 2), (2, 2)), Windows((2, 2), (1, 1))]))
    norm = draw(st.sampled_from([(), (BatchNormalization(),)]))
    return (2, 4, 3), (
        convolution,
        *norm,
        pooling(windows=windows),
        Flatten(),
        output_layer(draw, output),
    )


def sequence(draw: st.DrawFn, output: str) -> Structure:
    """Recurrent layers."""
    layer = draw(st.sampled_from([Recurrent, Lstm]))(units=2)
    end = draw(st.sampled_from([LastStep(), Flatten()]))
    return (3, 2), (layer, end, output_layer(draw, output))


def normalized(draw: st.DrawFn, output: str) -> Structure:
    """Normalization and dropout."""
    norm = draw(st.sampled_from([BatchNormalization(), LayerNormalization()]))
    hidden = Dense(units=4, activation=activations(draw))
    return 3, (hidden, norm, Dropout(), output_layer(draw, output))


def _rows(
    derivation: Derivation, quantity: Quantity, generator: random.Random, scale: float
) -> Rows:
    rows, columns = quantity.matrix_shape

    def number(scale: float) -> Exact:
        return round(Decimal(generator.gauss(0, 1) * scale), generator.choice([2, 4, 12]))

    match quantity.kind:
        case Kind.NUMBER:
            numbers = NUMBERS_OF_LAYERS if quantity.name.layer else NUMBERS
            return [[Decimal(numbers[quantity.name.text])]]
        case Kind.TARGETS:
            return _targets(targets_of(derivation), rows, columns, generator)
        case Kind.MASK:
            return [[generator.choice([0, 1, 1]) for _ in range(columns)] for _ in range(rows)]
    own = 1 if quantity.kind is Kind.INPUTS else scale
    return [[number(own) for _ in range(columns)] for _ in range(rows)]


def targets_of(derivation: Derivation) -> str:
    """What the targets of a derivation's loss may be."""
    roles = (step.role for step in derivation.steps)
    return next((each.function.targets for each in roles if isinstance(each, DataLoss)), "any")


def _targets(targets: str, rows: int, columns: int, generator: random.Random) -> Rows:
    def column() -> list[Exact]:
        if targets == "any":
            return [round(Decimal(generator.gauss(0, 1)), 3) for _ in range(rows)]
        if targets == "probability":
            return [generator.choice([0, 1, Decimal("0.3")]) for _ in range(rows)]
        hot = generator.randrange(rows)
        if generator.random() < 0.5:
            return [int(k == hot) for k in range(rows)]
        share = round(Decimal(1) / rows, 3)
        return [1 - share * (rows - 1) if k == hot else share for k in range(rows)]

    return [list(row) for row in zip(*(column() for _ in range(columns)), strict=True)]
