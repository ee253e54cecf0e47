"""How documents describe a program and what is done with it; shared by sets and exercises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from keyword import iskeyword
from math import prod
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from gradgrade.oracle import Derivation
from gradgrade.oracle.bounded_cache import MEBIBYTE, kept_within
from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.programs.bounds import MOST_CHARACTERS, MOST_ENTRIES
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.faults import ProgramError
from gradgrade.oracle.programs.graph import ArrayType, Graph, graph_of
from gradgrade.oracle.programs.reading import read_program
from gradgrade.oracle.programs.text.other_functions import MODULES
from gradgrade.problems.documents.base import Count, Model, Whole, as_whole
from gradgrade.problems.documents.faults import unlisted
from gradgrade.problems.documents.structures.network import OptimizerModel, missing
from gradgrade.problems.documents.structures.picks import Picks
from gradgrade.problems.documents.structures.structure import Structure
from gradgrade.problems.documents.structures.until import UntilModel
from gradgrade.problems.errors import FieldError

MOST_OF_PROGRAMS = 32 * MEBIBYTE
"""Hundreds of derivations of ordinary programs."""

MOST_ARRAYS = 100

MOST_OPERATIONS_TRAINED = 100_000
"""Of all iterations together; each is derived before it is known what it costs."""

NAMES_OF_PYTHON = MODULES | {"inf"}
"""What a program reads otherwise, beside Python's keywords."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
Length = Annotated[
    Annotated[int, BeforeValidator(as_whole), Tag("a number")]
    | Annotated[str, Field(max_length=100), Tag("a name")],
    Discriminator(lambda length: "a name" if isinstance(length, str) else "a number"),
]
"""Of an axis: a whole number, the name of a size, or a product of such, `4*H`."""


class ArrayModel(Model):
    """A given array of a program that holds more to say than its shape.

    Args:
        shape: the lengths of its axes.
        integers: the smallest and the largest entry, where it is an array of indices.
        mask: whether it holds 0 and 1 alone.
    """

    shape: list[Length]
    integers: Annotated[list[Whole], Field(min_length=2, max_length=2)] | None = None
    mask: bool = False


AnyArray = Annotated[
    Annotated[list[Length], Tag("a list")] | Annotated[ArrayModel, Tag("a table")],
    Discriminator(lambda each: "a table" if isinstance(each, Mapping | ArrayModel) else "a list"),
]
"""An array's shape alone, or more than that."""


class ProgramStructure(Structure):
    """What a set's exercise and an issued exercise say alike about a program."""

    type: Literal["program"]
    sizes: dict[Identifier, Count] = Field(default_factory=dict)
    arrays: Annotated[dict[Identifier, AnyArray], Field(min_length=1, max_length=MOST_ARRAYS)]
    program: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]
    differentiate: str | None = None
    upstream: list[str] = Field(default_factory=list)
    parameters: list[str] = Field(default_factory=list)
    optimizer: OptimizerModel | None = None
    iterations: Annotated[int, Field(ge=1, le=1000), BeforeValidator(as_whole)] = 1
    until: UntilModel | None = None

    @model_validator(mode="after")
    def _lies_as_numpy_has_it(self) -> Self:
        if "convention" in self.model_fields_set and self.convention != "column":
            raise FieldError(
                "convention",
                "a program's arrays lie as numpy has them, and no other way; leave it out",
            )
        return self

    @model_validator(mode="after")
    def _names_everything_once(self) -> Self:
        for field, names in (("arrays", self.arrays), ("sizes", self.sizes)):
            for name in names:
                if iskeyword(name) or name in NAMES_OF_PYTHON:
                    said = "a program would read something else here: choose another name"
                    raise FieldError((field, name), said)
        for name in self.sizes:
            if name in self.arrays:
                raise FieldError(("sizes", name), "an array has this name too: change one of them")
        for field in ("upstream", "parameters"):
            listed: list[str] = getattr(self, field)
            for place, name in enumerate(listed):
                if name in listed[:place]:
                    raise FieldError(field, f"{name} stands there twice: leave one out")
        return self

    @model_validator(mode="after")
    def _can_be_derived(self) -> Self:
        if self.differentiate is not None and self.upstream:
            raise FieldError(
                "upstream", "a program has differentiate or upstream, not both; leave one out"
            )
        if bool(self.parameters) != (self.optimizer is not None):
            field, other = "parameters", "optimizer"
            if self.parameters:
                field, other = other, field
            raise FieldError(field, missing(field, other))
        if self.until is not None and (self.iterations > 1 or self.differentiate is None):
            raise FieldError(
                "until",
                "it stops by the line that is differentiated, and says how many iterations there "
                "are: write differentiate, and leave out iterations",
            )
        for field, is_used in (("iterations", self.iterations > 1), ("until", self.until)):
            if is_used and self.optimizer is None:
                raise FieldError("optimizer", missing("optimizer", field))
        self.derive(1)
        return self

    @property
    def vectors(self) -> Convention:
        """How vectors are written: across, as numpy prints them."""
        return "row"

    def types(self) -> Mapping[str, ArrayType]:
        """Return what is known of each given.

        Raises:
            FieldError: a length is no size, or a range of integers is empty.
        """
        return {name: self._type(name, each) for name, each in self.arrays.items()}

    def _type(self, name: str, of: list[Any] | ArrayModel) -> ArrayType:
        if isinstance(of, list):
            return ArrayType(shape=self._shape(name, of))
        shape = self._shape(name, of.shape)
        if of.integers is None:
            return ArrayType(shape=shape, mask=of.mask)
        if of.mask:
            raise FieldError(
                ("arrays", name, "mask"), "integers are no mask; leave one of them out"
            )
        low, high = of.integers
        if not 0 <= low <= high:
            raise FieldError(
                ("arrays", name, "integers"),
                f"[{low}, {high}] is no range of indices: write the smallest and the largest, "
                "such as [0, 4]",
            )
        if prod(shape) * (high + 1) > MOST_ENTRIES:
            raise FieldError(
                ("arrays", name),
                f"{prod(shape)} indices of up to {high}: one more than that, times how many they "
                f"are, must come to at most {MOST_ENTRIES}",
            )
        return ArrayType(shape=shape, integers=(low, high))

    def _shape(self, name: str, lengths: Sequence[int | str]) -> Shape:
        return tuple(self._length(name, each) for each in lengths)

    def _length(self, name: str, length: int | str) -> int:
        if isinstance(length, int):
            if length < 1:
                raise FieldError(("arrays", name), f"an axis has at least length 1 (got {length})")
            return length
        first, *others = length.split("*")
        return prod(self._factor(name, each.strip(), others) for each in (first, *others))

    def _factor(self, name: str, factor: str, others: Sequence[str]) -> int:
        """Return a size, or of several factors a whole number: the 4 of `4*H`."""
        if factor in self.sizes:
            return self.sizes[factor]
        if others and re.fullmatch("[1-9][0-9]{0,8}", factor):
            return int(factor)
        if not self.sizes:
            such = f"write a number, or sizes = {{ {factor} = 4 }} beside it"
            said = f'"{factor}" is no size: {such}'
        elif re.fullmatch("[A-Za-z0-9_]+", factor):
            said = unlisted(factor, self.sizes)
        else:
            first = next(iter(self.sizes))
            said = (
                f'"{factor}" is no length: write a number, a size, a product of such as '
                f'"4*{first}", or a size of its own for it, sizes = {{ M = 8 }}'
            )
        raise FieldError(("arrays", name), said)

    @property
    def graph(self) -> Graph:
        """The program's operations with their shapes."""
        # In code a numeral stands for the nearest double, as a given does.
        return graph_of(
            read_program(self.program),
            self.types(),
            self.sizes,
            rounds_numerals=self.arithmetic == "binary64",
        )

    def derive(self, batch: int) -> Derivation:
        """Return the program's steps.

        Raises:
            FieldError: the text is no program, or cannot be differentiated so; the line is shown.
        """
        return _derived(self)

    def picks(self, name: str, batch: int) -> Picks | None:
        """Return what the numbers of a given array pick, if they do."""
        array = self.arrays.get(name)
        if not isinstance(array, ArrayModel) or array.integers is None:
            return None
        of = self._type(name, array)
        assert of.integers is not None
        low, high = of.integers
        return Picks(name=name, shape=of.shape, lowest=low, highest=high, first=0, what="index")

    def scalars(self) -> Mapping[str, Decimal | float]:
        """Return the exact numbers of the optimizer, by their names."""
        if self.optimizer is None:
            return {}
        numbers = self.optimizer.numbers().items()
        exact = {name: number.exact(self.arithmetic) for name, number in numbers}
        return exact if self.until is None else exact | self.until.scalars(self.arithmetic)


def _key(structure: ProgramStructure) -> tuple[Any, ...]:
    types = tuple(structure.types().items())
    sizes = tuple(structure.sizes.items())
    asked = (structure.differentiate, tuple(structure.upstream))
    optimizer = None if structure.optimizer is None else structure.optimizer.optimizer()
    until = None if structure.until is None else structure.until.key
    training = (tuple(structure.parameters), optimizer, structure.iterations, until)
    return (structure.program, types, sizes, asked, training, structure.arithmetic)


@kept_within(MOST_OF_PROGRAMS, key=_key)
def _derived(structure: ProgramStructure) -> Derivation:
    try:
        graph = structure.graph
    except ProgramError as error:
        raise FieldError("program", str(error), tuple(map(str, error.others))) from None
    until = structure.until
    iterations = structure.iterations if until is None else until.iterations
    _hold_to_bound(len(graph.nodes), iterations, "iterations" if until is None else "until")
    try:
        derivation = derive_program(
            graph,
            differentiate=structure.differentiate,
            upstream=structure.upstream,
            parameters=structure.parameters,
            optimizer=None if structure.optimizer is None else structure.optimizer.optimizer(),
            iterations=iterations,
        )
        return derivation if until is None else until.stopping(derivation, of_network=False)
    except ValueError as error:
        field, _, said = str(error).partition(": ")
        raise FieldError(field, said) from None


def _hold_to_bound(operations: int, iterations: int, field: str) -> None:
    if operations * iterations > MOST_OPERATIONS_TRAINED:
        most = MOST_OPERATIONS_TRAINED // operations
        raise FieldError(
            field,
            f"a program of {operations} operations is run at most {most} times "
            f"(got {iterations}): write fewer iterations, or a shorter program",
        )
