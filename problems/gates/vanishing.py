"""Derivatives of the loss that vanish below their band."""

from gradgrade.problems.gates.base import Candidates, Faults, Gate


def _vanishing(candidates: Candidates) -> Faults:
    faults = {}
    for name, _ in candidates.sensitivities():
        value, band = abs(candidates.values[name]), candidates.margin * candidates.bands[name]
        visible = (value > band) | candidates.known_zeros(name)
        faults[name] = ~visible.any(axis=-1, keepdims=True)
    return faults


VANISHING = Gate(
    code="vanishing",
    meaning="a gradient is so small that its tolerance hides it",
    advice="use fewer layers, larger weights or smaller ones as units saturate, or tighten the "
    "tolerance",
    faults=_vanishing,
)
