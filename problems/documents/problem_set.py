"""The problem set: what an instructor writes, in TOML or JSON."""

import tomllib
from collections import Counter
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gradgrade.problems.documents.base import (
    Document,
    Model,
    NotNegative,
    NumberArray,
    Positive,
    as_whole,
    bytes_of,
)
from gradgrade.problems.documents.moments import Moment
from gradgrade.problems.documents.network import Structure
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.text import decoded
from gradgrade.problems.documents.tolerance import AnyTolerance, Precision, Rounding
from gradgrade.problems.errors import DocumentError

Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=100)]
Title = Annotated[str, Field(max_length=300)]


def _at_most_one(share: Number) -> Number:
    if share.decimal() > 1:
        raise ValueError(f"must be from 0 to 1 (got {share.text})")
    return share


MOST_POINTS = 1_000_000
"""Their hundredths, added up or not, fit where databases count."""


def _at_most_points(points: Number) -> Number:
    if points.decimal() > MOST_POINTS:
        raise ValueError(f"must be at most {MOST_POINTS} (got {points.text[:60]})")
    return points


Points = Annotated[
    Positive, AfterValidator(_at_most_points), Field(json_schema_extra={"maximum": MOST_POINTS})
]
Share = Annotated[NotNegative, AfterValidator(_at_most_one)]
"""What part of its points an answer earns that is rightly derived from wrong earlier ones."""

Feedback = Literal["score", "parts", "diagnosis"]
"""How much a student is told: points alone; which parts are right; and what went wrong."""

Attempts = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(as_whole)]

Batch = Annotated[int, Field(ge=1, le=10_000), BeforeValidator(as_whole)]

MOST_GRID_POINTS = 1_000_000
MOST_GRID_DIGITS = 1_000


class Grid(Model):
    """Values are drawn from low + i·step, up to high."""

    low: Number
    high: Number
    step: Positive

    @model_validator(mode="after")
    def _has_points(self) -> "Grid":
        if not 1 <= self.count <= MOST_GRID_POINTS:
            raise ValueError(f"a grid needs 1 to {MOST_GRID_POINTS} points; this has {self.count}")
        return self

    @property
    def count(self) -> int:
        """How many grid points there are."""
        low, high, step = (Fraction(each.decimal()) for each in (self.low, self.high, self.step))
        return int((high - low) // step) + 1 if high >= low else 0

    def point(self, index: int) -> Decimal:
        """Return low + index·step, exactly."""
        exactly = Context(prec=MOST_GRID_DIGITS)
        offset = exactly.multiply(self.step.decimal(), Decimal(index))
        return exactly.add(self.low.decimal(), offset)


def _grid(low: str, high: str, step: str) -> Grid:
    return Grid(low=Number(low), high=Number(high), step=Number(step))


class Initialization(Model):
    """Weights as networks are initialized, rounded to `places` decimals.

    `he`: normal with variance 2 / fan-in; `xavier`: normal with variance 2 / (fan-in + fan-out);
    `normal`: normal with `deviation`; `zero`. Fan-in and fan-out are the columns and rows of the
    weights' matrix, a kernel being a row. A uniform initialization is a grid.
    """

    initialization: Literal["he", "xavier", "normal", "zero"]
    deviation: Positive | None = None
    places: Annotated[int, Field(ge=1, le=20), BeforeValidator(as_whole)] = 4

    @model_validator(mode="after")
    def _deviation_where_needed(self) -> Self:
        if (self.initialization == "normal") != (self.deviation is not None):
            raise ValueError("deviation: given with initialization normal, and only there")
        return self

    def variance(self, *, fan_in: int, fan_out: int) -> Fraction:
        """Return the variance of the weights of a matrix."""
        if self.deviation is not None:
            return Fraction(self.deviation.decimal()) ** 2
        return {
            "he": Fraction(2, fan_in),
            "xavier": Fraction(2, fan_in + fan_out),
            "zero": Fraction(0),
        }[self.initialization]


class Draw(Model):
    """Where drawn values come from; targets are drawn so unless the loss prescribes them."""

    weights: Grid | Initialization = _grid("-1", "1", "0.05")
    biases: Grid = _grid("-1", "1", "0.05")
    inputs: Grid = _grid("-1", "1", "0.1")
    targets: Grid = _grid("0", "1", "0.05")


class AskedPart(Model):
    """A quantity or group that is asked, with points of its own."""

    name: str
    points: Points | None = None


class ExerciseDefinition(Structure):
    """One exercise of a problem set."""

    name: Slug
    title: Title = ""
    points: Points = Number("1")
    batch: Batch | None = None
    ask: Annotated[list[str | AskedPart], Field(min_length=1)]
    tolerance: AnyTolerance = "auto"
    rounding: Rounding | None = None
    precision: Precision = "binary64"
    carried_forward: Share = Number("0.8")
    draw: Draw = Draw()
    given: dict[str, NumberArray] = Field(default_factory=dict)

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        return bytes_of(self.given)


class ProblemSet(Document):
    """A problem set."""

    kind: ClassVar[str] = "problem-set"

    schema_: Literal["gradgrade/problem-set/1"] = Field(alias="schema")
    name: Slug
    title: Title = ""
    due: Moment | None = None
    late_until: Moment | None = None
    late_penalty: Share | None = None
    attempts: Attempts | None = None
    feedback: Feedback = "diagnosis"
    after_due: Feedback | None = None
    exercises: Annotated[list[ExerciseDefinition], Field(min_length=1)]

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        return sum(each.bytes_kept for each in self.exercises)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        name, count = Counter(exercise.name for exercise in self.exercises).most_common(1)[0]
        if count > 1:
            raise ValueError(f"two exercises are named {name!r}")
        return self

    @model_validator(mode="after")
    def _late_policy(self) -> Self:
        if self.late_until is not None and self.due is None:
            raise ValueError("late_until: given with due, and only there")
        if self.late_until is not None and self.due is not None and self.late_until < self.due:
            raise ValueError(f"late_until: {self.late_until.isoformat()} is before due")
        return self

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read a problem set written in TOML.

        Raises:
            DocumentError: the text is no TOML (the message has its line) or no problem set.
        """
        try:
            data = tomllib.loads(text, parse_float=_toml_number)
        except DocumentError as error:
            raise DocumentError(f"{cls.kind}: {error}") from None
        except tomllib.TOMLDecodeError as error:
            raise DocumentError(f"{cls.kind}: not TOML: {error}") from None
        except (ValueError, RecursionError):
            raise DocumentError(
                f"{cls.kind}: not TOML that can be read: a number too long, or nested too deep"
            ) from None
        return cls.from_data(data)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a problem set from a file: JSON where the name ends in `.json`, TOML otherwise.

        Raises:
            DocumentError: the file cannot be read, or is no problem set.
        """
        path = Path(path)
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise DocumentError(f"{path}: {error.strerror}") from None
        if path.suffix == ".json":
            return cls.from_json(raw)
        try:
            text = decoded(raw)
        except DocumentError as error:
            raise DocumentError(f"{path}: {error}") from None
        return cls.from_toml(text)

    def exercise(self, name: str) -> ExerciseDefinition:
        """Return the exercise of this name.

        Raises:
            DocumentError: there is none; the message lists those that there are.
        """
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = ", ".join(exercise.name for exercise in self.exercises)
        raise DocumentError(f"{self.name} has no exercise {name!r}; it has {known}")

    def to_data(self) -> dict[str, Any]:
        """Return the document without the fields that are not set."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="python") | {
            name: value.isoformat()
            for name in ("due", "late_until")
            if (value := getattr(self, name)) is not None
        }


def _toml_number(text: str) -> Number:
    return Number(text.replace("_", "").removeprefix("+"))
