"""The answers: what a student submits, as a document or as the bare map of its names.

Whoever reads what was sent reads it here: a file, a request and a body that was kept mean the same.
"""

from collections.abc import Mapping
from math import prod
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema

from gradgrade.oracle.errors import ShapeMismatch
from gradgrade.oracle.nested import build, shape_of
from gradgrade.problems.documents import strict_json
from gradgrade.problems.documents.base import Document, array_schema
from gradgrade.problems.documents.exercise import Exercise
from gradgrade.problems.documents.faults import as_written
from gradgrade.problems.documents.number import Number
from gradgrade.problems.errors import DocumentError, FieldError

_NUMBERS = frozenset({Number})
_DOUBLES = frozenset({float})

_WRITE_ONE = "write one, such as -0.25, or null to leave this part out"
_WRITE_ALL = "write all numbers of this part, or null to leave it out"


def submitted_array(value: Any) -> Any:
    """Return a submitted value as a float or rectangular nested lists of floats.

    None, or an array of nothing else, is a part left out. From JSON every entry is a `Number`,
    hence finite. From Python an entry may be an int or a float of any value, and anything with
    `tolist` (a numpy array) stands for its list; what is not finite is left for the verdict to
    call invalid.

    Raises:
        ValueError: an entry is no number, which a `FieldError` gives the indices of; or the array
            is ragged or empty.
    """
    if isinstance(value, Number):
        return value.double
    if _first_entry(value) is None and _is_blank(value):
        return None
    nested = _floats(value)
    try:
        shape_of(nested)
    except ShapeMismatch as error:
        raise ValueError(f"{as_written(value)} is refused: {error}; {_WRITE_ALL}") from None
    return nested


def _first_entry(value: Any) -> Any:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return value


def _is_blank(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_is_blank, value))
    return value is None


def _floats(value: Any) -> Any:
    if isinstance(value, Number):
        return value.double
    if isinstance(value, (list, tuple)):
        if _NUMBERS.issuperset(map(type, value)):
            return [number.double for number in value]
        if _DOUBLES.issuperset(map(type, value)):
            return list(value)
        return list(map(_entry, value, range(len(value))))
    if hasattr(value, "tolist"):
        return _floats(value.tolist())
    if isinstance(value, float):
        return float(value)
    try:
        return Number.of(value).double
    except DocumentError as error:
        raise FieldError((), _advised(value, str(error))) from None


def _entry(value: Any, index: int) -> Any:
    try:
        return _floats(value)
    except FieldError as error:
        raise FieldError((index, *error.path), error.said) from None


def _advised(value: Any, said: str) -> str:
    """Return why something is no number, and what a student writes instead."""
    if "write" in said:
        return said
    return f"{said}: {_WRITE_ALL if value is None else _WRITE_ONE}"


SubmittedArray = Annotated[
    Any,
    BeforeValidator(submitted_array),
    WithJsonSchema(array_schema({"anyOf": [{"type": "number"}, {"type": "null"}]})),
]


class Answers(Document):
    """Answers to one exercise, by the names of its parts; null where a part is left out."""

    kind: ClassVar[str] = "answers"

    schema_: Literal["gradgrade/answers/1"] = Field(alias="schema", default="gradgrade/answers/1")
    exercise: str | None = None
    answers: dict[str, SubmittedArray]

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Check an answers document, or the bare map of names.

        Raises:
            DocumentError: for each fault the part, its value, what is wrong and what to write.

        >>> Answers.from_data({"loss": True})
        Traceback (most recent call last):
        gradgrade.problems.errors.DocumentError: answers.loss: true is not a number: write one, \
such as -0.25, or null to leave this part out
        """
        if isinstance(data, Mapping) and _is_bare(data):
            data = {"answers": data}
        try:
            return super().from_data(data)
        except DocumentError as error:
            # The way to a part begins with the word that the document is called by.
            if error.faults and all(each.path[:1] == (cls.kind,) for each in error.faults):
                raise DocumentError("", error.faults) from None
            raise

    @classmethod
    def from_submission(cls, data: Mapping[str, Any]) -> Self:
        """Check what is handed in: an answers document; or one, or its bare map, as `answers`.

        Raises:
            DocumentError: they are refused, or one document stands within another.

        >>> Answers.from_submission({"answers": {"exercise": "2f", "answers": {"loss": 0.24}}})
        Answers(schema_='gradgrade/answers/1', exercise='2f', answers={'loss': 0.24})
        """
        inner = data["answers"]
        if _is_bare(inner):
            return cls.from_data(data)
        if data.keys() - {"answers"}:
            raise DocumentError("request: answers: an answers document stands within another")
        try:
            return cls.from_data(inner)
        except DocumentError as error:
            raise error.below("answers") from None

    def filled_in(self) -> Self:
        """Return the answers, at least one of which is there; nobody means to hand in nothing.

        Raises:
            DocumentError: there is none.

        >>> Answers.of({"loss": 0.24, "dW1": None}).filled_in().answers
        {'loss': 0.24, 'dW1': None}
        """
        if all(value is None for value in self.answers.values()):
            raise DocumentError("answers: nothing is filled in: write numbers in place of null")
        return self

    @classmethod
    def of(cls, answers: "Answers | Mapping[str, Any]") -> "Answers":
        """Return answers in any of their forms as a document.

        Raises:
            DocumentError: they are refused.

        >>> Answers.of({"loss": 0.24}).answers
        {'loss': 0.24}
        """
        if isinstance(answers, Answers):
            return answers
        if not isinstance(answers, Mapping):
            raise DocumentError("answers: a map from names to numbers or arrays is needed")
        return cls.from_data(answers)


def written_answers(data: Mapping[str, Any]) -> Any:
    """Return the map in an answers document, or the bare one itself: the numerals as written.

    >>> written_answers(strict_json.loads('{"exercise": "2f", "answers": {"loss": 0.10}}'))
    {'loss': Number('0.10')}
    """
    return data if _is_bare(data) else data.get("answers")


def submitted_answers(body: bytes) -> dict[str, Any]:
    """Return the map in a submission's body that was kept, its numerals as they were written.

    Args:
        body: what `Answers.from_submission` takes, as JSON.

    Raises:
        DocumentError: it cannot be read.

    >>> submitted_answers(b'{"answers": {"exercise": "2f", "answers": {"loss": 0.10}}}')
    {'loss': Number('0.10')}
    """
    data = strict_json.loads(body)
    answers = data.get("answers") if isinstance(data, Mapping) else None
    if isinstance(answers, Mapping):
        answers = written_answers(answers)
    if not isinstance(answers, dict):
        raise DocumentError("answers: the body has no map of them")
    return answers


def blank_answers(exercise: Exercise) -> dict[str, Any]:
    """Return an answers document in the right shapes, with None in every place.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "002-tanh-chain", student="1", secret=b"0")
    >>> blank_answers(exercise)["answers"]["dW1"]
    [[None]]
    """
    return {
        "schema": "gradgrade/answers/1",
        "exercise": exercise.id,
        "answers": {part.name: _nulls(tuple(part.shape)) for part in exercise.ask},
    }


def _nulls(shape: tuple[int, ...]) -> Any:
    return build([None] * prod(shape), shape)


def _is_bare(data: Mapping[str, Any]) -> bool:
    return "answers" not in data and "schema" not in data
