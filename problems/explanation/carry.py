"""Error carried forward: what a student rightly derived from wrong earlier values of their own.

The steps from the nearest answered ancestors to the answer are walked on the student's values of
those and the reference's of the rest, by every declared route, and the answer is judged by the band
of that walk. Where the earlier answer makes the later one trivial, nothing is carried. A step that
is an equality, as ∂L/∂b = δ of one sample, is not trivial so: there the copy is the right answer.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from operator import is_
from typing import Any

import numpy

from gradgrade.oracle.accuracy.honest_bands import honest_bands
from gradgrade.oracle.arithmetic.running_error import Estimate
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import Rows, walk_steps
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.exact_numbers import double_or_infinity
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.walks.accepted import reached_by_rounding
from gradgrade.problems.walks.stacked import Assessment, stated_band

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

OUT_OF_PROPORTION = 3
"""How many powers of ten larger or smaller than the right one an earlier answer may be.

Whole powers, so that what is carried tells no more of the right answer than its size.
"""

MOST_TRIVIAL = 0.5
"""The share of entries that may be 0 for the student alone, or lost in their own band."""


@dataclass(frozen=True)
class Way:
    """Steps from a student's own values to a part.

    Args:
        steps: in order.
        own: the names of the values that are the student's.
        needed: what is made on the way, from those and from the givens.
    """

    steps: tuple[Step, ...]
    own: frozenset[Name]
    needed: frozenset[Name]

    @property
    def made(self) -> frozenset[Name]:
        """What its steps make."""
        return _names(self.steps)

    def anew_after(self, other: "Way") -> Iterator[Step]:
        """Yield the steps that another way does not take, and those that read what they make."""
        taken = {step.name: step for step in other.steps}
        differs = set(self.own - other.own)
        for step in self.steps:
            if taken.get(step.name) is not step or not differs.isdisjoint(step.reads):
                differs.add(step.name)
                yield step

    def is_as(self, other: "Way") -> bool:
        """Tell whether another way takes the very same steps."""
        return len(self.steps) == len(other.steps) and all(map(is_, self.steps, other.steps))


@dataclass(frozen=True)
class Continuation:
    """What follows from a student's own values.

    Args:
        values: the entries in the order of documents.
        bands: theirs.
        way: by which it follows.
        walked: all that was walked on the way.
    """

    values: Array
    bands: Array
    way: Way
    walked: Mapping[Name, Estimate]


@dataclass(frozen=True)
class OwnWork:
    """A student's answers to one exercise, as values to go on from.

    Args:
        assessment: of the exercise, alone in its stack.
        submitted: the entries of every well-formed answer, by the part's name.
        wrong: the names of those that are not right.
    """

    assessment: Assessment
    submitted: Mapping[str, Array]
    wrong: frozenset[str]

    def following(self, part: AskedQuantity) -> tuple[Continuation, ...]:
        """Return by which ways a wrong answer follows rightly from wrong earlier ones."""
        return tuple(
            found
            for way in _different(self.way(part, each) for each in self._routed)
            if not self._wrong_names.isdisjoint(way.own)
            and (found := self._leading_to(part, way)) is not None
        )

    def follows_by(self, part: str, derivation: Derivation) -> bool:
        """Tell whether an answer follows from earlier ones by the steps of a derivation."""
        asked = next(each for each in self.assessment.exercise.ask if each.name == part)
        way = self.way(asked, derivation)
        return way is not None and self._leading_to(asked, way) is not None

    def _leading_to(self, part: AskedQuantity, way: Way) -> Continuation | None:
        """Return what follows by a way, if that is the answer."""
        found = self.continuation(part, way)
        if found is None:
            return None
        distance = numpy.abs(self.submitted[part.name] - found.values)
        return found if (distance <= found.bands).all() else None

    def way(self, part: AskedQuantity, derivation: Derivation) -> Way | None:
        """Return the steps of a derivation from the student's own values to a part, if any."""
        target = self.assessment.quantities[part.name].name
        answered = self._answers.keys() - {target}
        needed = derivation.needed_for(target, from_names=answered)
        own = frozenset(name for step in needed for name in step.reads) & answered
        if not own:
            return None
        steps = tuple(_after(own, needed, self.assessment.estimates))
        return Way(steps, own, _names(needed))

    def continuation(
        self, part: AskedQuantity, way: Way, *, like: Continuation | None = None
    ) -> Continuation | None:
        """Walk from the student's own values to a part.

        Args:
            part: where to.
            way: the steps.
            like: a way's continuation whose reach of rounding serves for this one, in proportion,
                and from which this one is walked only where it differs.

        Returns:
            None where the walk has no value, or honest rounding may lose it whole.
        """
        target = self.assessment.quantities[part.name].name
        own = {name: self._answers[name] for name in way.own}
        known, steps = {**self.assessment.estimates, **own}, way.steps
        if like is not None:
            steps = tuple(way.anew_after(like.way))
            known |= {name: like.walked[name] for name in way.made.difference(_names(steps))}
        try:
            walked = walk_steps(steps, known, self.assessment.arithmetic)
            values = self._entries(part, walked[target].value)
            bands = self._bands(part, values, walked[target], way, like)
        except (OracleError, ExerciseError):
            return None
        if not (numpy.isfinite(values).all() and numpy.isfinite(bands).all()):
            return None
        return Continuation(values, bands, way, walked)

    @cached_property
    def _wrong_names(self) -> frozenset[Name]:
        return frozenset(self.assessment.quantities[name].name for name in self.wrong)

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
        return numpy.zeros_like(value) if rounding is None else stated_band(rounding.rule(), value)

    def _bands(
        self,
        part: AskedQuantity,
        values: Array,
        walked: Estimate,
        way: Way,
        like: Continuation | None,
    ) -> Array:
        exercise = self.assessment.exercise
        band = self._entries(part, honest_bands(walked, precision=exercise.precision))
        if part.tolerance != "auto":
            return band + stated_band(part.tolerance.rule(), values)
        if exercise.rounding is None:
            return band
        if like is not None:
            grown = numpy.fmax(1.0, numpy.abs(values) / numpy.abs(like.values))
            return numpy.maximum(band, like.bands * numpy.where(numpy.isfinite(grown), grown, 1.0))
        return band + self._reached(part, values, way)

    def _reached(self, part: AskedQuantity, values: Array, way: Way) -> Array:
        """Return how far rounding every intermediate value reaches on the student's own way."""
        assessment = self.assessment
        assert assessment.exercise.rounding is not None
        known = {**assessment.estimates, **{name: self._answers[name] for name in way.own}}
        made = {step.name for step in way.steps}
        read = {name for step in way.steps for name in step.reads} - made
        rows: dict[Name, Rows] = {
            name: [[Fraction(entry) for entry in row] for row in _only(known[name].value).tolist()]
            for name in read
        }
        # By this way alone: another may read what is not the student's own.
        alone = tuple(replace(step, routes=()) for step in way.steps)
        derivation = replace(assessment.derivation, steps=alone)
        target = assessment.quantities[part.name].name
        ends = reached_by_rounding(
            assessment.exercise, derivation, rows, assessment.exercise.rounding
        )
        low, high = (
            numpy.array([double_or_infinity(each[end]) for each in ends[target]]) for end in (0, 1)
        )
        return numpy.maximum(values - low, high - values)

    def is_fair(self, part: AskedQuantity, found: Continuation) -> bool:
        """Tell whether the student's earlier answers left the later one its work."""
        right = self.assessment.values[part.name][0]
        for name in found.way.own:
            asked = self._asked_as(name)
            if asked in self.wrong and not self._is_in_proportion(asked):
                return False
        lost = (found.values == 0) | (numpy.abs(found.values) <= found.bands)
        lost_alone = lost & (right != 0)
        if lost_alone.mean() > MOST_TRIVIAL:
            return False
        return not self._is_echo(part, found)

    def _is_in_proportion(self, name: str) -> bool:
        answer, right = self.submitted[name], self.assessment.values[name][0]
        if not numpy.isfinite(answer).all():
            return False
        zeros = (answer == 0) & (right != 0)
        if zeros.any() and zeros.mean() >= MOST_TRIVIAL:
            return False
        if answer.size > 1 and numpy.ptp(answer) == 0 and numpy.ptp(right) != 0:
            return False
        return bool(abs(_decade(answer) - _decade(right)) <= OUT_OF_PROPORTION)

    def _is_echo(self, part: AskedQuantity, found: Continuation) -> bool:
        """Tell whether what follows is a given, as W − η·0 is W, or a wrong answer once more."""
        assessment = self.assessment
        known = [
            assessment.entries(each, assessment.estimates[each.name].value)[0]
            for each in assessment.derivation.givens
        ]
        earlier = map(self._asked_as, found.way.own & self._wrong_names)
        known += [self.submitted[name] for name in earlier if not self._are_equal(name, part.name)]
        return any(
            each.size == found.values.size
            and bool((numpy.abs(each - found.values) <= found.bands).all())
            for each in known
        )

    def _are_equal(self, name: str, other: str) -> bool:
        """Tell whether the right answers to two parts are the same numbers."""
        one, another = self.assessment.values[name][0], self.assessment.values[other][0]
        bands = [self.assessment.bands[each][0] for each in (name, other)]
        return one.size == another.size and bool((numpy.abs(one - another) <= sum(bands)).all())

    @cached_property
    def _routed(self) -> tuple[Derivation, ...]:
        """The derivation, and the same by way of each route that its steps declare."""
        derivation = self.assessment.derivation
        most = max(len(step.routes) for step in derivation.steps)
        others = (
            derivation.replacing(
                *(
                    replace(step, reads=step.routes[index].reads, rule=step.routes[index].rule)
                    for step in derivation.steps
                    if index < len(step.routes)
                )
            )
            for index in range(most)
        )
        return (derivation, *others)

    def _asked_as(self, name: Name) -> str:
        quantities = self.assessment.quantities.items()
        return next(text for text, quantity in quantities if quantity.name == name)

    def _entries(self, part: AskedQuantity, array: Array) -> Array:
        return self.assessment.entries(self.assessment.quantities[part.name], array)[0]

    def _matrix(self, quantity: Quantity, entries: Array) -> Array:
        rows = quantity.to_rows(entries.tolist(), self.assessment.exercise.convention)
        return numpy.array([rows])


def _names(steps: Iterable[Step]) -> frozenset[Name]:
    return frozenset(step.name for step in steps)


def _different(ways: Iterable[Way | None]) -> Iterator[Way]:
    """Yield the ways that there are, each once."""
    taken: list[Way] = []
    for way in ways:
        if way is not None and not any(map(way.is_as, taken)):
            taken.append(way)
            yield way


def _after(own: frozenset[Name], steps: tuple[Step, ...], known: Container[Name]) -> Iterator[Step]:
    """Yield the steps that what is the student's own leads to, and any that are not known."""
    reached = set(own)
    for step in steps:
        if step.name not in known or not reached.isdisjoint(step.reads):
            reached.add(step.name)
            yield step


def _decade(values: Array) -> float:
    """Return the power of ten of the largest entry."""
    return float(numpy.floor(numpy.log10(numpy.abs(values).max())))


def _only(stack: Array) -> Array:
    return stack[0] if stack.ndim == 3 else stack
