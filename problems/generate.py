"""From an exercise of a problem set and a student to a variant: the same for all time.

What is drawn depends on the secret, course, set, exercise, student, the generator's version and
the exercise's definition, and on nothing else.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import prod
from types import MappingProxyType
from typing import Any

from oracle import Derivation
from oracle.derivation import ASKABLE
from oracle.deviates import normal_deviate
from oracle.errors import OracleError
from oracle.functions.losses import LOSSES
from oracle.layers.dropout import MASK, RATE
from oracle.nested import build, flatten, shape_of, transpose
from oracle.quantities import Group, Quantity
from problems.documents.base import checked
from problems.documents.exercise import SAMPLES, AskedQuantity, Exercise
from problems.documents.problem_set import (
    AskedPart,
    ExerciseDefinition,
    Grid,
    Initialization,
    ProblemSet,
)
from problems.documents.tolerance import explicit
from problems.draw import Stream, keyed_digest
from problems.errors import DocumentError, ExerciseError
from problems.number import Number
from problems.points import allot, as_points, hundredths, split
from problems.solve import solve
from problems.strict_json import canonical

GENERATOR = "1"
"""The version of the draws: raised whenever the same arguments would give another variant."""

MOST_ATTEMPTS = 100

GROUPS: Mapping[str, Collection[Group]] = MappingProxyType(
    {
        "gradients": {Group.GRADIENT},
        "updates": {Group.UPDATE},
        "all": ASKABLE - {Group.PARAMETER},
    }
)


def generate(
    problem_set: ProblemSet,
    exercise: str,
    *,
    student: str,
    secret: bytes,
    course: str = "",
) -> Exercise:
    """Generate a student's variant of an exercise.

    Args:
        problem_set: the set.
        exercise: the exercise's name in it.
        student: who it is for; another student gets other numbers.
        secret: what keeps variants from being foretold.
        course: the course on a server; empty offline.

    Returns:
        The exercise as the student is given it.

    Raises:
        DocumentError: the definition does not hold together.
        ExerciseError: no drawn variant could be issued; the message has the last reason.

    >>> from problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> exercise.given["W1"]
    [[Number('0.1'), Number('0.3')], [Number('0.2'), Number('0.4')]]
    """
    definition = problem_set.exercise(exercise)
    key = keyed_digest(
        secret,
        *(part.encode() for part in (course, problem_set.name, exercise, student, GENERATOR)),
        canonical(definition.model_dump(exclude_defaults=True)).encode(),
    )
    plan = _Plan.of(problem_set, definition, key)
    for attempt in range(MOST_ATTEMPTS):
        variant = plan.draw(Stream(key, attempt))
        try:
            solve(variant)
        except OracleError as error:
            reason = str(error)
            if not plan.is_drawn:
                break
        else:
            return variant
    raise ExerciseError(f"exercise {exercise!r} cannot be issued: {reason}")


@dataclass(frozen=True)
class _Plan:
    """All of a variant but its numbers."""

    problem_set: ProblemSet
    definition: ExerciseDefinition
    derivation: Derivation
    batch: int
    ask: tuple[AskedQuantity, ...]
    id: str

    @classmethod
    def of(cls, problem_set: ProblemSet, definition: ExerciseDefinition, key: bytes) -> "_Plan":
        place = f"exercise {definition.name!r}"
        batch = _batch(definition)
        try:
            derivation = definition.derive(batch)
        except ValueError as error:
            raise DocumentError(f"{place}: {error}") from None
        try:
            ask = tuple(_asked(definition, derivation))
        except DocumentError as error:
            raise DocumentError(f"{place}: {error}") from None
        return cls(problem_set, definition, derivation, batch, ask, key.hex()[:16])

    @property
    def arrays(self) -> list[Quantity]:
        """The givens that are arrays of the exercise, not numbers of its formulas."""
        scalars = self.definition.scalars()
        return [each for name, each in self.derivation.given.items() if name not in scalars]

    @property
    def is_drawn(self) -> bool:
        """Whether another draw could give other numbers."""
        return any(str(quantity.name) not in self.definition.given for quantity in self.arrays)

    def draw(self, stream: Stream) -> Exercise:
        """Return the variant that this stream draws."""
        definition = self.definition
        given = {str(each.name): self._given(each, stream) for each in self.arrays}
        shared = definition.model_dump(
            exclude={"ask", "tolerance", "draw", "given", "batch", "title"}
        )
        data = shared | {
            "schema": "gradgrade/exercise/1",
            "id": self.id,
            "problem_set": self.problem_set.name,
            "title": definition.title or definition.name,
            "batch": self.batch,
            "given": definition.given | given,
            "ask": [part.model_dump() for part in self.ask],
            "generator": GENERATOR,
        }
        return checked(Exercise, data, f"exercise {definition.name!r}")

    def _given(self, quantity: Quantity, stream: Stream) -> Any:
        name, arithmetic = str(quantity.name), self.definition.arithmetic
        if name in self.definition.given:
            array = self.definition.given[name]
            if name == SAMPLES:
                return array
            numbers = [each.written_in(arithmetic) for each in flatten(array)]
            return build(numbers, shape_of(array))
        targets = LOSSES[self.definition.loss.name].targets
        if name == "y" and targets == "distribution":
            return self._one_hot(quantity, stream)
        if name == SAMPLES:
            picked = (stream.below(self.batch, name, t) + 1 for t in range(quantity.shape[0]))
            return [Number(str(each)) for each in picked]
        shape = quantity.document_shape(self.definition.convention)
        drawn = self._source(quantity, stream)
        numbers = [Number(str(drawn(each))).written_in(arithmetic) for each in range(prod(shape))]
        return build(numbers, shape)

    def _source(self, quantity: Quantity, stream: Stream) -> Callable[[int], Decimal]:
        """Return what draws entry i of a given."""
        name, kind = str(quantity.name), quantity.name.kind
        if kind == MASK:
            rate = Fraction(self.definition.scalars()[RATE.format(quantity.name.layer)])
            return lambda index: Decimal(stream.probability(name, index) >= rate)
        source = self._range(kind)
        if isinstance(source, Grid):
            grid, count = source, source.count
            return lambda index: grid.point(stream.below(count, name, index))
        fan_out, fan_in = quantity.matrix_shape
        variance, places = source.variance(fan_in=fan_in, fan_out=fan_out), source.places
        return lambda index: normal_deviate(
            stream.probability(name, index), variance=variance, places=places
        )

    def _range(self, kind: str) -> Grid | Initialization:
        draw = self.definition.draw
        if kind == "y" and LOSSES[self.definition.loss.name].targets == "probability":
            return BINARY
        if kind in ("x", "y"):
            return draw.inputs if kind == "x" else draw.targets
        return draw.weights if kind.startswith("W") else draw.biases

    def _one_hot(self, quantity: Quantity, stream: Stream) -> Any:
        units, samples = quantity.matrix_shape
        classes = [stream.below(units, "y", sample) for sample in range(samples)]
        rows = [[Number(str(int(unit == each))) for unit in range(units)] for each in classes]
        return rows if self.definition.convention == "row" else transpose(rows)


BINARY = Grid(low=Number("0"), high=Number("1"), step=Number("1"))


def _batch(definition: ExerciseDefinition) -> int:
    """Return the number of samples: what is stated, what x and y have, or 1."""
    axis = -1 if definition.convention == "column" else 0
    sizes = {}
    if definition.batch is not None:
        sizes["batch"] = definition.batch
    for name in ("x", "y"):
        if name in definition.given:
            shape = shape_of(definition.given[name])
            sizes[f"given.{name}"] = shape[axis] if shape else 1
    if len(set(sizes.values())) > 1:
        stated = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        raise DocumentError(f"exercise {definition.name!r}: samples disagree: {stated}")
    return next(iter(sizes.values()), 1)


def _asked(definition: ExerciseDefinition, derivation: Derivation) -> Iterator[AskedQuantity]:
    """Yield the parts, groups spelled out, with shape, points and tolerance."""
    wanted: dict[str, int | None] = {}
    for each in definition.ask:
        part = AskedPart(name=each) if isinstance(each, str) else each
        names = _names(part.name, derivation)
        new = [name for name in names if name not in wanted]
        if part.points is not None and not new:
            raise DocumentError(f"ask: {part.name!r} is asked before; its points would be lost")
        points: list[int | None] = [None] * len(new)
        if part.points is not None and new:
            points = list(split(hundredths(part.points), len(new)))
        wanted.update(zip(new, points, strict=True))
    tolerance = explicit(definition.tolerance, exercise=definition.name)
    shares = allot(hundredths(definition.points), list(wanted.values()))
    for name, share in zip(wanted, shares, strict=True):
        quantity = derivation.results[name]
        yield AskedQuantity(
            name=name,
            shape=list(quantity.document_shape(definition.convention)),
            points=as_points(share),
            tolerance=tolerance,
        )


def _names(text: str, derivation: Derivation) -> tuple[str, ...]:
    if text in GROUPS:
        return derivation.members(GROUPS[text])
    quantity = derivation.find(text)
    if quantity is None:
        known = ", ".join((*GROUPS, *derivation.results))
        raise DocumentError(f"ask: {text!r} is not one of {known}")
    name = text.removesuffix("@1") if derivation.iterations == 1 else text
    return (name,)
