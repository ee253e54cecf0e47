"""What is measured: sigmoid networks of stated sizes, with numbers drawn from a seed."""

import random
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive

Rows = list[list[float]]

SIZES = ((2, 2, 2), (8, 16, 8, 4), (32, 64, 32, 10), (784, 100, 10))
BATCHES = (1, 32)
LEARNING_RATE = 0.1


@dataclass(frozen=True)
class Case:
    """A forward pass, backward pass and update; half squared error, mean over samples, SGD.

    Args:
        sizes: units of the input and of each layer.
        batch: how many samples.
        iterations: how often that is repeated.

    >>> case = Case((2, 3, 1), batch=1)
    >>> str(case), case.parameters
    ('2-3-1', 13)
    """

    sizes: tuple[int, ...]
    batch: int
    iterations: int = 1

    def __str__(self) -> str:
        """Return the sizes as people write them."""
        return "-".join(map(str, self.sizes))

    @property
    def parameters(self) -> int:
        """How many weights and biases there are."""
        return sum((inputs + 1) * units for inputs, units in pairwise(self.sizes))

    @property
    def optimizer(self) -> Optimizer:
        """What updates its parameters."""
        return Optimizer(name="sgd")

    @cached_property
    def derivation(self) -> Derivation:
        """Our derivation of its steps."""
        layers = tuple(Dense(units=units, activation="sigmoid") for units in self.sizes[1:])
        network = Network(inputs=self.sizes[0], layers=layers)
        loss = Loss(name="half_squared_error", reduction="mean")
        return derive(network, loss, self.optimizer, batch=self.batch, iterations=self.iterations)

    @cached_property
    def givens(self) -> dict[str, Any]:
        """Exact givens: x and y in (0, 1), parameters in ±1/√n for a layer that reads n units."""
        numbers = random.Random(str(self))

        def rows(count: int, columns: int, low: float, high: float) -> Rows:
            return [[numbers.uniform(low, high) for _ in range(columns)] for _ in range(count)]

        givens: dict[str, Any] = {
            "x": rows(self.sizes[0], self.batch, 0, 1),
            "y": rows(self.sizes[-1], self.batch, 0, 1),
            "learning_rate": LEARNING_RATE,
        }
        for layer, (inputs, units) in enumerate(pairwise(self.sizes), start=1):
            bound = inputs**-0.5
            givens[f"W{layer}"] = rows(units, inputs, -bound, bound)
            givens[f"b{layer}"] = [row[0] for row in rows(units, 1, -bound, bound)]
        return givens

    @property
    def x(self) -> Rows:
        """The samples, as columns."""
        rows: Rows = self.givens["x"]
        return rows

    @property
    def y(self) -> Rows:
        """The targets, as columns."""
        rows: Rows = self.givens["y"]
        return rows

    @property
    def layers(self) -> list[tuple[Rows, Rows]]:
        """Weights and biases of each layer, each a matrix."""
        return [
            (self.givens[f"W{layer}"], [[each] for each in self.givens[f"b{layer}"]])
            for layer in range(1, len(self.sizes))
        ]


def growing(steps: int) -> tuple[Case, ...]:
    """Return networks of three equal layers, each with twice the parameters of the one before.

    >>> [(str(case), case.parameters) for case in growing(3)]
    [('8-8-8', 144), ('11-11-11', 264), ('16-16-16', 544)]
    """
    widths = (round(8 * 2 ** (step / 2)) for step in range(steps))
    return tuple(Case((width, width, width), batch=1) for width in widths)
