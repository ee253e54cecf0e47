"""Derivatives of the loss that vanish below their band."""

from gradgrade.problems.gates.base import Candidates, Faults, Gate


def _vanishing(candidates: Candidates) -> Faults:
    faults = {}
    for name, _ in candidates.sensitivities():
        value, band = abs(candidates.values[name]), candidates.margin * candidates.bands[name]
        # What is 0 in every variant is not small in this one, and shows nothing either.
        is_zero = candidates.known_zeros(name)
        visible = (value > band) & ~is_zero
        faults[name] = ~visible.any(axis=-1, keepdims=True) & ~is_zero.all()
    return faults


VANISHING = Gate(
    code="vanishing",
    meaning="a gradient is so small that its tolerance hides it",
    advice="use fewer layers, larger weights or smaller ones as units saturate, or tighten the "
    "tolerance",
    faults=_vanishing,
)
