"""Entries that are 0 in every variant, though no arithmetic computes them as 0.

Σ_n ∂L/∂z before a batch normalization, say: 0 in exact arithmetic, 1e-17 in honest code. They are
found where no draw lifts them over their rounding, and proven to be 0 on several draws. Then they
are no fault, and nothing is told by them: whoever does no work has them right. In every variant
that is issued they are proven once more, so that none of it rests on what other draws are like.

So is a whole part that is computed as 0 whatever the numbers are, as behind a factor 0.

Others are in every variant too, but not in the same place: they are found by where a draw has them.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import count

import numpy

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Kind
from gradgrade.oracle.derivation.walking import given_rows, take, walk
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.nested import flatten
from gradgrade.problems.gates.base import Array, Candidates
from gradgrade.problems.solve import Solution, solve
from gradgrade.problems.walks.stacked import assess

GOLDEN = 0.6180339887498949
"""Its multiples, but for what is whole of them, lie evenly between 0 and 1, and none twice."""

LOWEST = (0.125, -0.875)
"""From where generic numbers are: where logarithms and roots have a value, and of either sign."""

PROOFS = 4
"""How many draws a claim about all of them is proven on."""

MOST_TRIED = 8
"""Draws for those proofs: one or another cannot be proven, and is none that would be issued."""

_DRAWN = frozenset({Kind.INPUTS, Kind.TARGETS, Kind.WEIGHTS, Kind.RECURRENT_WEIGHTS, Kind.BIASES})
"""What may be any number; a mask, a choice or a rate may not."""

Proofs = Callable[[], Sequence[Solution]]
"""The solutions of those draws; none where one of them cannot be proven."""


def solutions_of(decided: Candidates) -> tuple[Solution, ...]:
    """Return the proven values of some of the candidates; nothing where too few can be proven."""
    exercises = decided.assessment.exercises
    places = numpy.linspace(0, len(exercises) - 1, MOST_TRIED).round().astype(int)
    solutions: list[Solution] = []
    for place in dict.fromkeys(places.tolist()):
        try:
            solutions.append(solve(exercises[place]))
        except OracleError:
            continue
        if len(solutions) == PROOFS:
            return tuple(solutions)
    return ()


def find_zeros(decided: Candidates, proofs: Proofs) -> dict[str, Array]:
    """Return by name which entries of the walk's matrices are 0 in every draw.

    What is computed as 0 without any rounding, as behind a unit that is off, is not among them; but
    a whole part is that is so for other numbers too, as what is passed back through x⁰ or by a
    factor 0. Else no draw would be issued, since the part vanishes in all of them.
    """
    suspects = {}
    never = _zero_whatever_is_drawn(decided)
    for step in decided.assessment.needed.steps:
        estimate = decided.assessment.estimates[step.name]
        is_lost = numpy.abs(estimate.value) <= decided.honest(step.name)
        # One draw or another may come to 0 without rounding, since its numbers happen to be even.
        is_rounded = _in_any(estimate.error > 0)
        suspected = ~_in_any(~is_lost)
        if step.name not in never:
            suspected &= is_rounded
        if suspected.any() and str(step.name) in decided.derivation.results:
            suspects[str(step.name)] = suspected
    if not suspects:
        return {}
    solutions = proofs()
    zeros = {}
    for name, suspected in suspects.items():
        for solution in solutions:
            suspected = suspected & (_proven(solution, name) == 0)
        if suspected.any():
            zeros[name] = suspected
    return zeros if solutions else {}


def _zero_whatever_is_drawn(decided: Candidates) -> frozenset[Name]:
    """Return the parts that are computed as 0 for numbers that nobody draws, too.

    A part that is 0 in every draw since all inputs are drawn as 0, or a unit is off in the range
    that is drawn, is none of them: other draws would help.
    """
    found = [
        {name for name, matrix in values.items() if not matrix.any()}
        for low in LOWEST
        if (values := _parts_for_numbers_from(low, decided)) is not None
    ]
    return frozenset(set.intersection(*found) if found else ())


def _parts_for_numbers_from(low: float, decided: Candidates) -> dict[Name, Array] | None:
    """Return the parts that are asked for numbers of a range of 2; None where there is no value."""
    derivation = decided.assessment.needed
    rows = given_rows(derivation, decided.assessment.exercises[0].givens())
    numbers = (low + 2 * (GOLDEN * each % 1) for each in count(1))
    for given in derivation.givens:
        if given.kind in _DRAWN:
            rows[given.name] = [[next(numbers) for _ in row] for row in rows[given.name]]
    arithmetic = Binary64()
    try:
        with numpy.errstate(all="ignore"):
            values = walk(derivation, take(rows, arithmetic), arithmetic)
    except OracleError:
        return None
    asked = {quantity.name: values[quantity.name] for _, quantity in decided.sensitivities()}
    return asked if all(numpy.isfinite(each).all() for each in asked.values()) else None


def find_moving_zeros(decided: Candidates, proofs: Proofs) -> frozenset[str]:
    """Return the quantities that are asked and have a 0 in every draw, now here, now there.

    Of z − max(z) the entry where the draw has its maximum. Whoever computes it has 0 without any
    rounding, since equal doubles are subtracted; but a band knows nothing of that.
    """
    suspects = set()
    for quantity in decided.quantities.values():
        name = str(quantity.name)
        moving = decided.assessment.computed_zeros(quantity.name)
        if name in decided.zeros:
            moving = moving & ~decided.zeros[name]
        if moving.any(axis=(-2, -1)).all():
            suspects.add(name)
    if not suspects:
        return frozenset()
    solutions = proofs()
    unlike = {name for each in solutions for name in not_zero({}, suspects, each)}
    return frozenset(suspects - unlike if solutions else ())


def not_zero(
    zeros: Mapping[str, Array], moving: Collection[str], solution: Solution
) -> Iterator[str]:
    """Yield the quantities of which an entry is not 0 here, though it is said to be.

    Args:
        zeros: by name, the entries that are 0 in other draws.
        moving: what has zeros that move: here, where they are computed.
        solution: of a variant.
    """
    for name, entries in zeros.items():
        if (_proven(solution, name)[entries] != 0).any():
            yield name
    if not moving:
        return
    assessment = assess([solution.exercise])
    for name in sorted(moving):
        entries = assessment.computed_zeros(solution.derivation.results[name].name)[0]
        if (_proven(solution, name)[entries] != 0).any():
            yield name


def _proven(solution: Solution, name: str) -> Array:
    """Return a quantity's proven doubles as the walk has them; one is 0 where its ball says so."""
    quantity = solution.derivation.results[name]
    return numpy.array(
        quantity.to_rows(flatten(solution[name].float64), solution.exercise.convention)
    )


def _in_any(entries: Array) -> Array:
    """Tell which entries of a matrix are true in any draw."""
    return entries.reshape(-1, *entries.shape[-2:]).any(axis=0)
