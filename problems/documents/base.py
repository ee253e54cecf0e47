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

from gradgrade.oracle.nested import flatten, shape_of
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.text import printable
from gradgrade.problems.errors import DocumentError

LONGEST_PLACE = 200

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
        if not isinstance(data, Mapping):
            raise DocumentError(f"{cls.kind}: the document must be an object")
        expected = f"gradgrade/{cls.kind}/1"
        if data.get("schema", expected) != expected:
            raise DocumentError(f"{cls.kind}: schema: {data['schema']!r} is not {expected!r}")
        return checked(cls, data, cls.kind)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read and check a JSON document."""
        try:
            data = strict_json.loads(text)
        except DocumentError as error:
            raise DocumentError(f"{cls.kind}: {error}") from None
        return cls.from_data(data)

    def to_data(self) -> dict[str, Any]:
        """Return the document as dict, list, str, bool, None, int and `Number`."""
        return self.model_dump(by_alias=True)

    def to_json(self) -> str:
        """Write the document; the same document gives the same bytes."""
        return strict_json.dumps(self.to_data())


AnyModel = TypeVar("AnyModel", bound=Model)


def checked(model: type[AnyModel], data: Mapping[str, Any], place: str) -> AnyModel:
    """Return data as a model.

    Raises:
        DocumentError: one line: `place`, the field, why it is refused and its value.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise DocumentError(f"{place}: {explain(error)}") from None


def explain(error: ValidationError) -> str:
    """Return a validation error as one line: the first field at fault, why, and its value.

    >>> class Point(Model):
    ...     x: int
    >>> try:
    ...     Point(x="three")
    ... except ValidationError as error:
    ...     print(explain(error))
    x: Input should be a valid integer (got 'three')
    """
    errors = error.errors(include_url=False)
    first = errors[0]
    place = ""
    for part in first["loc"]:
        if isinstance(part, int):
            place += f"[{part}]"
        elif not str(part).startswith(("function-", "tagged-")):
            place += f".{part}" if place else str(part)
    cause = first.get("ctx", {}).get("error")
    if cause is not None:
        message = str(cause)
    elif first["type"] == "missing":
        message = "this field is missing"
    elif first["type"] == "extra_forbidden":
        message = "there is no such field"
    else:
        message = f"{first['msg']} (got {_shown(first['input'])})"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    place = printable(place)
    if len(place) > LONGEST_PLACE:
        place = place[:LONGEST_PLACE] + "…"
    # A message may quote what was sent.
    message = printable(message)
    return f"{place}: {message}{more}" if place else message + more


def _shown(value: Any) -> str:
    text = value.text if isinstance(value, Number) else repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


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
        raise ValueError(f"must be positive (got {number.text})")
    return number


def not_negative(number: Number) -> Number:
    """Refuse a number below 0."""
    if number.decimal() < 0:
        raise ValueError(f"must not be negative (got {number.text})")
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
        raise ValueError(f"must be at least 0 and below 1 (got {number.text})")
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
            raise ValueError(f"{name!r} is not one of {', '.join(self.names)}")
        return name


def number_array(value: Any) -> Any:
    """Return nested sequences as nested lists of `Number`; refuse ragged and empty ones."""
    numbers = _numbers(value)
    shape_of(numbers)
    return numbers


def _numbers(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_numbers(entry) for entry in value]
    return Number.of(value)


def array_schema(*also: str) -> dict[str, Any]:
    """Return the JSON Schema of a number or an array of numbers, or of these types too."""
    others = [{"type": each} for each in also]
    return {
        "anyOf": [{"type": "number"}, {"type": "array", "minItems": 1}, *others],
        "description": "A number, or a rectangular array of them, at most four levels deep.",
    }


NumberArray = Annotated[Any, BeforeValidator(number_array), WithJsonSchema(array_schema())]
"""A number or nested lists of numbers, rectangular and not empty."""


def bytes_of(given: Mapping[str, Any]) -> int:
    """Return how many bytes an exercise keeps alive that gives these arrays, about."""
    return BYTES_OF_EXERCISE + BYTES_OF_NUMBER * sum(len(flatten(each)) for each in given.values())
