"""A stack of variants walked at once: right answers, their bands, and what mistakes would answer.

Everything here is in binary64 with running errors, so that hundreds of variants of one structure
cost little more than one. What is proven comes later, for the variant that is issued.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, isfinite, prod
from typing import Any

import numpy

from gradgrade.oracle.accuracy.honest_bands import PRECISIONS, honest_bands
from gradgrade.oracle.accuracy.tolerance import Tolerance
from gradgrade.oracle.arithmetic.running_error import Estimate, RunningError
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Kind, Quantity
from gradgrade.oracle.derivation.walking import given_rows, rewalk
from gradgrade.oracle.exact_numbers import double_or_infinity
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.proof.bands import Band, bands
from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.misconceptions import Mistake, mistakes
from gradgrade.problems.walks.accepted import doubles_of, exercise_estimates, reached_by_rounding

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

STACKED = 3
"""How many axes a stack of matrices has; what all variants share is a matrix."""

LOW_HIGH = (0, 1)


@dataclass(frozen=True)
class Prediction:
    """What a mistake would answer, part by part: arrays of shape (variants, entries)."""

    mistake: Mistake
    values: Mapping[str, Array]
    bands: Mapping[str, Array]


class Reach:
    """What rounding as an exercise allows reaches, walked when it is first asked for.

    Args:
        exercise: a variant.
        derivation: its steps.
    """

    def __init__(self, exercise: Exercise, derivation: Derivation) -> None:
        self.exercise = exercise
        self.derivation = derivation

    @cached_property
    def ends(self) -> Mapping[str, tuple[Array, Array]]:
        """The lowest and the highest value of every entry of what is asked, by the parts' names.

        They are infinite where nothing bounds them.
        """
        exercise, needed = self.exercise, self.exercise.needed()
        assert exercise.rounding is not None
        given = given_rows(self.derivation, exercise.givens())
        asked = {self.derivation.results[part.name].name for part in exercise.ask}
        try:
            reached = reached_by_rounding(exercise, needed, given, exercise.rounding, of=asked)
        except ExerciseError:
            reached = {}
        ends = {}
        for part in exercise.ask:
            quantity = self.derivation.results[part.name]
            if quantity.name in reached:
                ends[part.name] = doubles_of(reached[quantity.name])
            else:
                count = prod(quantity.shape)
                ends[part.name] = numpy.full(count, -inf), numpy.full(count, inf)
        return ends


@dataclass(frozen=True)
class Assessment:
    """Variants of one structure, walked in binary64 with running errors.

    Args:
        exercises: the variants; they differ in their numbers alone.
        derivation: of them all.
        estimates: value and running error of every given and step, (variants, rows, columns).
        reaches: of each variant, how far rounding reaches; None where that is left aside, or the
            exercise allows none. Bands are no wider without it.
    """

    exercises: Sequence[Exercise]
    derivation: Derivation
    estimates: Mapping[Name, Estimate]
    reaches: Sequence["Reach"] | None

    @property
    def exercise(self) -> Exercise:
        """One of them, for what they have in common."""
        return self.exercises[0]

    @cached_property
    def needed(self) -> Derivation:
        """The steps that something asked depends on: what has no value elsewhere is no fault."""
        return self.exercise.needed()

    def proof_bands(self) -> tuple[Band | None, ...]:
        """Return where the doubles of each variant's solution should lie; see `bands`."""
        return bands(self.derivation, self.estimates, variants=len(self.exercises))

    @property
    def arithmetic(self) -> RunningError:
        """What they are walked in, for walks that go on from here."""
        return RunningError(precision=PRECISIONS[self.exercise.precision])

    @cached_property
    def quantities(self) -> Mapping[str, Quantity]:
        """What is asked, by the parts' names."""
        found = {part.name: self.derivation.find(part.name) for part in self.exercise.ask}
        return {name: quantity for name, quantity in found.items() if quantity is not None}

    @cached_property
    def values(self) -> Mapping[str, Array]:
        """The right answers, (variants, entries in the order of documents)."""
        return self._asked({name: each.value for name, each in self.estimates.items()})

    @cached_property
    def bands(self) -> Mapping[str, Array]:
        """How far an answer may lie from the right one; infinite where nothing can be derived."""
        return self._bands(self.estimates, self.values)

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """What each mistake that applies would answer, all of them at once and not kept."""
        return tuple(map(self.predict, mistakes(self.derivation)))

    def predict(self, mistake: Mistake) -> Prediction:
        """Return what a mistake would answer."""
        walked = rewalk(self.derivation, self.estimates, mistake.derivation, self.arithmetic)
        values = self._asked({name: each.value for name, each in walked.items()})
        return Prediction(mistake, values, self._bands(walked, values))

    def _bands(
        self, walked: Mapping[Name, Estimate], values: Mapping[str, Array]
    ) -> dict[str, Array]:
        return {
            part.name: self.band(part, walked[self.quantities[part.name].name], values[part.name])
            for part in self.exercise.ask
        }

    def band(self, part: AskedQuantity, estimate: Estimate, values: Array) -> Array:
        """Return how far an answer may lie from one value of a part.

        Args:
            part: which is asked.
            estimate: the value, with its running error.
            values: its entries in the order of documents.
        """
        if part.tolerance != "auto":
            return stated_band(part.tolerance.rule(), values)
        quantity = self.quantities[part.name]
        band = self.entries(quantity, honest_bands(estimate, precision=self.exercise.precision))
        if self.reaches is None:
            return band
        # What a mistake's steps round by is what the right ones do, in proportion.
        with numpy.errstate(all="ignore"):
            grown = numpy.fmax(1.0, numpy.abs(values) / numpy.abs(self.values[part.name]))
        grown[~numpy.isfinite(grown)] = 1.0
        return numpy.maximum(band, self._reached[part.name] * grown)

    def computed_zeros(self, name: Name) -> Array:
        """Return where a quantity comes to 0 of what is rounded, (variants, rows, columns)."""
        estimate = self.estimates[name]
        is_zero = (estimate.value == 0) & (estimate.error > 0)
        return numpy.broadcast_to(is_zero, (len(self.exercises), *is_zero.shape[-2:]))

    def chosen(self, places: Sequence[int]) -> "Assessment":
        """Return some of the variants, of which nothing is walked again.

        Args:
            places: where they stand, one or more.
        """

        def stacked(array: Array) -> Array:
            return array[places] if array.ndim == STACKED else array

        return replace(
            self,
            exercises=tuple(self.exercises[place] for place in places),
            estimates={
                name: each.shaped(stacked(each.value), stacked(each.error))
                for name, each in self.estimates.items()
            },
            reaches=self.reaches and tuple(self.reaches[place] for place in places),
        )

    @cached_property
    def _reached(self) -> Mapping[str, Array]:
        """How far rounding as the exercise allows reaches from the right answers."""
        assert self.reaches is not None
        reached = {}
        for name, values in self.values.items():
            low, high = (
                numpy.array([each.ends[name][end] for each in self.reaches]) for end in LOW_HIGH
            )
            reached[name] = numpy.maximum(values - low, high - values)
        return reached

    def _asked(self, arrays: Mapping[Name, Array]) -> dict[str, Array]:
        return {
            name: self.entries(quantity, arrays[quantity.name])
            for name, quantity in self.quantities.items()
        }

    def entries(self, quantity: Quantity, array: Array) -> Array:
        """Return a walk's matrices as documents count their entries, (variants, entries).

        Of a lone variant there may be a stack of other matrices: then it has a row for each.
        """
        if quantity.is_transposed(self.exercise.convention):
            array = numpy.swapaxes(array, -1, -2)
        entries = array.reshape(*array.shape[:-2], -1)
        count = len(self.exercises)
        # Whatever has the shape already is spared a call that takes longer than a walk's product.
        if entries.ndim == 2 and count in (1, len(entries)):
            return entries
        return numpy.broadcast_to(entries, (count, entries.shape[-1]))


def assess(exercises: Sequence[Exercise]) -> Assessment:
    """Walk variants of one structure at once.

    Args:
        exercises: one or more, which differ in their givens alone.

    >>> from gradgrade.problems import generate
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> assessment = assess([exercise])
    >>> assessment.values["loss"].round(10).tolist()
    [[0.2490895415]]
    """
    first = exercises[0]
    derivation = first.derivation()
    given = stack_givens(exercises, derivation)
    return Assessment(
        exercises=tuple(exercises),
        derivation=derivation,
        estimates=exercise_estimates(first, derivation, given),
        reaches=None
        if first.rounding is None
        else tuple(Reach(each, derivation) for each in exercises),
    )


def stack_givens(exercises: Sequence[Exercise], derivation: Derivation) -> dict[Name, Any]:
    """Return the doubles of every given, (variants, rows, columns); of scalars the exact rows."""
    first = exercises[0]
    stacks: dict[Name, Any] = dict(given_rows(derivation, first.givens()))
    for name in first.given:
        quantity = derivation.given[name]
        if quantity.kind is Kind.SAMPLES:
            doubles = [each.givens()[name] for each in exercises]
        else:
            doubles = [
                [number.double for number in flatten(each.given[name])] for each in exercises
            ]
        rows, columns = quantity.matrix_shape
        if quantity.is_transposed(first.convention):
            stack = numpy.array(doubles, dtype=numpy.float64).reshape(-1, columns, rows)
            stacks[quantity.name] = stack.swapaxes(-1, -2)
        else:
            stacks[quantity.name] = numpy.array(doubles, dtype=numpy.float64).reshape(
                -1, rows, columns
            )
    return stacks


def alone(stack: Array) -> Array:
    """Return the matrix of the only variant in a stack, or of what all variants share."""
    return stack[0] if stack.ndim == STACKED else stack


def stated_band(rule: Tolerance, values: Array) -> Array:
    """Return a stated tolerance's bands around doubles.

    >>> from gradgrade.oracle.accuracy.tolerance import Significant
    >>> stated_band(Significant(significant=2), numpy.array([314.0, 0.0])).tolist()
    [10.0, 0.0]
    """
    flat = [
        double_or_infinity(*rule.band(value.as_integer_ratio())) if isfinite(value) else inf
        for value in values.ravel().tolist()
    ]
    return numpy.array(flat).reshape(values.shape)
