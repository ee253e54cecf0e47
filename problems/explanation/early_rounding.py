"""Rounding told apart from error: answers that are right but for digits dropped on the way.

What a student wrote shows to how many decimals they round. An answer that rounding or truncating
every intermediate value to as many decimals, or one fewer, can reach is rounded too early, where it
is not right; unless it is the right value itself, shortened only as it was written down. Code that
works in float32 is not mistaken either: its numbers are right to 24 bits.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy

from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.problems.documents.exercise import AskedQuantity
from gradgrade.problems.documents.tolerance import Rounding
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.walks.accepted import doubles_of, reached_by_rounding
from gradgrade.problems.walks.stacked import Assessment, assess

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too

LEAST_DECIMALS, MOST_DECIMALS = 2, 8
"""Fewer say nothing; with more nobody works by hand, though what code printed may have them."""

MOST_REACH = 0.05
"""The share of a part's largest value beyond which rounding would excuse anything."""


class EarlyRounding:
    """Tells which entries of an exercise's answers rounding too early explains.

    Args:
        assessment: of the exercise, alone in its stack.
    """

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self._reached: dict[int, Mapping[str, tuple[Array, Array]]] = {}

    def explains(self, part: AskedQuantity, answer: Array) -> Array:
        """Return which entries of an answer lie within what rounding reaches, as booleans."""
        written = max(map(decimals_of, answer.tolist()))
        nothing = numpy.zeros(answer.shape, dtype=bool)
        if not LEAST_DECIMALS <= written <= MOST_DECIMALS:
            return nothing
        largest = numpy.abs(self.assessment.values[part.name]).max()
        for decimals in (written, written - 1):
            if decimals < LEAST_DECIMALS:
                break
            low, high = self._reached_at(decimals)[part.name]
            # The answer itself is written to its last place, rounded or truncated.
            last = 10.0**-written
            within = (answer >= low - last) & (answer <= high + last)
            within &= high - low <= MOST_REACH * largest
            if within.all():
                return within
            nothing |= within
        return nothing

    def is_shortened(self, part: AskedQuantity, answer: Array) -> Array:
        """Return which entries are the right ones, rounded or truncated to the decimals written."""
        written = max(map(decimals_of, answer.tolist()))
        right, last = self.assessment.values[part.name][0], 10.0**-written
        if written < LEAST_DECIMALS or last > MOST_REACH * numpy.abs(right).max():
            return numpy.zeros(answer.shape, dtype=bool)
        return numpy.abs(answer - right) < last + self.assessment.bands[part.name][0]

    def has_as_many_digits_as_asked(self, answer: Array) -> bool:
        """Tell whether an answer by hand may be written to as many digits as are to be kept.

        What was typed may have ended in a 0, which a double does not tell.
        """
        rounding = self.assessment.exercise.rounding
        if rounding is None:
            return False
        if rounding.decimals is not None:
            return max(map(decimals_of, answer.tolist())) >= rounding.decimals - 1
        assert rounding.significant is not None
        return max(map(_digits_of, answer.tolist())) >= rounding.significant - 1

    def _reached_at(self, decimals: int) -> Mapping[str, tuple[Array, Array]]:
        if decimals not in self._reached:
            self._reached[decimals] = self._reach(Rounding(decimals=decimals))
        return self._reached[decimals]

    def _reach(self, rounding: Rounding) -> Mapping[str, tuple[Array, Array]]:
        assessment = self.assessment
        exercise, derivation = assessment.exercise, assessment.needed
        given = given_rows(derivation, exercise.givens())
        try:
            asked = {quantity.name for quantity in assessment.quantities.values()}
            ends = reached_by_rounding(exercise, derivation, given, rounding, of=asked)
        except ExerciseError:
            nowhere = numpy.array([numpy.inf]), numpy.array([-numpy.inf])
            return dict.fromkeys(assessment.quantities, nowhere)
        return {
            name: doubles_of(ends[quantity.name])
            for name, quantity in assessment.quantities.items()
        }


class SinglePrecision:
    """Tells which of an exercise's answers are right but for the rounding of float32.

    Args:
        assessment: of the exercise, alone in its stack.
    """

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment

    def explains(self, part: AskedQuantity, answer: Array) -> bool:
        """Tell whether all entries are numbers of float32, and as near as honest code comes."""
        is_asked_for = self.assessment.exercise.precision == "binary32"
        if is_asked_for or part.tolerance != "auto" or not answer.any():
            return False
        if (answer.astype(numpy.float32).astype(numpy.float64) != answer).any():
            return False
        right, bands = self.assessment.values[part.name][0], self._bands[part.name][0]
        is_told = bands <= MOST_REACH * numpy.abs(right).max()
        return bool((is_told & (numpy.abs(answer - right) <= bands)).all())

    @cached_property
    def _bands(self) -> Mapping[str, Array]:
        exercise = self.assessment.exercise.model_copy(update={"precision": "binary32"})
        return assess([exercise]).bands


def decimals_of(number: float) -> int:
    """Return how many decimals the shortest decimal of a double has.

    >>> decimals_of(0.5663), decimals_of(2.0), decimals_of(1e-7)
    (4, 0, 7)
    """
    exponent = Decimal(repr(number)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _digits_of(number: float) -> int:
    """Return how many significant digits the shortest decimal of a double has.

    >>> _digits_of(0.0566), _digits_of(200.0)
    (3, 1)
    """
    return len(Decimal(repr(number)).normalize().as_tuple().digits)
