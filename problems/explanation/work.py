"""How much explaining may take: a budget in work that is counted, never in time.

So a verdict is the same on every machine, and whether or not something was known from before. What
is carried forward, which earns points, is worked out whatever it takes: at most a walk for each way
to a quantity. Which mistake it was is looked for, in order of likelihood, until the budget is
spent; then the verdict is what is known by then.
"""

from collections.abc import Mapping

from gradgrade.oracle.derivation.costs import STEP
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step

MOST_WORK = 1_200_000
"""What may be spent on one submission, in products of two numbers; a step takes 2,000 at least."""

DERIVING = STEP // 6
"""What it takes to look at one step for a mistake that can be made there."""

ROUGHLY = 3
"""What share of a step's cost is that of the same step without running errors."""

TOGETHER = 50
"""What share of its entries' cost is that of theirs where candidates take it together."""


class Work:
    """Counts what explaining one submission takes.

    Args:
        costs: what each step takes, by the name of what it makes.
        most: what may be spent.
    """

    def __init__(self, costs: Mapping[Name, int], *, most: int) -> None:
        self.costs = costs
        self.left = most

    @property
    def is_spent(self) -> bool:
        """Whether no more may be looked for."""
        return self.left <= 0

    def take(self, step: Step) -> None:
        """Count a step that is taken; a mistaken one is as the right one."""
        self.left -= self.costs.get(step.name, STEP)

    def take_together(self, step: Step, count: int) -> None:
        """Count a step that so many candidates take at once, without running errors."""
        own = self.costs.get(step.name, STEP) - STEP
        self.left -= STEP // ROUGHLY + count * own // TOGETHER

    def derive(self) -> None:
        """Count that a mistake is looked for in all steps."""
        self.left -= DERIVING * len(self.costs)
