"""The problem set: what an instructor writes, in TOML or JSON."""

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    model_validator,
)

from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.problems.documents import faults, toml
from gradgrade.problems.documents.base import (
    Document,
    Model,
    NotNegative,
    NumberArray,
    Positive,
    as_whole,
    bytes_of,
)
from gradgrade.problems.documents.facts import FactModel
from gradgrade.problems.documents.moments import Moment
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.shorthand import long_form
from gradgrade.problems.documents.structures.code import CodeDefinition
from gradgrade.problems.documents.structures.network import NetworkStructure
from gradgrade.problems.documents.structures.program import ProgramStructure
from gradgrade.problems.documents.structures.structure import Structure
from gradgrade.problems.documents.text import decoded
from gradgrade.problems.documents.tolerance import AnyTolerance, Precision, Rounding
from gradgrade.problems.documents.toml import TomlPlaces
from gradgrade.problems.errors import DocumentError, FieldError

Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=100)]
Title = Annotated[str, Field(max_length=300)]


def _at_most_one(share: Number) -> Number:
    if share.decimal() > 1:
        raise ValueError(f"{share.text} is refused: it must be from 0 to 1")
    return share


MOST_POINTS = 1_000_000
"""Their hundredths, added up or not, fit where databases count."""


def _at_most_points(points: Number) -> Number:
    if points.decimal() > MOST_POINTS:
        raise ValueError(f"{points.text} is refused: it must be at most {MOST_POINTS}")
    return points


Points = Annotated[
    Positive, AfterValidator(_at_most_points), Field(json_schema_extra={"maximum": MOST_POINTS})
]
Share = Annotated[NotNegative, AfterValidator(_at_most_one)]
"""What part of its points an answer earns that is rightly derived from wrong earlier ones."""

Feedback = Literal["score", "parts", "diagnosis"]
"""How much a student is told: points alone; which parts are right; and what went wrong."""

Solutions = Literal["never", "after_due", "after_full_marks"]
"""When a student sees the worked solution of their own variant: never; once nothing more of theirs
is taken; or from full marks on, and then too."""

Hints = Literal["none", "formulas"]
"""What a student is shown beside what is asked: nothing, or the formula of each part."""

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
        if self.count < 1:
            raise FieldError(
                "low", f"{self.low.text} is above high, {self.high.text}: exchange the two"
            )
        if self.count > MOST_GRID_POINTS:
            raise FieldError(
                "step",
                f"{self.step.text} makes more than {MOST_GRID_POINTS} values from low to high: "
                "write a larger step",
            )
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
            raise FieldError(
                "deviation",
                "this field is missing; write it, such as deviation = 0.1"
                if self.deviation is None
                else f"initialization {self.initialization} has none; leave it out",
            )
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


def _range_kind(value: Any) -> str:
    """Return which kind of range is meant, by the fields that are there."""
    if isinstance(value, Initialization):
        return "an initialization"
    is_named = isinstance(value, Mapping) and not value.keys() & {"low", "high", "step"}
    fields = Initialization.model_fields
    is_initialization = is_named and any(faults.nearest(str(name), fields) for name in value)
    return "an initialization" if is_initialization else "a grid"


class Draw(Model):
    """Where drawn values come from; targets are drawn so unless the loss prescribes them."""

    weights: Annotated[
        Annotated[Grid, Tag("a grid")] | Annotated[Initialization, Tag("an initialization")],
        Discriminator(_range_kind),
    ] = _grid("-1", "1", "0.05")
    biases: Grid = _grid("-1", "1", "0.05")
    inputs: Grid = _grid("-1", "1", "0.1")
    targets: Grid = _grid("0", "1", "0.05")


class AskedPart(FactModel):
    """A quantity or group that is asked, or a fact about one, with points of its own."""

    name: str | None = None
    points: Points | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        stated = [each for each in (self.name, *self.facts) if each is not None]
        if not stated:
            raise FieldError("name", 'this field is missing; write it, such as name = "dW1"')
        if len(stated) > 1:
            raise FieldError(
                "name",
                "a part asks one thing: a name, a shape, a count, a jacobian, a quotient or a "
                "relative_difference",
            )
        return self


Asked = Annotated[
    Annotated[str, Tag("a name")] | Annotated[AskedPart, Tag("a part")],
    Discriminator(lambda part: "a part" if isinstance(part, Mapping | AskedPart) else "a name"),
]


class ExerciseDefinition(Structure):
    """One exercise of a problem set: of a network, or of a program."""

    name: Slug
    title: Title = ""
    points: Points = Number("1")
    ask: Annotated[list[Asked], Field(min_length=1)]
    tolerance: AnyTolerance = "auto"
    rounding: Rounding | None = None
    precision: Precision = "binary64"
    carried_forward: Share = Number("0.8")
    given: dict[str, NumberArray] = Field(default_factory=dict)
    hints: Hints | None = None
    code: CodeDefinition | None = None

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        return bytes_of(self.given)

    def range_of(self, quantity: Quantity) -> Grid | Initialization:
        """Return where the values of a given are drawn from."""
        raise NotImplementedError


class NetworkDefinition(NetworkStructure, ExerciseDefinition):
    """An exercise about a network."""

    batch: Batch | None = None
    draw: Draw = Draw()

    def range_of(self, quantity: Quantity) -> Grid | Initialization:
        """Return where the values of a given are drawn from."""
        match quantity.kind:
            case Kind.TARGETS:
                return BINARY if self.targets == "probability" else self.draw.targets
            case Kind.INPUTS:
                return self.draw.inputs
            case Kind.WEIGHTS | Kind.RECURRENT_WEIGHTS:
                return self.draw.weights
        return self.draw.biases


def _ranges_of_arrays(draw: Any) -> Any:
    """Refuse what is no range where a program's arrays are drawn from."""
    if not isinstance(draw, Mapping):
        raise ValueError(_no_range(draw, "draw = { default = [-1, 1, 0.1] }"))
    for name, drawn in draw.items():
        if not isinstance(drawn, Mapping | Grid) or "initialization" in drawn:
            raise FieldError((str(name),), _no_range(drawn, f"{name} = [-1, 1, 0.1]"))
    return draw


def _no_range(written: Any, instead: str) -> str:
    return (
        f"{faults.as_written(written, toml=True)} is no range: a program's arrays are drawn from "
        f"low to high in steps, {instead}; initializations draw weights of networks alone"
    )


class ProgramDefinition(ProgramStructure, ExerciseDefinition):
    """An exercise about a program; `draw` has ranges by the names of arrays, and a `default`."""

    draw: Annotated[dict[str, Grid], BeforeValidator(_ranges_of_arrays)] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _draws_what_is_given(self) -> Self:
        known = [*self.derive(1).given, "default"]
        for name in self.draw:
            if name not in known:
                raise FieldError(("draw", name), faults.unlisted(name, known))
        return self

    def range_of(self, quantity: Quantity) -> Grid | Initialization:
        """Return where the values of a given are drawn from."""
        if quantity.kind is Kind.MASK:
            return BINARY
        return self.draw.get(str(quantity.name), self.draw.get("default", DEFAULT))


BINARY = Grid(low=Number("0"), high=Number("1"), step=Number("1"))
DEFAULT = _grid("-2", "2", "0.1")
"""Where the values of a program's arrays are drawn from, unless it says so."""


def _type_of(exercise: Any) -> str:
    """Return which type of exercise is meant."""
    if isinstance(exercise, Mapping):
        return "a program" if exercise.get("type") == "program" else "a network"
    return "a program" if isinstance(exercise, ProgramDefinition) else "a network"


AnyDefinition = Annotated[
    Annotated[NetworkDefinition, Tag("a network")] | Annotated[ProgramDefinition, Tag("a program")],
    Discriminator(_type_of),
]
DEFINITIONS: TypeAdapter[NetworkDefinition | ProgramDefinition] = TypeAdapter(AnyDefinition)


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
    solutions: Solutions = "never"
    practice: bool = False
    hints: Hints | None = None
    exercises: Annotated[list[AnyDefinition], Field(min_length=1)]

    _text: str = ""  # the TOML that it was read from, whose lines its exercises' faults have

    def __eq__(self, other: object) -> bool:
        """Two sets are equal that say the same, whatever text they were read from."""
        return type(other) is type(self) and self.__dict__ == other.__dict__

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        return sum(each.bytes_kept for each in self.exercises)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        first = dict[str, int]()
        for index, exercise in enumerate(self.exercises):
            if first.setdefault(exercise.name, index) != index:
                raise FieldError(
                    ("exercises", index, "name"),
                    f'"{exercise.name}" is the name of exercise {first[exercise.name] + 1} too: '
                    "write another",
                )
        return self

    @model_validator(mode="after")
    def _late_policy(self) -> Self:
        if self.late_until is not None and self.due is None:
            raise FieldError("late_until", "there is no due, which it comes after; write due too")
        if self.late_until is not None and self.due is not None and self.late_until < self.due:
            raise FieldError(
                "late_until",
                f"{self.late_until.isoformat()} is before due, {self.due.isoformat()}: "
                "write a later time",
            )
        return self

    @model_validator(mode="after")
    def _solutions_are_shown_some_day(self) -> Self:
        if self.solutions == "after_due" and self.due is None:
            raise FieldError(
                "solutions", "there is no due, after which they are shown; write due too"
            )
        return self

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Check data that was read already; shorthand is written out."""
        return cls._in_long_form(data, None)

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read a problem set written in TOML.

        Raises:
            DocumentError: the text is no TOML or no problem set; every fault has its line.
        """
        text = text.removeprefix("\ufeff")
        try:
            data = toml.loads(text)
        except DocumentError as error:
            raise error.within(cls.kind) from None
        if not data:
            raise DocumentError(f"{cls.kind}: there is no field; `gradgrade new FILE` begins a set")
        problem_set = cls._in_long_form(data, TomlPlaces(text))
        problem_set._text = text
        return problem_set

    @classmethod
    def from_text(cls, raw: bytes) -> Self:
        """Read a problem set in TOML, or in JSON, which alone begins with a brace.

        Raises:
            DocumentError: the text cannot be read, or is no problem set.
        """
        text = decoded(raw)
        return cls.from_json(text) if text.lstrip().startswith("{") else cls.from_toml(text)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a problem set from a file, in TOML or JSON.

        Raises:
            DocumentError: the file cannot be read, or is no problem set.
        """
        try:
            raw = Path(path).read_bytes()
        except OSError as error:
            raise DocumentError(f"{path}: {error.strerror}") from None
        try:
            return cls.from_text(raw).with_scripts_of(Path(path).parent)
        except DocumentError as error:
            raise error.within(str(path)) from None

    def with_scripts_of(self, folder: Path) -> Self:
        """Return the set with the scripts that stand in files of a folder, its own, written out.

        Raises:
            DocumentError: a script cannot be read, or is too long.
        """
        if not any(each.code is not None and each.code.file for each in self.exercises):
            return self
        exercises = []
        for each in self.exercises:
            try:
                code = each.code and each.code.read_in(folder)
            except FieldError as error:
                raise self.placed(each.name, error) from None
            exercises.append(each.model_copy(update={"code": code}))
        return self.model_copy(update={"exercises": exercises})

    @classmethod
    def _in_long_form(cls, data: Any, places: TomlPlaces | None) -> Self:
        return cls._checked(long_form(data), written=data, places=places)

    def placed(self, exercise: str, error: FieldError) -> DocumentError:
        """Return what is wrong with an exercise as a whole, with its line where it has one.

        Args:
            exercise: its name.
            error: what is wrong, by its fields.
        """
        index = next(i for i, each in enumerate(self.exercises) if each.name == exercise)
        path = ("exercises", index, *error.path)
        places = TomlPlaces(self._text) if self._text else None
        document = toml.loads(self._text) if self._text else self.to_data()
        return DocumentError(self.kind, [faults.placed(path, error.said, document, places=places)])

    def exercise(self, name: str) -> NetworkDefinition | ProgramDefinition:
        """Return the exercise of this name.

        Raises:
            DocumentError: there is none; the message lists those that there are.
        """
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = ", ".join(exercise.name for exercise in self.exercises)
        raise DocumentError(f"{self.name} has no exercise {name!r}; it has {known}")

    def hints_of(self, exercise: str) -> Hints:
        """Return what is shown beside what an exercise asks: its own, else the set's, else nothing.

        Raises:
            DocumentError: there is no such exercise.

        >>> from gradgrade.problems.catalogue import load
        >>> load("seeds").hints_of("002-tanh-chain")
        'none'
        """
        return self.exercise(exercise).hints or self.hints or "none"

    def to_data(self) -> dict[str, Any]:
        """Return the document without the fields that are not set."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="python") | {
            name: value.isoformat()
            for name in ("due", "late_until")
            if (value := getattr(self, name)) is not None
        }

    def to_text(self) -> str:
        """Write the set as an instructor would, for `from_text`.

        Returns:
            TOML, without what holds unless it is said; JSON where TOML has no such text: there a
            whole number is no -0.

        >>> from gradgrade.problems.catalogue import load
        >>> ProblemSet.from_text(load("seeds").to_text().encode()) == load("seeds")
        True
        """
        # Few write one, and everybody reads them.
        from gradgrade.problems.documents.toml.writing import dumps

        said = self.model_dump(by_alias=True, exclude_defaults=True)
        # What it is called stands first, as people write it.
        exercises = [{"name": each["name"], **each} for each in said["exercises"]]
        text = dumps({**said, "exercises": exercises})
        return text if type(self).from_toml(text) == self else self.to_json()
