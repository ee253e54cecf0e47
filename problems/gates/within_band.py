"""Entries that are not 0, yet so close to it that 0 would be accepted."""

from gradgrade.problems.gates.base import Candidates, Faults, Gate


def _within_band(candidates: Candidates) -> Faults:
    faults = {}
    for name, quantity in candidates.quantities.items():
        value, band = candidates.values[name], candidates.bands[name]
        error = candidates.entries(quantity, candidates.assessment.estimates[quantity.name].error)
        # What was computed as 0 without any rounding is 0: a unit that is off, a class that is not.
        is_zero = (value == 0) & (error == 0) | candidates.known_zeros(name)
        faults[name] = (abs(value) <= band) & ~is_zero
    return faults


WITHIN_BAND = Gate(
    code="within_band",
    meaning="an entry that is not 0 lies so close to it that 0 would be accepted",
    advice="tighten the tolerance, allow less rounding, or draw larger numbers",
    faults=_within_band,
)
