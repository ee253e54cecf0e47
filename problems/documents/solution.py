"""The solution: what an instructor sees of an exercise, and a student once their set shows it."""

from typing import Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from gradgrade.problems.documents.base import Document, Model, Whole, without_none

Check = Literal["full", "fast"]
"""How the solutions of many variants are checked: each by the reference, or some of them."""


class SolutionValue(Model):
    """One quantity: its digits, its correctly rounded doubles, and an absolute error bound."""

    value: Any
    float64: Any
    error_bound: str


class SolutionDocument(Document):
    """The values of all quantities of an exercise.

    `left_out` names those that nothing asked depends on, where one of them has no value; `check`
    says how the variants were checked that it was made with, where that is not in full.
    """

    kind: ClassVar[str] = "solution"

    schema_: Literal["gradgrade/solution/1"] = Field(alias="schema")
    exercise: str
    digits: Whole
    gradient_norms: dict[str, str]
    values: dict[str, SolutionValue]
    left_out: list[str] = Field(default_factory=list)
    check: Literal["fast"] | None = None

    @model_serializer(mode="wrap")
    def _with_a_check_where_it_is_not_full(self, dump: SerializerFunctionWrapHandler) -> Any:
        return without_none(dump(self), "check")
