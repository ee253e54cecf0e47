"""What can be asked beside quantities: a shape, a count, a Jacobian."""

from typing import Annotated, Literal

from pydantic import Field

from gradgrade.oracle import Derivation
from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.derivation.facts import (
    CountOf,
    Fact,
    JacobianOf,
    ShapeOf,
    appended,
    count_step,
    shape_step,
)
from gradgrade.oracle.programs.jacobian import jacobian_steps
from gradgrade.problems.documents.base import Model

MOST_OF_EXTENDED = 32 * MEBIBYTE


class FactModel(Model):
    """A fact that is asked, where one is."""

    shape_of: Annotated[str | None, Field(alias="shape")] = None
    count: Literal["parameters"] | None = None
    jacobian: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None

    @property
    def facts(self) -> tuple[object, ...]:
        """What is stated of each kind of fact."""
        return self.shape_of, self.count, self.jacobian

    @property
    def fact(self) -> Fact | None:
        """What is asked; None where it is a quantity."""
        if self.shape_of is not None:
            return ShapeOf(self.shape_of)
        if self.count is not None:
            return CountOf(self.count)
        if self.jacobian is not None:
            of, by = self.jacobian
            return JacobianOf(of, by)
        return None


def extended(derivation: Derivation, facts: tuple[Fact, ...]) -> Derivation:
    """Return a derivation that states facts too; the same object for the same ones.

    Raises:
        ValueError: there is no such fact.
    """
    return _extended(derivation, facts) if facts else derivation


@kept_within(MOST_OF_EXTENDED)
def _extended(derivation: Derivation, facts: tuple[Fact, ...]) -> Derivation:
    for fact in facts:
        match fact:
            case ShapeOf():
                derivation = appended(derivation, shape_step(derivation, fact))
            case CountOf():
                derivation = appended(derivation, count_step(derivation, fact))
            case JacobianOf():
                derivation = appended(derivation, *jacobian_steps(derivation, fact))
    return derivation
