"""Misconceptions that would pass: each that applies must miss some part by a margin of bands."""

import numpy

from gradgrade.oracle.accuracy.honest_bands import honest_bands
from gradgrade.oracle.derivation.walking import rewalk
from gradgrade.problems.gates.base import Array, Candidates, Faults, Gate
from gradgrade.problems.misconceptions import Mistake, mistakes

CODE = "misconception"


def bands_missed(candidates: Candidates, mistake: Mistake) -> Array:
    """Return by how many bands a mistake's answers miss the right ones where they miss most.

    What is no number misses by infinitely many. What two honest computations may differ by is no
    miss, however narrow a stated band is: that would depend on a machine's last bits. Nor is it one
    where the right answer is 0 in every variant: whoever writes 0 there has done no work.
    """
    assessment = candidates.assessment
    arithmetic = assessment.arithmetic
    walked = rewalk(assessment.derivation, assessment.estimates, mistake.derivation, arithmetic)
    missed = numpy.zeros(len(candidates))
    with numpy.errstate(all="ignore"):
        for name, quantity in candidates.quantities.items():
            if walked[quantity.name] is assessment.estimates[quantity.name]:
                continue
            answer = candidates.entries(quantity, walked[quantity.name].value)
            distance = numpy.abs(answer - candidates.values[name])
            made = honest_bands(walked[quantity.name], precision=assessment.exercise.precision)
            rounding = candidates.entries(quantity, made + candidates.honest(quantity.name))
            is_no_miss = (distance <= rounding) | candidates.known_zeros(name)
            bands = numpy.where(is_no_miss, 0.0, distance / candidates.bands[name])
            bands[numpy.isnan(bands)] = numpy.inf
            missed = numpy.maximum(missed, bands.max(axis=-1))
    return missed


def _not_exposed(candidates: Candidates) -> Faults:
    return {
        mistake.subject: (bands_missed(candidates, mistake) < candidates.margin)[:, None]
        for mistake in mistakes(candidates.derivation)
    }


MISCONCEPTION = Gate(
    code=CODE,
    meaning="a known mistake would pass in every part, or nearly",
    advice="tighten the tolerance, allow less rounding, or ask for more",
    faults=_not_exposed,
    where_most_pass=True,
)
