"""How documents write a tolerance, and what the oracle makes of it."""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from gradgrade.oracle.accuracy.tolerance import Decimals, Significant, Tolerance, Within
from gradgrade.problems.documents.base import Model, NotNegative, as_whole

Places = Annotated[int, Field(ge=0, le=300), BeforeValidator(as_whole)]
Digits = Annotated[int, Field(ge=1, le=300), BeforeValidator(as_whole)]


class RelativeTolerance(Model):
    """|Δ| ≤ absolute + relative·|expected|."""

    relative: NotNegative
    absolute: NotNegative

    def rule(self) -> Tolerance:
        """Return the oracle's rule."""
        relative, absolute = self.relative.decimal(), self.absolute.decimal()
        return Within(relative=Fraction(relative), absolute=Fraction(absolute))


class DecimalsTolerance(Model):
    """|Δ| ≤ 10^−k, so that k decimals pass rounded or truncated."""

    decimals: Places

    def rule(self) -> Tolerance:
        """Return the oracle's rule."""
        return Decimals(decimals=self.decimals)


class SignificantTolerance(Model):
    """|Δ| ≤ one unit of the expected value's k-th significant digit; an expected 0 takes 0."""

    significant: Digits

    def rule(self) -> Tolerance:
        """Return the oracle's rule."""
        return Significant(significant=self.significant)


class Rounding(Model):
    """Students may round every intermediate value so."""

    decimals: Places | None = None
    significant: Digits | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Rounding":
        if (self.decimals is None) == (self.significant is None):
            raise ValueError("give either decimals or significant")
        return self

    def rule(self) -> Tolerance:
        """Return how far one value is from what it is rounded or truncated to."""
        if self.decimals is not None:
            return Decimals(decimals=self.decimals)
        assert self.significant is not None
        return Significant(significant=self.significant)


ExplicitTolerance = RelativeTolerance | DecimalsTolerance | SignificantTolerance
AnyTolerance = Literal["auto"] | ExplicitTolerance
"""`"auto"` is derived for every entry, from the exercise's precision and rounding."""

Precision = Literal["binary64", "binary32"]
"""What students' code computes in, where the tolerance is derived."""
