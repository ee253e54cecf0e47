"""What a derivation costs: its steps' operations, entries and number, told before it is walked.

Measured on a virtual machine of two cores, what proves an exercise, makes its answer key and
explains wrong answers to it takes some 100 microseconds a step, 20 for each entry that a step
makes, and 0.2 for each product: 40 for a cost of 1, which is one weight's gradient and its update.
"""

import math
from collections.abc import Mapping

from gradgrade.oracle.arithmetic.counting import Counting
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name

STEP, ENTRY = 2_000, 100
"""What a step takes however small it is, and an entry that it makes, in products of two numbers."""

UNIT = 200
"""How many products are a cost of 1."""


@kept_with_argument
def step_costs(derivation: Derivation) -> Mapping[Name, int]:
    """Return what each step of a derivation takes, in products of two numbers, by its name."""
    sizes = {each.name: each.matrix_shape for each in derivation.givens}
    costs = {}
    for step in derivation.steps:
        counting = Counting()
        rows, columns = step.rule(counting, *[sizes[name] for name in step.reads])
        sizes[step.name] = rows, columns
        costs[step.name] = STEP + ENTRY * rows * columns + counting.operations
    return costs


@kept_with_argument
def cost_of(derivation: Derivation) -> int:
    """Return the cost of a derivation: of all its steps together.

    Args:
        derivation: what would be walked.

    >>> from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
    >>> network = Network(inputs=100, layers=(Dense(units=100, activation="tanh"),))
    >>> cost_of(derive(network, Loss(name="squared_error"), Optimizer()))
    10807
    """
    return math.ceil(sum(step_costs(derivation).values()) / UNIT)
