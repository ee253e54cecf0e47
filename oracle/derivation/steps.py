"""Step: one line of a derivation."""

from collections.abc import Callable
from dataclasses import dataclass

from gradgrade.oracle.arithmetic import Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.derivation.roles import VALUE, Role

Rule = Callable[..., Matrix]
"""`rule(arithmetic, *matrices) -> matrix`, the matrices in the order of `reads`."""


@dataclass(frozen=True, slots=True)
class Route:
    """Another way to the same quantity: exactly equal, and rounded otherwise.

    Args:
        reads: the names of what its rule is given, all of them derived before the step.
        rule: as a step's.
    """

    reads: tuple[Name, ...]
    rule: Rule


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """How one quantity comes from others; two steps are equal if they are the same object.

    Args:
        quantity: what the step makes.
        reads: the names of what its rule is given.
        rule: a pure function, written once against an arithmetic.
        formula: what the quantity is, in the exercise's convention.
        entry: `entry(arithmetic, row, column, *matrices)`, one entry of the result as a 1 by 1
            matrix, for rules whose entries cost much less than the whole.
        elementwise: whether each entry of the result needs only the same entry of what it reads.
        routes: other ways to the same quantity that textbooks and students take.
        role: what the step is in the exercise's terms.
    """

    quantity: Quantity
    reads: tuple[Name, ...]
    rule: Rule
    formula: Expression
    entry: Rule | None = None
    elementwise: bool = False
    routes: tuple[Route, ...] = ()
    role: Role = VALUE

    @property
    def name(self) -> Name:
        """The name of what the step makes."""
        return self.quantity.name
