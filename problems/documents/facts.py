"""What can be asked beside quantities: a shape, a count, a Jacobian."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gradgrade.oracle import Derivation
from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.derivation.difference_quotients import difference_steps, quotient_steps
from gradgrade.oracle.derivation.facts import (
    CountOf,
    Fact,
    JacobianOf,
    QuotientOf,
    RelativeDifferenceOf,
    ShapeOf,
    appended,
    count_step,
    shape_step,
)
from gradgrade.oracle.programs.jacobian import jacobian_steps
from gradgrade.problems.documents.base import Model, Positive
from gradgrade.problems.errors import FieldError

MOST_OF_EXTENDED = 32 * MEBIBYTE


class FactModel(Model):
    """A fact that is asked, where one is."""

    shape_of: Annotated[str | None, Field(alias="shape")] = None
    count: Literal["parameters"] | None = None
    jacobian: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    quotient: str | None = None
    relative_difference: str | None = None
    h: Positive | None = None

    @model_validator(mode="after")
    def _has_a_step(self) -> Self:
        checks = self.quotient is not None or self.relative_difference is not None
        if checks != (self.h is not None):
            raise FieldError(
                "h",
                "a quotient needs a step; write it, such as h = 0.01"
                if checks
                else "it is the step of a quotient or relative_difference; leave it out",
            )
        return self

    @property
    def facts(self) -> tuple[object, ...]:
        """What is stated of each kind of fact."""
        return self.shape_of, self.count, self.jacobian, self.quotient, self.relative_difference

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
        if self.h is None:
            return None
        # h stands for the decimal that is written, whatever the arithmetic of the exercise.
        h = Fraction(self.h.decimal())
        if self.quotient is not None:
            return QuotientOf(self.quotient, h)
        return RelativeDifferenceOf(str(self.relative_difference), h)


def extended(derivation: Derivation, facts: tuple[Fact, ...]) -> Derivation:
    """Return a derivation that states facts too; the same object for the same ones.

    Raises:
        ValueError: there is no such fact, or quotients by one given have several steps; or
            something else has the name already.
    """
    check_steps(facts)
    for name in (each.name for each in facts):
        if name in derivation.given or derivation.find(name) is not None:
            raise ValueError(
                f"{name} is what it is called, and the name of a line or an array: rename that"
            )
    return _extended(derivation, facts) if facts else derivation


def check_steps(facts: Iterable[Fact]) -> None:
    """Refuse several steps of one given's quotients: they are one quantity, whoever asks for it.

    Raises:
        ValueError: there are several.
    """
    steps = dict[str, Fraction]()
    for each in (each for each in facts if isinstance(each, QuotientOf | RelativeDifferenceOf)):
        if steps.setdefault(each.by, each.h) != each.h:
            raise ValueError(f"quotients by {each.by} have one h: write the same in all of them")


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
            case QuotientOf():
                derivation = _with_quotients(derivation, fact)
            case RelativeDifferenceOf():
                derivation = _with_quotients(derivation, QuotientOf(fact.by, fact.h))
                derivation = appended(derivation, *difference_steps(derivation, fact))
    return derivation


def _with_quotients(derivation: Derivation, fact: QuotientOf) -> Derivation:
    """Return a derivation with difference quotients, which may be there already."""
    if fact.name in derivation.results:
        return derivation
    return appended(derivation, *quotient_steps(derivation, fact))
