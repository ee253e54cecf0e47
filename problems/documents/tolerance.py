"""How documents write a tolerance, and what the oracle makes of it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from gradgrade.oracle.accuracy.tolerance import Decimals, Significant, Tolerance, Within
from gradgrade.problems.documents.base import Model, NotNegative, as_whole
from gradgrade.problems.documents.faults import as_written, nearest

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
            raise ValueError(
                "either decimals or significant is needed, and not both: write { decimals = 4 }"
            )
        return self

    def rule(self) -> Tolerance:
        """Return how far one value is from what it is rounded or truncated to."""
        if self.decimals is not None:
            return Decimals(decimals=self.decimals)
        assert self.significant is not None
        return Significant(significant=self.significant)


def _kind(tolerance: Any) -> str:
    """Return which kind of tolerance is meant, by the fields that are there."""
    if isinstance(tolerance, RelativeTolerance | DecimalsTolerance | SignificantTolerance):
        return next(iter(type(tolerance).model_fields))
    if not isinstance(tolerance, Mapping) or not tolerance:
        return AUTO
    meant = [nearest(str(field), KINDS) for field in tolerance]
    named = [each for each in meant if each is not None]
    return "relative" if not named or "absolute" in named else named[0]


def _is_auto(tolerance: Any) -> Any:
    if tolerance != AUTO:
        raise ValueError(
            f'{as_written(tolerance)} is no tolerance: write "auto", {{ relative = 1e-6 }}, '
            "{ decimals = 4 } or { significant = 4 }"
        )
    return tolerance


AUTO = "auto"
KINDS = ("relative", "absolute", "decimals", "significant")

ExplicitTolerance = RelativeTolerance | DecimalsTolerance | SignificantTolerance
AnyTolerance = Annotated[
    Annotated[Literal["auto"], BeforeValidator(_is_auto), Tag(AUTO)]
    | Annotated[RelativeTolerance, Tag("relative")]
    | Annotated[DecimalsTolerance, Tag("decimals")]
    | Annotated[SignificantTolerance, Tag("significant")],
    Discriminator(_kind),
]
"""`"auto"` is derived for every entry, from the exercise's precision and rounding."""

Precision = Literal["binary64", "binary32"]
"""What students' code computes in, where the tolerance is derived."""
