"""A student's answers as values to go on from: what follows from them, by which steps.

The steps from the nearest answered ancestors to a part are walked on the student's values of those
and the reference's of the rest. All parts, all routes and all mistakes share what they have in
common: a step is walked once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy

from gradgrade.oracle.accuracy.honest_bands import honest_bands
from gradgrade.oracle.arithmetic.running_error import Estimate
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.derivation.routes import by_each_route
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import Rows
from gradgrade.oracle.errors import OracleError
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.walks.accepted import doubles_of, reached_by_rounding
from gradgrade.problems.walks.differing import difference, leading_from
from gradgrade.problems.walks.on_demand import WalkOnDemand, Way, led_to
from gradgrade.problems.walks.output_signs import by_signs_of_outputs, rectified
from gradgrade.problems.walks.stacked import Assessment, alone, stated_band

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too


@dataclass(frozen=True)
class Continuation:
    """What follows from a student's own values.

    Args:
        values: the entries in the order of documents.
        bands: theirs.
        way: by which it follows.
        derivation: whose steps it takes.
    """

    values: Array
    bands: Array
    way: Way
    derivation: Derivation


class OwnWork:
    """A student's answers to one exercise, as values to go on from.

    Args:
        assessment: of the exercise, alone in its stack.
        submitted: the entries of every well-formed answer, by the part's name.
        wrong: the names of those that are not right.
        right_walk: the reference's values.
    """

    def __init__(
        self,
        *,
        assessment: Assessment,
        submitted: Mapping[str, Array],
        wrong: frozenset[str],
        right_walk: WalkOnDemand,
    ) -> None:
        self.assessment = assessment
        self.submitted = submitted
        self.wrong = wrong
        self.right_walk = right_walk
        self._walks: dict[Derivation, WalkOnDemand] = {}
        self._leading: dict[Derivation, Mapping[Name, int]] = {}
        self._continuations: dict[
            tuple[str, Derivation, Derivation | None], Continuation | None
        ] = {}

    @cached_property
    def wrong_names(self) -> frozenset[Name]:
        """What the wrong answers are to."""
        return frozenset(self.assessment.quantities[name].name for name in self.wrong)

    def following(self, part: AskedQuantity) -> tuple[Continuation, ...]:
        """Return by which ways a wrong answer follows rightly from wrong earlier ones."""
        right = self.assessment.derivation
        straight = self.walk(right).way(self._target(part))
        taken = set[Way]()
        found = []
        for derivation in (right, *by_each_route(right), *by_signs_of_outputs(right)):
            if taken and straight.made.isdisjoint(difference(right, derivation).changed):
                continue
            way = self.walk(derivation).way(self._target(part))
            if self.wrong_names.isdisjoint(way.own) or way in taken:
                continue
            taken.add(way)
            continuation = self._leading_to(part, derivation)
            if continuation is not None:
                found.append(continuation)
        return tuple(found)

    def follows_by(self, part: AskedQuantity, derivation: Derivation) -> bool:
        """Tell whether an answer follows from earlier ones by the steps of a derivation."""
        return self._leading_to(part, derivation) is not None

    def asked(self, name: str) -> AskedQuantity:
        """Return the part of a name."""
        return self._asked[name]

    def walk(self, derivation: Derivation) -> WalkOnDemand:
        """Return the walk by a derivation's steps from the student's own values."""
        if derivation not in self._walks:
            right = self.assessment.derivation
            if derivation is right:
                walk = self.right_walk.upon(led_to(right, self._answers), own=self._answers)
            else:
                walk = self.walk(right).upon(self._otherwise(derivation))
            self._walks[derivation] = walk
        return self._walks[derivation]

    def _otherwise(self, derivation: Derivation) -> dict[Name, Step]:
        """Return the steps that do not make what the right ones do of the student's own values."""
        changed = difference(self.assessment.derivation, derivation).changed
        found: dict[Name, Step] = {}
        for step in derivation.steps:
            if step.name in changed or any(
                each in found and each not in self._answers for each in step.reads
            ):
                found[step.name] = step
        return found

    def needed(self, found: Continuation, part: str) -> int:
        """Return the steps on the way to a part, from the student's values and the givens."""
        if found.derivation not in self._leading:
            leading = leading_from(self._answers.keys(), found.derivation)
            self._leading[found.derivation] = leading
        return self._leading[found.derivation][self.assessment.quantities[part].name]

    def continuation(
        self, part: AskedQuantity, derivation: Derivation, *, like: Continuation | None = None
    ) -> Continuation | None:
        """Walk from the student's own values to a part.

        Args:
            part: where to.
            derivation: whose steps are taken.
            like: a continuation whose reach of rounding serves for this one, in proportion.

        Returns:
            None where the way begins at nothing of the student's own, or is the one that it is to
            be like; where the walk has no value, or honest rounding may lose it whole.
        """
        key = part.name, derivation, None if like is None else like.derivation
        if key not in self._continuations:
            self._continuations[key] = self._continued(part, derivation, like)
        return self._continuations[key]

    def _continued(
        self, part: AskedQuantity, derivation: Derivation, like: Continuation | None
    ) -> Continuation | None:
        right = self.assessment.derivation
        if like is not None and like.way.made.isdisjoint(difference(right, derivation).changed):
            return None
        walk, target = self.walk(derivation), self._target(part)
        way = walk.way(target)
        if not way.own or (like is not None and way == like.way):
            return None
        try:
            made = walk.made(target)
            values = self._entries(part, made.value)
            exactly = Continuation(values, numpy.zeros_like(values), way, derivation)
            found = replace(exactly, bands=self._bands(part, made, exactly, like))
        except (OracleError, ExerciseError):
            return None
        if not (numpy.isfinite(values).all() and numpy.isfinite(found.bands).all()):
            return None
        return found

    def asked_as(self, name: Name) -> str:
        """Return the name of the part that asks for a quantity."""
        quantities = self.assessment.quantities.items()
        return next(text for text, quantity in quantities if quantity.name == name)

    def _leading_to(self, part: AskedQuantity, derivation: Derivation) -> Continuation | None:
        """Return what follows by a derivation's steps, if that is the answer."""
        found = self.continuation(part, derivation)
        if found is None:
            return None
        distance = numpy.abs(self.submitted[part.name] - found.values)
        return found if (distance <= found.bands).all() else None

    @cached_property
    def _asked(self) -> Mapping[str, AskedQuantity]:
        return {part.name: part for part in self.assessment.exercise.ask}

    @cached_property
    def _answers(self) -> Mapping[Name, Estimate]:
        """The student's values, each as uncertain as it may be rounded."""
        precision = self.assessment.arithmetic.precision
        answers = {}
        for part in self.assessment.exercise.ask:
            if part.name in self.submitted:
                quantity = self.assessment.quantities[part.name]
                value = self._matrix(quantity, self.submitted[part.name])
                error = numpy.abs(value) + self._rounding_of(part, value) / precision.scale
                answers[quantity.name] = Estimate(value, error, precision)
        return answers

    def _rounding_of(self, part: AskedQuantity, value: Array) -> Array:
        """Return how far the value that a student went on with may lie from the one submitted."""
        if part.tolerance != "auto":
            return stated_band(part.tolerance.rule(), value)
        rounding = self.assessment.exercise.rounding
        if rounding is None:
            return numpy.zeros_like(value)
        band = stated_band(rounding.rule(), value)
        is_rectified = self._target(part) in rectified(self.assessment.derivation)
        return numpy.where(value == 0, 0.0, band) if is_rectified else band

    def _bands(
        self, part: AskedQuantity, made: Estimate, found: Continuation, like: Continuation | None
    ) -> Array:
        exercise, values = self.assessment.exercise, found.values
        band = self._entries(part, honest_bands(made, precision=exercise.precision))
        if part.tolerance != "auto":
            return band + stated_band(part.tolerance.rule(), values)
        if exercise.rounding is None:
            return band
        if like is not None:
            grown = numpy.fmax(1.0, numpy.abs(values) / numpy.abs(like.values))
            return numpy.maximum(band, like.bands * numpy.where(numpy.isfinite(grown), grown, 1.0))
        return band + self._reached(part, found)

    def _reached(self, part: AskedQuantity, found: Continuation) -> Array:
        """Return how far rounding every intermediate value reaches on the student's own way."""
        assessment, way = self.assessment, found.way
        assert assessment.exercise.rounding is not None
        known = {**assessment.estimates, **self._answers}
        read = {name for step in way.steps for name in step.reads} - way.made
        rows: dict[Name, Rows] = {
            name: [[Fraction(entry) for entry in row] for row in alone(known[name].value).tolist()]
            for name in read
        }
        # By this way alone: another may read what is not the student's own.
        by_this = tuple(
            replace(step, routes=()) for step in found.derivation.steps if step in way.steps
        )
        derivation = replace(assessment.derivation, steps=by_this)
        target = self._target(part)
        ends = reached_by_rounding(
            assessment.exercise, derivation, rows, assessment.exercise.rounding, of=[target]
        )
        low, high = doubles_of(ends[target])
        return numpy.maximum(found.values - low, high - found.values)

    def _target(self, part: AskedQuantity) -> Name:
        return self.assessment.quantities[part.name].name

    def _entries(self, part: AskedQuantity, array: Array) -> Array:
        return self.assessment.entries(self.assessment.quantities[part.name], array)[0]

    def _matrix(self, quantity: Quantity, entries: Array) -> Array:
        rows = quantity.to_rows(entries.tolist(), self.assessment.exercise.convention)
        return numpy.array(rows)
