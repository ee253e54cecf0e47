"""How documents write a tolerance, and what the oracle makes of it."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

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
    for model, tag in _TAGS.items():
        if isinstance(tolerance, model):
            return tag
    if not isinstance(tolerance, Mapping):
        return AUTO
    near = [
        tag
        for model, tag in _TAGS.items()
        if any(nearest(str(field), model.model_fields) for field in tolerance)
    ]
    # Of several kinds, and of none, it is no tolerance.
    return near[0] if len(near) == 1 else AUTO


def _is_auto(tolerance: Any) -> Any:
    if tolerance != AUTO:
        raise ValueError(
            f"{as_written(tolerance, toml=True)} is no tolerance: write "
            '"auto", { relative = 1e-6 }, { decimals = 4 } or { significant = 4 }'
        )
    return tolerance


AUTO = "auto"
_TAGS: Mapping[type[Model], str] = MappingProxyType(
    {
        RelativeTolerance: "a relative tolerance",
        DecimalsTolerance: "a tolerance in decimals",
        SignificantTolerance: "a tolerance in digits",
    }
)

ExplicitTolerance = RelativeTolerance | DecimalsTolerance | SignificantTolerance
# An enumeration: programs that make clients stop at a const where a union goes on.
_AUTO_SCHEMA = WithJsonSchema({"type": "string", "enum": [AUTO]})

AnyTolerance = Annotated[
    Annotated[Literal["auto"], BeforeValidator(_is_auto), _AUTO_SCHEMA, Tag(AUTO)]
    | Annotated[RelativeTolerance, Tag(_TAGS[RelativeTolerance])]
    | Annotated[DecimalsTolerance, Tag(_TAGS[DecimalsTolerance])]
    | Annotated[SignificantTolerance, Tag(_TAGS[SignificantTolerance])],
    Discriminator(_kind),
]
"""`"auto"` is derived for every entry, from the exercise's precision and rounding."""

Precision = Literal["binary64", "binary32"]
"""What students' code computes in, where the tolerance is derived."""
