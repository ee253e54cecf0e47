"""The exercise: what one student is given; nothing in it tells an expected value."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod, ulp
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.quantities import Convention, Group, Kind, Quantity
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.nested import Shape, flatten, shape_of, transpose
from gradgrade.problems.documents.base import (
    Document,
    Model,
    NotNegative,
    NumberArray,
    Whole,
    bytes_of,
    without_none,
)
from gradgrade.problems.documents.facts import FactModel, extended
from gradgrade.problems.documents.faults import as_written, unlisted
from gradgrade.problems.documents.number import ArithmeticName, Number
from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.documents.problem_set import Batch, Points, Share, Slug, Title
from gradgrade.problems.documents.structures.code import CodeInterface
from gradgrade.problems.documents.structures.network import NetworkStructure
from gradgrade.problems.documents.structures.program import ProgramStructure
from gradgrade.problems.documents.structures.structure import Structure
from gradgrade.problems.documents.tolerance import AnyTolerance, Precision, Rounding
from gradgrade.problems.errors import FieldError

_FIRST = ("schema", "id", "problem_set", "name", "title", "points")
_LAST = ("arithmetic", "rounding", "precision", "carried_forward", "given", "ask", "generator")


class AskedFact(FactModel):
    """What a part asks that is no quantity."""


class AskedQuantity(Model):
    """One part of an exercise; `fact` says what is asked where that is no quantity."""

    name: str
    shape: list[Whole]
    points: NotNegative
    tolerance: AnyTolerance
    fact: AskedFact | None = None

    @model_serializer(mode="wrap")
    def _with_a_fact_where_there_is_one(self, dump: SerializerFunctionWrapHandler) -> Any:
        return without_none(dump(self), "fact")


class Exercise(Document, Structure):
    """One variant of an exercise: of a network, or of a program."""

    kind: ClassVar[str] = "exercise"
    field_order: ClassVar[tuple[str, ...]]
    fields_where_used: ClassVar[frozenset[str]] = frozenset()
    drawn_for: ClassVar[tuple[str, ...]]
    """Under another of these fields the numbers would mean something else."""

    schema_: Literal["gradgrade/exercise/1"] = Field(alias="schema")
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    problem_set: Slug
    name: Slug
    title: Title
    points: Points
    rounding: Rounding | None = None
    precision: Precision = "binary64"
    carried_forward: Share = Number("0.8")
    given: dict[str, NumberArray]
    ask: Annotated[list[AskedQuantity], Field(min_length=1)]
    generator: str
    code: CodeInterface | None = None

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        return bytes_of(self.given)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe both types where no one is named."""
        if cls is not Exercise:
            return handler(schema)
        either = (NetworkExercise, ProgramExercise)
        return {"anyOf": [handler(each.__pydantic_core_schema__) for each in either]}

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Check data that was read already; what type of exercise it is, it says itself."""
        if cls is Exercise:
            is_program = isinstance(data, Mapping) and data.get("type") == "program"
            found: Any = (ProgramExercise if is_program else NetworkExercise).from_data(data)
            return cast(Self, found)
        return super().from_data(data)

    @model_validator(mode="after")
    def _givens_fit(self) -> Self:
        self.check_size()
        derivation = self.derivation()
        arrays = [name for name in derivation.given if name not in self.scalars()]
        for name in arrays:
            if name not in self.given:
                such = _such(shape_given(self, derivation.given[name]))
                raise FieldError(("given", name), f"this field is missing; write it, {such}")
        check_given(self, self.given, derivation)
        self.givens()
        return self

    @model_validator(mode="after")
    def _asks_what_there_is(self) -> Self:
        derivation, asked = self.derivation(), set()
        for index, part in enumerate(self.ask):
            quantity = derivation.find(part.name)
            if quantity is None:
                raise FieldError(("ask", index, "name"), unlisted(part.name, derivation.results))
            if tuple(part.shape) != quantity.document_shape(self.convention):
                raise FieldError(
                    ("ask", index, "shape"),
                    f"{part.name} does not have shape {list(part.shape)}",
                )
            if quantity.name in asked:
                raise FieldError(("ask", index, "name"), f'"{part.name}" is asked twice')
            asked.add(quantity.name)
        if sum(hundredths(part.points) for part in self.ask) != hundredths(self.points):
            raise FieldError("ask", "the parts' points do not add up to the exercise's")
        return self

    def to_data(self) -> dict[str, Any]:
        """Return the document, its fields in their stated order."""
        data = self.model_dump(by_alias=True, exclude_none=True)
        used = {name: data[name] for name in self.fields_where_used if data.get(name)}
        return {name: data.get(name) for name in self.field_order} | used

    def needed(self) -> Derivation:
        """Return the steps that something asked depends on, by whatever route.

        The loss is with its gradients, which are proven by its differences.
        """
        derivation = self.derivation()
        found = (derivation.find(part.name) for part in self.ask)
        asked = {each.name for each in found if each is not None}
        passed_back = {
            step.name.iteration
            for step in derivation.narrowed(asked).steps
            if isinstance(step.role, PullBack)
        }
        losses = {
            step.name
            for step in derivation.steps
            if step.quantity.group in (Group.LOSS, Group.OBJECTIVE)
            and step.name.iteration in passed_back
        }
        return derivation.narrowed(asked | losses)

    def derivation(self) -> Derivation:
        """Return the steps of this exercise."""
        asked = (part.fact.fact for part in self.ask if part.fact is not None)
        return extended(self.derive(self.samples), tuple(each for each in asked if each))

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return 1

    def check_size(self) -> None:
        """Refuse what is given before anything is derived: work is bounded by what came.

        Raises:
            FieldError: there is more or less than belongs here.
        """

    def givens(self) -> Mapping[str, Any]:
        """Return the exact numbers that are given, as `gradgrade.oracle.evaluate` takes them."""
        arrays = {name: self._exact(name, array) for name, array in self.given.items()}
        return {**arrays, **self.scalars()}

    def _exact(self, name: str, array: Any) -> Any:
        picks = self.picks(name, self.samples)
        return exact_array(array, self) if picks is None else picks.rows(array)


class NetworkExercise(NetworkStructure, Exercise):
    """One variant of a network's exercise."""

    field_order: ClassVar[tuple[str, ...]] = (
        *_FIRST,
        *("inputs", "layers", "loss", "regularization", "optimizer", "freeze", "iterations"),
        *("stochastic", "batch", "convention"),
        *_LAST,
    )
    fields_where_used: ClassVar[frozenset[str]] = frozenset({"upstream", "until", "code"})
    drawn_for: ClassVar[tuple[str, ...]] = (
        *("type", "inputs", "layers"),
        *("batch", "convention", "arithmetic"),
    )

    batch: Batch

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return self.batch

    def check_size(self) -> None:
        """Refuse inputs of another size.

        Raises:
            FieldError: there are more or fewer.
        """
        size = self.inputs if isinstance(self.inputs, int) else prod(self.inputs)
        if len(flatten(self.given.get("x", []))) != size * self.batch:
            raise FieldError(("given", "x"), f"{size} inputs of {self.batch} samples are needed")


class ProgramExercise(ProgramStructure, Exercise):
    """One variant of a program's exercise."""

    field_order: ClassVar[tuple[str, ...]] = (
        *_FIRST,
        *("type", "sizes", "arrays", "program", "differentiate", "upstream"),
        *("parameters", "optimizer", "iterations"),
        *_LAST,
    )
    fields_where_used: ClassVar[frozenset[str]] = frozenset({"until", "code"})
    drawn_for: ClassVar[tuple[str, ...]] = ("type", "arrays", "program", "arithmetic")


MOST_WRITTEN_OUT = 12
"""Entries of an array that is shown to say how it is written."""


def check_given(structure: Structure, given: Mapping[str, Any], derivation: Derivation) -> None:
    """Refuse given arrays that are none of the exercise's, or not of their shape, or no targets.

    Raises:
        FieldError: one is refused.
    """
    scalars = structure.scalars()
    arrays = {name: each for name, each in derivation.given.items() if name not in scalars}
    for name, array in given.items():
        if name not in arrays:
            raise FieldError(("given", name), _none_given(name, derivation, list(arrays)))
        quantity = arrays[name]
        expected = shape_given(structure, quantity)
        shape = shape_of(array)
        if shape != expected:
            shown = as_written(array)
            said = f"{shown} has {_shape(shape)}, and must have {_shape(expected)}"
            other: Convention = "row" if structure.convention == "column" else "column"
            if len(shape) > 1 and shape == quantity.document_shape(other):
                said += (
                    f", since convention is {structure.convention}: turn it round, "
                    f'or write convention = "{other}"'
                )
            else:
                said += f", {_such(expected)}"
            raise FieldError(("given", name), said)
        if isinstance(structure, ProgramStructure) and quantity.kind is Kind.MASK:
            _check_mask(name, array)
    if isinstance(structure, NetworkStructure) and "y" in given:
        _check_targets(structure, given["y"])


def _check_mask(name: str, array: Any) -> None:
    """Refuse what is no mask: numpy takes any number but 0 for a 1, and the oracle multiplies."""
    for number in flatten(array):
        if number.decimal() not in (0, 1):
            raise FieldError(("given", name), f"{number.text} is no entry of a mask: write 0 or 1")


def shape_given(structure: Structure, quantity: Quantity) -> Shape:
    """Return the shape that documents show of a given."""
    picks = structure.picks(str(quantity.name), 1)
    return quantity.document_shape(structure.convention) if picks is None else picks.shape


def _none_given(name: str, derivation: Derivation, known: list[str]) -> str:
    if derivation.find(name) is not None:
        return f"this is worked out, not given; what can be given is {', '.join(known)}"
    return f"there is no such array; {unlisted(name, known)}"


def _shape(shape: Sequence[int]) -> str:
    """Return a shape in words.

    >>> _shape(()), _shape((1,)), _shape((3,)), _shape((4, 3))
    ('one number', 'one number in brackets', '3 numbers', 'shape [4, 3]')
    """
    if shape in ((), (1,)):
        return "one number in brackets" if shape else "one number"
    return f"{shape[0]} numbers" if len(shape) == 1 else f"shape {list(shape)}"


def _such(shape: Sequence[int]) -> str:
    """Return how an array of a shape is written.

    >>> _such(()), _such((2,)), _such((2, 2))
    ('such as 0.5', 'such as [0.5, 0.5]', 'such as [[0.5, 0.5], [0.5, 0.5]]')
    >>> _such((30, 4))
    'a list of 30 lists of 4 numbers'
    """
    if prod(shape) > MOST_WRITTEN_OUT:
        return f"a list of {' lists of '.join(map(str, shape))} numbers"
    text = "0.5"
    for length in reversed(shape):
        text = f"[{', '.join([text] * length)}]"
    return f"such as {text}"


def _check_targets(structure: NetworkStructure, targets: Any) -> None:
    kind = structure.targets
    if structure.loss is None or kind == "any":
        return
    name = structure.loss.name
    y = exact_array(targets, structure)
    if not all(0 <= entry <= 1 for entry in flatten(y)):
        raise FieldError(("given", "y"), f"loss {name} needs targets from 0 to 1")
    if kind == "distribution":
        if len(shape_of(y)) != 2:
            raise FieldError("loss", f"{name} needs a flat output")
        slack = Fraction(0 if structure.arithmetic == "decimal" else 8 * ulp(1.0))
        for sample in transpose(y) if structure.convention == "column" else y:
            if abs(sum(map(Fraction, sample), Fraction(0)) - 1) > slack:
                raise FieldError(
                    ("given", "y"), f"loss {name} needs targets that sum to 1 in every sample"
                )


def exact_array(array: Any, structure: Structure) -> Any:
    """Return nested `Number`s as nested exact numbers of an exercise's arithmetic."""
    return _exact_in(array, structure.arithmetic)


def _exact_in(array: Any, arithmetic: ArithmeticName) -> Any:
    if isinstance(array, list):
        return [_exact_in(entry, arithmetic) for entry in array]
    return array.exact(arithmetic)
