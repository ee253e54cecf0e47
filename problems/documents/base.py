"""What all documents share: strictness, one-line errors, JSON in and out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import core_schema

from gradgrade.oracle.errors import ShapeMismatch
from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems.documents import faults, strict_json
from gradgrade.problems.documents.number import Number
from gradgrade.problems.errors import DocumentError

DEEPEST = 4
"""How many levels an array has at most: a convolution's kernels have so many axes."""

BYTES_OF_EXERCISE, BYTES_OF_NUMBER = 20_000, 150
"""What is kept alive of an exercise beside its given numbers, and of one of those with its text."""


class Model(BaseModel):
    """A part of a document: frozen, no unknown fields, no coercion."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, populate_by_name=True
    )


class Document(Model):
    """A document with a `schema` of its own.

    `from_json` and `to_json` are each other's inverse. The field `schema` is the attribute
    `schema_`, since every pydantic model has another `schema`.
    """

    kind: ClassVar[str]

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Check data that was read already: dict, list, str, bool, None, `Number`.

        Raises:
            DocumentError: one line that names the field and shows the value.
        """
        return cls._checked(data)

    @classmethod
    def _checked(
        cls, data: Any, *, written: Any = None, places: faults.Places | None = None
    ) -> Self:
        """Check data; see `faults.faults` for what it was made from."""
        if not isinstance(data, Mapping):
            raise DocumentError(f"{cls.kind}: the document must be an object")
        expected = f"gradgrade/{cls.kind}/1"
        if data.get("schema", expected) != expected:
            # What is another document is not held to the fields of this one.
            shown = faults.as_written(data["schema"])
            said = f'{shown} is not what is read here: schema must be "{expected}"'
            told = faults.placed(("schema",), said, data, places=places)
            raise DocumentError(cls.kind, [told])
        return checked(cls, data, cls.kind, written=written, places=places)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read and check a JSON document."""
        try:
            data = strict_json.loads(text)
        except DocumentError as error:
            raise error.within(cls.kind) from None
        return cls.from_data(data)

    def to_data(self) -> dict[str, Any]:
        """Return the document as dict, list, str, bool, None, int and `Number`."""
        return self.model_dump(by_alias=True)

    def to_json(self) -> str:
        """Write the document; the same document gives the same bytes."""
        return strict_json.dumps(self.to_data())


def without_none(dumped: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what a model was dumped as, without one of its fields where that is None."""
    return {each: value for each, value in dumped.items() if each != name or value is not None}


AnyModel = TypeVar("AnyModel", bound=BaseModel)


def checked(
    model: type[AnyModel],
    data: Any,
    place: str,
    *,
    written: Any = None,
    places: faults.Places | None = None,
) -> AnyModel:
    """Return data as a model.

    Args:
        model: what checks it.
        data: what was read.
        place: what it is: a kind of document, a request.
        written: what `data` was made from by writing shorthand out.
        places: where its values stand in a text.

    Raises:
        DocumentError: for each fault the field, its value, what is wrong and what to write.

    >>> class Point(Model):
    ...     x: int
    >>> checked(Point, {"x": "three"}, "point")
    Traceback (most recent call last):
    gradgrade.problems.errors.DocumentError: point: x: "three" is not a whole number but text
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        told = faults.faults(model, found, data, written=written, places=places)
        raise DocumentError(place, told) from None


def as_whole(value: Any) -> Any:
    """Return a numeral without fraction or exponent as an int; the rest as it is."""
    if isinstance(value, Number) and value.text.lstrip("-").isdigit():
        return int(value.text)
    return value


Whole = Annotated[int, BeforeValidator(as_whole)]
"""A whole number; 4.0 is not one."""

Count = Annotated[int, Field(ge=1), BeforeValidator(as_whole)]
"""A whole number of at least one."""


def positive(number: Number) -> Number:
    """Refuse a number that is not above 0."""
    if number.decimal() <= 0:
        raise ValueError(f"{number.text} is refused: it must be above 0")
    return number


def not_negative(number: Number) -> Number:
    """Refuse a number below 0."""
    if number.decimal() < 0:
        raise ValueError(f"{number.text} is refused: it must be at least 0")
    return number


Positive = Annotated[
    Number, AfterValidator(positive), Field(json_schema_extra={"exclusiveMinimum": 0})
]
NotNegative = Annotated[
    Number, AfterValidator(not_negative), Field(json_schema_extra={"minimum": 0})
]


def below_one(number: Number) -> Number:
    """Refuse a number that is not from 0 to below 1."""
    if not 0 <= number.decimal() < 1:
        raise ValueError(f"{number.text} is refused: it must be at least 0 and below 1")
    return number


Fraction01 = Annotated[
    Number,
    AfterValidator(below_one),
    Field(json_schema_extra={"minimum": 0, "exclusiveMaximum": 1}),
]


@dataclass(frozen=True)
class OneOf:
    """Marks a string that must be one of these names: `Annotated[str, OneOf(names)]`."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Check the string after it was found to be one."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """List the names."""
        return {"type": "string", "enum": list(self.names)}

    def check(self, name: str) -> str:
        """Refuse a name that is not among them, and tell which are."""
        if name not in self.names:
            raise ValueError(faults.unlisted(name, self.names))
        return name


def number_array(value: Any) -> Any:
    """Return nested sequences as nested lists of `Number`; refuse ragged and empty ones."""
    numbers = _numbers(value)
    try:
        shape_of(numbers)
    except ShapeMismatch as error:
        raise DocumentError(f"{faults.as_written(value)} is refused: {error}") from None
    return numbers


def _numbers(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_numbers(entry) for entry in value]
    return Number.of(value)


def nested_schemas(entry: dict[str, Any], *, levels: int = DEEPEST) -> list[dict[str, Any]]:
    """Return the JSON Schemas of an entry, and of arrays of such entries, some levels deep.

    >>> nested_schemas({"type": "number"}, levels=1)
    [{'type': 'number'}, {'type': 'array', 'minItems': 1, 'items': {'type': 'number'}}]
    """
    inner = nested_schemas(entry, levels=levels - 1) if levels > 1 else [entry]
    items = inner[0] if len(inner) == 1 else {"anyOf": inner}
    return [entry, {"type": "array", "minItems": 1, "items": items}]


def array_schema(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of an entry, or of a rectangular array of such entries."""
    return {
        "anyOf": nested_schemas(entry),
        "description": "A number, or a rectangular array of them, at most four levels deep.",
    }


NumberArray = Annotated[
    Any, BeforeValidator(number_array), WithJsonSchema(array_schema({"type": "number"}))
]
"""A number or nested lists of numbers, rectangular and not empty."""


def bytes_of(given: Mapping[str, Any]) -> int:
    """Return how many bytes an exercise keeps alive that gives these arrays, about."""
    return BYTES_OF_EXERCISE + BYTES_OF_NUMBER * sum(len(flatten(each)) for each in given.values())
