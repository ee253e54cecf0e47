"""The verdict: what grading says. Its codes and notes are stable words for reports."""

import json
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from gradgrade.problems.documents.base import Document, Model, nested_schemas
from gradgrade.problems.documents.number import Number

PartOutcome = Literal["correct", "carried_forward", "incorrect", "missing", "invalid", "not_judged"]
Outcome = Literal["correct", "partial", "incorrect", "invalid"]
EntryCode = Literal["ok", "follows", "rounding", "sign", "scale", "transposed", "wrong"]
Note = Literal[
    "correct",
    "missing",
    "wrong_shape",
    "not_finite",
    "not_judged",
    "wrong_entries",
    "rounded_early",
    "rounded_at_the_end",
    "single_precision",
    "carried_forward",
]


def _plain(value: Any) -> Any:
    """Return a numeral of a document as the int or float that Python users compare with."""
    if not isinstance(value, Number):
        return value
    double = value.double
    return int(double) if double.is_integer() else double


Score = Annotated[int | float, BeforeValidator(_plain)]
"""Points, exact to a hundredth."""


class MatchedMisconception(Model):
    """A known mistake that explains a part's entries."""

    code: str
    title: str
    explanation: str
    share: Score


def _entries_schema() -> dict[str, Any]:
    codes = {"type": "string", "enum": list(get_args(EntryCode))}
    return {
        "anyOf": [*nested_schemas(codes), {"type": "null"}],
        "description": "A code for each entry, nested as the answer is.",
    }


class PartVerdict(Model):
    """What grading says of one part.

    `entries` has the answer's shape, a code for each entry; null where nothing was judged: the part
    is missing or invalid, or another part of the submission is invalid.
    """

    name: str
    outcome: PartOutcome
    score: Score
    max_score: Score
    entries: Annotated[Any, WithJsonSchema(_entries_schema())]
    note: Note
    feedback: str
    misconceptions: list[MatchedMisconception] = Field(default_factory=list)


class Verdict(Document):
    """What grading says of a submission."""

    kind: ClassVar[str] = "verdict"

    schema_: Literal["gradgrade/verdict/1"] = Field(alias="schema")
    exercise: str
    grader: str
    outcome: Outcome
    score: Score
    max_score: Score
    first_error: str | None
    parts: list[PartVerdict]

    @property
    def is_valid(self) -> bool:
        """Whether it counts: one on malformed answers earns no points, and spends no attempt."""
        return self.outcome != "invalid"

    @cached_property
    def line(self) -> str:
        """The document as JSON on one line: as it is stored and replied, again and again."""
        return json.dumps(self.to_data(), ensure_ascii=False)
