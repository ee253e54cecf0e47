"""The solution: what an instructor sees of an exercise, and a student once their set shows it."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from gradgrade.oracle.nested import Shape, build
from gradgrade.problems.documents.base import Document, Model, Whole, without_none
from gradgrade.problems.documents.strict_json import HOLE, Written, with_holes

SOLUTION: Literal["gradgrade/solution/1"] = "gradgrade/solution/1"

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


def solution_template(shapes: Mapping[str, Shape], layers: Sequence[str], check: Check) -> str:
    """Return the text of all solutions of one structure, with %s where they differ.

    That is, in this order: the exercise, the digits, each layer's norm, of each value its digits,
    its doubles and its bound, and what is left out. The text is that of `SolutionDocument`.

    Args:
        shapes: of the values, by their names.
        layers: whose gradients' norms are told.
        check: how the solutions are checked.
    """
    plain, quoted = HOLE, Written(f'"{HOLE}"')

    def array(shape: Shape, entry: str) -> Written:
        return Written.array(build([entry] * prod(shape), shape), str)

    document = {
        "schema": SOLUTION,
        "exercise": quoted,
        "digits": plain,
        "gradient_norms": dict.fromkeys(layers, quoted),
        "values": {
            name: {
                "value": array(shape, quoted),
                "float64": array(shape, plain),
                "error_bound": quoted,
            }
            for name, shape in shapes.items()
        },
        "left_out": plain,
    }
    return with_holes(document if check == "full" else {**document, "check": check})
