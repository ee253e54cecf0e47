"""The exercise: what one student is given; nothing in it tells an expected value."""

from collections.abc import Mapping
from fractions import Fraction
from math import prod, ulp
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gradgrade.oracle import Derivation
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.roles import PullBack
from gradgrade.oracle.functions.losses import LOSSES
from gradgrade.oracle.nested import flatten, shape_of, transpose
from gradgrade.problems.documents.base import (
    Document,
    Model,
    NotNegative,
    NumberArray,
    Whole,
    as_whole,
    bytes_of,
)
from gradgrade.problems.documents.network import Structure
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.points import hundredths
from gradgrade.problems.documents.problem_set import Batch, Points, Share, Slug, Title
from gradgrade.problems.documents.tolerance import AnyTolerance, Precision, Rounding

SAMPLES = "samples"

FIELD_ORDER = (
    *("schema", "id", "problem_set", "name", "title", "points"),
    *("inputs", "layers", "loss", "regularization", "optimizer", "freeze", "iterations"),
    "stochastic",
    *("batch", "convention", "arithmetic", "rounding", "precision", "carried_forward"),
    *("given", "ask", "generator"),
)


class AskedQuantity(Model):
    """One part of an exercise."""

    name: str
    shape: list[Whole]
    points: NotNegative
    tolerance: AnyTolerance


class Exercise(Document, Structure):
    """One variant of an exercise."""

    kind: ClassVar[str] = "exercise"

    schema_: Literal["gradgrade/exercise/1"] = Field(alias="schema")
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    problem_set: Slug
    name: Slug
    title: Title
    points: Points
    batch: Batch
    rounding: Rounding | None = None
    precision: Precision = "binary64"
    carried_forward: Share = Number("0.8")
    given: dict[str, NumberArray]
    ask: Annotated[list[AskedQuantity], Field(min_length=1)]
    generator: str

    @property
    def bytes_kept(self) -> int:
        """How many bytes it keeps alive, about."""
        return bytes_of(self.given)

    @model_validator(mode="after")
    def _givens_fit(self) -> Self:
        # Before anything is derived, so that work is bounded by what was sent.
        size = self.inputs if isinstance(self.inputs, int) else prod(self.inputs)
        if len(flatten(self.given.get("x", []))) != size * self.batch:
            raise ValueError(f"given.x: {size} inputs of {self.batch} samples are needed")
        derivation = self.derivation()
        arrays = [name for name in derivation.given if name not in self.scalars()]
        for name in arrays:
            if name not in self.given:
                raise ValueError(f"given.{name} is missing")
            expected = derivation.given[name].document_shape(self.convention)
            if name == SAMPLES:
                expected = expected[:1]
            shape = shape_of(self.given[name])
            if shape != expected:
                raise ValueError(f"given.{name}: shape {list(shape)} must be {list(expected)}")
        for name in self.given:
            if name not in arrays:
                raise ValueError(f"given.{name}: there is no such given; there are {arrays}")
        self.givens()
        return self

    @model_validator(mode="after")
    def _targets_suit_the_loss(self) -> Self:
        kind = LOSSES[self.loss.name].targets
        if kind == "any":
            return self
        y = exact_array(self.given["y"], self)
        if not all(0 <= entry <= 1 for entry in flatten(y)):
            raise ValueError(f"given.y: {self.loss.name} needs targets from 0 to 1")
        if kind == "distribution":
            if len(shape_of(y)) != 2:
                raise ValueError(f"loss: {self.loss.name} needs a flat output")
            slack = Fraction(0 if self.arithmetic == "decimal" else 8 * ulp(1.0))
            for sample in transpose(y) if self.convention == "column" else y:
                if abs(sum(map(Fraction, sample), Fraction(0)) - 1) > slack:
                    raise ValueError(f"given.y: {self.loss.name} needs targets that sum to 1")
        return self

    @model_validator(mode="after")
    def _asks_what_there_is(self) -> Self:
        derivation, asked = self.derivation(), set()
        for part in self.ask:
            quantity = derivation.find(part.name)
            if quantity is None:
                known = ", ".join(derivation.results)
                raise ValueError(f"ask: {part.name!r} is not one of {known}")
            if tuple(part.shape) != quantity.document_shape(self.convention):
                raise ValueError(f"ask: {part.name} does not have shape {part.shape}")
            if quantity.name in asked:
                raise ValueError(f"ask: {part.name!r} is asked twice")
            asked.add(quantity.name)
        if sum(hundredths(part.points) for part in self.ask) != hundredths(self.points):
            raise ValueError("ask: the parts' points do not add up to the exercise's")
        return self

    def to_data(self) -> dict[str, Any]:
        """Return the document, its fields in their stated order."""
        data = self.model_dump(by_alias=True, exclude_none=True)
        return {name: data.get(name) for name in FIELD_ORDER}

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
            if step.quantity.group is Group.LOSS and step.name.iteration in passed_back
        }
        return derivation.narrowed(asked | losses)

    def derivation(self) -> Derivation:
        """Return the steps of this exercise."""
        return self.derive(self.batch)

    def givens(self) -> Mapping[str, Any]:
        """Return the exact numbers that are given, as `gradgrade.oracle.evaluate` takes them."""
        arrays = {name: exact_array(array, self) for name, array in self.given.items()}
        if SAMPLES in arrays:
            arrays[SAMPLES] = [self._pick(number) for number in self.given[SAMPLES]]
        return {**arrays, **self.scalars()}

    def _pick(self, sample: Number) -> list[int]:
        """Return a sample's number, counted from 1, as the row of 0 and 1 that picks it."""
        count = as_whole(sample)
        if not isinstance(count, int) or not 1 <= count <= self.batch:
            raise ValueError(f"given.samples: {sample.text} is no sample from 1 to {self.batch}")
        return [int(count == each) for each in range(1, self.batch + 1)]


def exact_array(array: Any, structure: Structure) -> Any:
    """Return nested `Number`s as nested exact numbers of an exercise's arithmetic."""
    if isinstance(array, list):
        return [exact_array(entry, structure) for entry in array]
    return array.exact(structure.arithmetic)
