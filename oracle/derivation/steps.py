"""Step: one line of a derivation."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.derivation.formulas.expression import Expression
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.derivation.roles import VALUE, Role

Rule = Callable[..., Matrix]
"""`rule(arithmetic, *matrices) -> matrix`, the matrices in the order of `reads`."""


def unchanged(_: Arithmetic, matrix: Matrix) -> Matrix:
    """Return what is given: the rule of a step that gives a quantity another name."""
    return matrix


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
        formula: what the quantity is, in column convention; see `Derivation.formula`.
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
    name: Name = field(init=False, repr=False)
    """The name of what the step makes, which every walk asks for."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.quantity.name)
