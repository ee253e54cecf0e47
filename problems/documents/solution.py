"""The solution: what an instructor sees of an exercise, and a student once their set shows it."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from gradgrade.problems.documents.base import Document, Model, Whole


class SolutionValue(Model):
    """One quantity: its digits, its correctly rounded doubles, and an absolute error bound."""

    value: Any
    float64: Any
    error_bound: str


class SolutionDocument(Document):
    """The values of all quantities of an exercise.

    `left_out` names those that nothing asked depends on, where one of them has no value.
    """

    kind: ClassVar[str] = "solution"

    schema_: Literal["gradgrade/solution/1"] = Field(alias="schema")
    exercise: str
    digits: Whole
    gradient_norms: dict[str, str]
    values: dict[str, SolutionValue]
    left_out: list[str] = Field(default_factory=list)
