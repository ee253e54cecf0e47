"""Values that their own rounding swallows: saturated units, and what leaves binary64's range."""

import numpy

from gradgrade.problems.gates.base import Candidates, Faults, Gate
from gradgrade.problems.gates.undecided import undecided

LEAST_ACCURACY = 0.1
"""How much of a derivative honest rounding may be: with less than a digit left of it, what a
student gets depends on the form of σ' and not on whether it is right."""


def _saturated(candidates: Candidates) -> Faults:
    faults = dict(undecided(candidates, forward=True))
    for name, quantity in candidates.sensitivities():
        value = numpy.abs(candidates.values[name])
        band = candidates.entries(quantity, candidates.honest(quantity.name))
        is_lost = (value > 0) & (band > LEAST_ACCURACY * value) & ~candidates.known_zeros(name)
        faults[name] = faults.get(name, numpy.False_) | is_lost
    return faults


SATURATED = Gate(
    code="saturated",
    meaning="honest rounding swallows a value: a saturated unit, or a difference of equal numbers",
    advice="draw smaller weights and inputs, so that units stay where their slope is",
    faults=_saturated,
)
