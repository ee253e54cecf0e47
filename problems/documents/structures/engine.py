"""How a student's own engine of differentiation is used: what makes a node, and what it holds."""

from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gradgrade.problems.documents.base import Model, as_whole
from gradgrade.problems.errors import FieldError

Operator = Literal[
    "+", "-", "*", "/", "**", "@", "sum", "mean", "tanh", "sigmoid", "relu", "exp", "log"
]

MOST_PROGRAMS = 100


def _with_a_place(template: str) -> str:
    try:
        places = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    except ValueError:
        places = []
    if not places or any(places):
        raise ValueError(f'"{template}" has no place for the node: write {{}} where it stands')
    return template


Template = Annotated[str, Field(min_length=2, max_length=200), AfterValidator(_with_a_place)]
"""Python with `{}` where a node stands."""


class EngineModel(Model):
    """What an engine's script and the programs drawn for it are made from.

    Args:
        value: what makes a node of a number or an array.
        data: what a node holds.
        gradient: its gradient, once there is one.
        backward: what works out all gradients from the last node.
        functions: how functions of a program are called, where not as methods of their name.
        operators: what drawn programs are made of; with `sum` their nodes are arrays.
        programs: how many are drawn for every check.
    """

    value: Template = "Value({})"
    data: Template = "{}.data"
    gradient: Template = "{}.grad"
    backward: Template = "{}.backward()"
    functions: dict[str, Template] = Field(default_factory=dict)
    operators: Annotated[list[Operator], Field(max_length=20)] = Field(default_factory=list)
    programs: Annotated[int, Field(ge=1, le=MOST_PROGRAMS), BeforeValidator(as_whole)] = 20

    @model_validator(mode="after")
    def _puts_nodes_together(self) -> Self:
        if self.operators and not {"+", "-", "*", "/"} & set(self.operators):
            raise FieldError("operators", "no two nodes are ever put together: add + or *")
        if "@" in self.operators and not {"sum", "mean"} & set(self.operators):
            raise FieldError("operators", "of matrices no number comes: add sum")
        return self
