"""Misconceptions that would pass: each that applies must miss some part by a margin of bands."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.accuracy.honest_bands import honest_bands
from gradgrade.oracle.derivation.walking import rewalk
from gradgrade.problems.gates.base import Array, Candidates, Faults, Gate
from gradgrade.problems.misconceptions import Mistake, mistakes

CODE = "misconception"


@lru_cache(maxsize=64)
def by_code(derivation: Derivation) -> Mapping[str, tuple[Mistake, ...]]:
    """Return the mistakes that can be made in a derivation, by their misconception's code."""
    found: dict[str, list[Mistake]] = {}
    for mistake in mistakes(derivation):
        found.setdefault(mistake.misconception.code, []).append(mistake)
    return MappingProxyType({code: tuple(each) for code, each in found.items()})


def bands_missed(candidates: Candidates, mistake: Mistake) -> Array:
    """Return by how many bands a mistake's answers miss the right ones where they miss most.

    What is no number misses by infinitely many. What two honest computations may differ by is no
    miss, however narrow a stated band is: that would depend on a machine's last bits.
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
            bands = numpy.where(distance <= rounding, 0.0, distance / candidates.bands[name])
            bands[numpy.isnan(bands)] = numpy.inf
            missed = numpy.maximum(missed, bands.max(axis=-1))
    return missed


def _not_exposed(candidates: Candidates) -> Faults:
    return {
        code: numpy.stack([bands_missed(candidates, each) for each in made], axis=-1)
        < candidates.margin
        for code, made in by_code(candidates.derivation).items()
    }


MISCONCEPTION = Gate(
    code=CODE,
    meaning="a known mistake would pass in every part, or nearly",
    advice="tighten the tolerance, allow less rounding, or ask for more",
    faults=_not_exposed,
)
