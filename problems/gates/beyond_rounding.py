"""Entries whose stated tolerance is narrower than what honest code may lose of them by rounding.

Where two large terms cancel, a relative tolerance asks for digits that no double arithmetic has.
"""

from gradgrade.problems.gates.base import Candidates, Faults, Gate


def _beyond_rounding(candidates: Candidates) -> Faults:
    faults = {}
    parts = candidates.assessment.exercise.ask
    for name in (part.name for part in parts if part.tolerance != "auto"):
        quantity = candidates.quantities[name]
        lost = candidates.entries(quantity, candidates.honest(quantity.name))
        is_narrow = candidates.bands[name] < lost
        faults[name] = is_narrow & ~candidates.exact_zeros(name, quantity)
    return faults


BEYOND_ROUNDING = Gate(
    code="beyond_rounding",
    meaning="the tolerance of an entry is narrower than what rounding may leave of a right answer",
    advice="widen the tolerance, or leave it at auto",
    faults=_beyond_rounding,
)
