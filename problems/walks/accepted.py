"""Which answers are accepted: for every asked entry, an interval that holds its expected value.

A stated tolerance gives each expected value its band. The derived one (`"auto"`) follows the
exercise's own arithmetic: what honest code in its precision reaches, and where students may round
every intermediate value, what rounding and truncating reach besides.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy

from gradgrade.oracle.accuracy.honest_bands import estimates, honest_bands, rounding_ends
from gradgrade.oracle.arithmetic.binary64 import Array
from gradgrade.oracle.arithmetic.running_error import Estimate
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.derivation.walking import Rows
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.exact_numbers import Ratio, added, double_or_infinity
from gradgrade.oracle.nested import flatten
from gradgrade.problems.documents.exercise import AskedQuantity, Exercise
from gradgrade.problems.documents.tolerance import Rounding
from gradgrade.problems.errors import ExerciseError
from gradgrade.problems.solve import Solution

Ends = tuple[Ratio, Ratio]
"""The lowest and the highest number of an interval, not reduced."""

Reached = tuple[Fraction, Fraction]


def accepted_ends(solution: Solution) -> dict[str, list[Ends]]:
    """Return the interval in which each entry of each part is accepted.

    Args:
        solution: of the exercise that asks.

    Returns:
        By the parts' names, the lowest and highest accepted value of every entry, in the order of
        the document. A submitted double may lie beyond them by half an ulp of its own.

    Raises:
        ExerciseError: no tolerance can be derived: honest rounding may cross a kink.

    >>> from gradgrade.problems import generate, solve
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> [(low, high)] = accepted_ends(solve(exercise))["loss"]
    >>> Fraction(*low) < Fraction(24909, 100_000) < Fraction(*high)
    True
    """
    exercise = solution.exercise
    derived = _derived_ends(solution) if any(map(is_derived, exercise.ask)) else {}
    stated = [part for part in exercise.ask if not is_derived(part)]
    is_zero = (not numerator for part in stated for numerator, _ in solution[part.name].entries)
    left = _left_by_rounding(solution) if any(is_zero) else {}
    ends = {part.name: list(_stated_ends(part, solution, left)) for part in stated} | derived
    return {part.name: ends[part.name] for part in exercise.ask}


def bands(solution: Solution) -> dict[str, list[Fraction]]:
    """Return how far an answer may lie from each expected value, on the side that allows more."""
    return {
        name: [
            max(Fraction(*expected) - Fraction(*low), Fraction(*high) - Fraction(*expected))
            for expected, (low, high) in zip(solution[name].entries, ends, strict=True)
        ]
        for name, ends in accepted_ends(solution).items()
    }


def exercise_estimates(
    exercise: Exercise, derivation: Derivation, given: Mapping[Name, Any]
) -> dict[Name, Estimate]:
    """Return every quantity with the running error of honest code in the exercise's precision."""
    is_decimal = exercise.arithmetic == "decimal"
    return estimates(derivation, given, givens_are_rounded=is_decimal, precision=exercise.precision)


def document_order(quantity: Quantity, exercise: Exercise, rows: Sequence[Sequence[Any]]) -> Any:
    """Return the entries of a walk's matrix in the order of the exercise's documents."""
    return flatten(quantity.to_document([list(row) for row in rows], exercise.convention))


def reached_by_rounding(
    exercise: Exercise,
    derivation: Derivation,
    given: Mapping[Name, Rows],
    rounding: Rounding,
    *,
    of: Collection[Name],
) -> dict[Name, list[Reached]]:
    """Return the lowest and highest value that rounding as stated can reach.

    Args:
        exercise: which.
        derivation: its steps, or some of them.
        given: the exact rows of what these read.
        rounding: as stated.
        of: what is made, whose entries are returned in the order of documents.

    Raises:
        ExerciseError: honest rounding may cross a kink.
    """
    try:
        ends = rounding_ends(
            derivation, given, decimals=rounding.decimals, significant=rounding.significant, of=of
        )
    except OracleError as error:
        raise ExerciseError(f"no tolerance can be derived for the rounding: {error}") from None
    return {
        name: [
            (Fraction(low), Fraction(high))
            for low, high in zip(
                *(
                    document_order(derivation.by_name[name].quantity, exercise, rows)
                    for rows in each
                ),
                strict=True,
            )
        ]
        for name, each in ends.items()
    }


def doubles_of(reached: Sequence[Reached]) -> tuple[Array, Array]:
    """Return the lowest and the highest ends as the nearest doubles, ±∞ beyond the largest."""
    low, high = (
        numpy.array([double_or_infinity(*end.as_integer_ratio()) for end in ends])
        for ends in zip(*reached, strict=True)
    )
    return low, high


def is_derived(part: AskedQuantity) -> bool:
    """Tell whether a part's tolerance follows from the exercise's own arithmetic."""
    return part.tolerance == "auto"


def _stated_ends(
    part: AskedQuantity, solution: Solution, left: Mapping[str, list[float]]
) -> Iterator[Ends]:
    assert part.tolerance != "auto"
    rule = part.tolerance.rule()
    for at, entry in enumerate(solution[part.name].entries):
        band = rule.band(entry)
        numerator, _ = entry
        if not numerator:
            # A share of 0 is 0, yet 1e-17 may be left of what cancels.
            band = max(Fraction(*band), Fraction(left[part.name][at])).as_integer_ratio()
        yield _around(entry, band)


def _left_by_rounding(solution: Solution) -> dict[str, list[float]]:
    """Return how far from the entries of each part honest code's own rounding may lie.

    Of what it computes as 0 without rounding, or without bounds, it is 0.
    """
    exercise, result = solution.exercise, {}
    for name, quantity, estimate in _walked_parts(solution):
        is_rounded = (estimate.error > 0) & numpy.isfinite(estimate.error)
        rounding = numpy.where(is_rounded, honest_bands(estimate, precision=exercise.precision), 0)
        result[name] = document_order(quantity, exercise, rounding.tolist())
    return result


def _walked_parts(solution: Solution) -> Iterator[tuple[str, Quantity, Estimate]]:
    """Yield each part's name and quantity, with the running error of honest code."""
    exercise = solution.exercise
    derivation = exercise.needed()
    walked = exercise_estimates(exercise, derivation, solution.certified.enclosure.given)
    for part in exercise.ask:
        quantity = derivation.results[part.name]
        yield part.name, quantity, walked[quantity.name]


def _derived_ends(solution: Solution) -> dict[str, list[Ends]]:
    exercise = solution.exercise
    derivation = exercise.needed()
    given = solution.certified.enclosure.given
    bands = derived_bands(solution)
    asked = {derivation.results[part.name].name for part in exercise.ask}
    reached = (
        reached_by_rounding(exercise, derivation, given, exercise.rounding, of=asked)
        if exercise.rounding
        else {}
    )
    result = {}
    for part in exercise.ask:
        ends = ends_around(solution, part.name, bands[part.name])
        quantity = derivation.results[part.name]
        if quantity.name in reached:
            ends = [_widened(*each) for each in zip(ends, reached[quantity.name], strict=True)]
        result[part.name] = ends
    return result


def derived_bands(solution: Solution) -> dict[str, list[float]]:
    """Return how far honest code reaches from each entry of each part, in the document's order.

    Raises:
        ExerciseError: no tolerance can be derived: honest rounding may cross a kink.
    """
    exercise, result = solution.exercise, {}
    for name, quantity, estimate in _walked_parts(solution):
        honest = honest_bands(estimate, precision=exercise.precision)
        if not numpy.isfinite(honest).all():
            raise ExerciseError(
                f"{name}: no tolerance can be derived: honest rounding may cross a kink, "
                "or lose a value whole"
            )
        result[name] = document_order(quantity, exercise, honest.tolist())
    return result


def ends_around(solution: Solution, part: str, bands: Sequence[float]) -> list[Ends]:
    """Return the ends of intervals that reach as far as bands from each entry of a part."""
    pairs = zip(solution[part].entries, bands, strict=True)
    return [_around(entry, band.as_integer_ratio()) for entry, band in pairs]


def _around(expected: Ratio, band: Ratio) -> Ends:
    numerator, denominator = band
    return added(expected, (-numerator, denominator)), added(expected, (numerator, denominator))


def _widened(ends: Ends, reached: Reached) -> Ends:
    low, high = (Fraction(*end) for end in ends)
    return min(low, reached[0]).as_integer_ratio(), max(high, reached[1]).as_integer_ratio()
