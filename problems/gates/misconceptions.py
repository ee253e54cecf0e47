"""Misconceptions that would pass: each that applies must miss some part by a margin of bands."""

from collections.abc import Iterator, Sequence
from math import inf

import numpy

from gradgrade.oracle.accuracy.honest_bands import honest_bands
from gradgrade.oracle.arithmetic.running_error import Estimate
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.problems.gates.base import Array, Candidates, Faults, Gate
from gradgrade.problems.misconceptions import Mistake, mistakes
from gradgrade.problems.walks.differing import bits, difference
from gradgrade.problems.walks.on_demand import lowest
from gradgrade.problems.walks.stacked import alone
from gradgrade.problems.walks.together import WalkTogether

CODE = "misconception"


def bands_missed(candidates: Candidates, mistake: Mistake, *, enough: float = inf) -> Array:
    """Return by how many bands a mistake's answers miss the right ones where they miss most.

    What is no number misses by infinitely many. What two honest computations may differ by is no
    miss, however narrow a stated band is: that would depend on a machine's last bits. Nor is it one
    where the right answer is 0 in every variant: whoever writes 0 there has done no work.

    Args:
        candidates: the variants.
        mistake: which.
        enough: no further part is walked to once every variant is missed by so many; the bands
            returned are then those of the parts until there.
    """
    missed = numpy.zeros(len(candidates))
    for bands in _missed_in_parts(candidates, mistake):
        missed = numpy.maximum(missed, bands)
        if (missed >= enough).all():
            break
    return missed


def bands_missed_alone(
    candidates: Candidates, mistakes: Sequence[Mistake], *, enough: float = inf
) -> Array:
    """Return the same of many mistakes in a lone variant: a number each.

    They are walked together, a row each, which costs little more than to walk one. The arguments
    are those of `bands_missed`.
    """
    assessment = candidates.assessment
    right = assessment.derivation
    walk = WalkTogether(
        right,
        {
            name: each.shaped(alone(each.value), alone(each.error))
            for name, each in assessment.estimates.items()
        },
        [difference(right, each.derivation) for each in mistakes],
        arithmetic=assessment.arithmetic,
        taking=lambda *_: None,
    )
    missed, pending = numpy.zeros(len(mistakes)), (1 << len(mistakes)) - 1
    for name, quantity in _parts(candidates):
        rows = list(bits(walk.reaching(quantity.name) & pending))
        if not rows:
            continue
        with numpy.errstate(all="ignore"):
            made = walk.made(quantity.name, sum(1 << row for row in rows))
            missed[rows] = numpy.maximum(missed[rows], _missed(candidates, name, made))
        pending &= ~sum(1 << row for row in rows if missed[row] >= enough)
    return missed


def is_asked(candidates: Candidates, mistake: Mistake) -> bool:
    """Tell whether a mistake leads to any part that is asked."""
    right = candidates.assessment.derivation
    reached = difference(right, mistake.derivation).reached
    return any(reached >> right.places[quantity.name] & 1 for _, quantity in _parts(candidates))


def _parts(candidates: Candidates) -> list[tuple[str, Quantity]]:
    """Return what is asked, in the order of derivation."""
    places = candidates.derivation.places
    return sorted(candidates.quantities.items(), key=lambda each: places[each[1].name])


def _missed_in_parts(candidates: Candidates, mistake: Mistake) -> Iterator[Array]:
    """Yield the same for each part that the mistake leads to, in the order of derivation."""
    assessment = candidates.assessment
    right = assessment.derivation
    changed = difference(right, mistake.derivation)
    below = lowest(assessment.estimates, assessment.arithmetic, lambda _: None)
    walk = below.upon(changed.steps(right))
    for name, quantity in _parts(candidates):
        if changed.reached >> right.places[quantity.name] & 1:
            with numpy.errstate(all="ignore"):
                yield _missed(candidates, name, walk.made(quantity.name))


def _missed(candidates: Candidates, name: str, made: Estimate) -> Array:
    quantity = candidates.quantities[name]
    precision = candidates.assessment.exercise.precision
    distance = numpy.abs(candidates.entries(quantity, made.value) - candidates.values[name])
    bands = honest_bands(made, precision=precision) + candidates.honest(quantity.name)
    is_no_miss = (distance <= candidates.entries(quantity, bands)) | candidates.known_zeros(name)
    missed = numpy.where(is_no_miss, 0.0, distance / candidates.bands[name])
    missed[numpy.isnan(missed)] = numpy.inf
    return missed.max(axis=-1)


def _not_exposed(candidates: Candidates) -> Faults:
    margin = candidates.margin
    gated = [
        each
        for each in mistakes(candidates.derivation)
        if each.is_gated and (CODE, each.subject) not in candidates.told
    ]
    if len(candidates) == 1 and gated:
        missed = bands_missed_alone(candidates, gated, enough=margin)[:, None]
    else:
        missed = [bands_missed(candidates, each, enough=margin) for each in gated]
    return {
        mistake.subject: (bands < margin)[:, None]
        for mistake, bands in zip(gated, missed, strict=True)
    }


MISCONCEPTION = Gate(
    code=CODE,
    meaning="a known mistake would pass in every part, or nearly",
    advice="tighten the tolerance, allow less rounding, or ask for more",
    faults=_not_exposed,
    where_most_pass=True,
)
