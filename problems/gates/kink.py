"""Derivatives on whose side of a kink honest rounding leaves no certainty."""

import numpy

from gradgrade.problems.gates.base import Candidates, Faults, Gate
from gradgrade.problems.gates.undecided import undecided


def _at_kinks(candidates: Candidates) -> Faults:
    faults = dict(undecided(candidates, forward=False))
    for name, bands in candidates.bands.items():
        # Code is certain of it, yet rounding as the exercise allows reaches the other side.
        crossed = numpy.isinf(bands).any(axis=-1, keepdims=True)
        faults[name] = faults.get(name, numpy.False_) | crossed
    return faults


KINK = Gate(
    code="kink",
    meaning="a derivative stands at a kink or within rounding of one, or rounding may divide by 0",
    advice="allow less rounding, draw from ranges without 0, or with steps that do not sum to 0",
    faults=_at_kinks,
)
