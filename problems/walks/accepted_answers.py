"""The doubles that are accepted as answers: all of them at once, where there are many."""

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, pairwise

import numpy

from gradgrade.oracle.accuracy.many_accepted import many_accepted
from gradgrade.oracle.accuracy.tolerance import accepted_doubles
from gradgrade.oracle.arithmetic.binary64 import Array
from gradgrade.problems.solve import Solution
from gradgrade.problems.walks.accepted import (
    Ends,
    accepted_ends,
    derived_bands,
    ends_around,
    is_derived,
)

LEAST_AT_ONCE = 64
"""Of fewer entries each is found by itself, which is sooner."""


def accepted_answers(solution: Solution) -> dict[str, tuple[Array, Array]]:
    """Return the smallest and the largest double that each entry of each part may be.

    Args:
        solution: of the exercise that asks.

    Returns:
        By the parts' names, in the order of the document.

    Raises:
        ExerciseError: no tolerance can be derived.

    >>> from gradgrade.problems import generate, solve
    >>> from gradgrade.problems.catalogue import load
    >>> exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    >>> low, high = accepted_answers(solve(exercise))["loss"]
    >>> (low < 0.24909).tolist(), (high > 0.24909).tolist()
    ([True], [True])
    """
    exercise = solution.exercise
    if exercise.rounding is None and all(map(is_derived, exercise.ask)):
        return _around(solution, derived_bands(solution))
    return {name: _within(each) for name, each in accepted_ends(solution).items()}


def _around(solution: Solution, bands: dict[str, list[float]]) -> dict[str, tuple[Array, Array]]:
    """Return what is accepted around each entry of each part, to either side as far as its band."""
    sizes = list(map(len, bands.values()))
    values = [solution[name].certified for name in bands] if sum(sizes) >= LEAST_AT_ONCE else []
    beyond = [known for each in values if (known := each.beyond_doubles) is not None]
    if len(beyond) < len(bands):
        return {name: _within(ends_around(solution, name, each)) for name, each in bands.items()}
    nearest = [each.flat_doubles for each in values]
    low, high, is_told = many_accepted(_joined(nearest), _joined(beyond), _joined(bands.values()))
    accepted = {}
    for name, (start, stop) in zip(bands, pairwise(accumulate(sizes, initial=0)), strict=True):
        own = slice(start, stop)
        if not is_told[own].all():
            low[own], high[own] = _within(ends_around(solution, name, bands[name]))
        accepted[name] = low[own], high[own]
    return accepted


def _joined(parts: Iterable[Sequence[float]]) -> Array:
    return numpy.array(list(chain.from_iterable(parts)))


def _within(ends: Sequence[Ends]) -> tuple[Array, Array]:
    low, high = zip(*(accepted_doubles(*each) for each in ends), strict=True)
    return numpy.array(low), numpy.array(high)
