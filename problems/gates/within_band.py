"""Entries that are not 0, yet so close to it that 0 would be accepted."""

from gradgrade.problems.gates.base import Candidates, Faults, Gate


def _within_band(candidates: Candidates) -> Faults:
    faults = {}
    for name, quantity in candidates.quantities.items():
        is_near = abs(candidates.values[name]) <= candidates.bands[name]
        faults[name] = is_near & ~candidates.exact_zeros(name, quantity)
    return faults


WITHIN_BAND = Gate(
    code="within_band",
    meaning="an entry that is not 0 lies so close to it that 0 would be accepted",
    advice="tighten the tolerance, allow less rounding, or draw larger numbers",
    faults=_within_band,
)
