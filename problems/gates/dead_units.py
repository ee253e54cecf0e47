"""Layers of ReLU units most of which are off for every sample."""

import numpy

from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.networks.lines import Activated
from gradgrade.problems.gates.base import Candidates, Faults, Gate

LEAST_ALIVE = 0.5
"""The share of a layer's units that must be on for a sample or more: what is behind a unit that is
off has gradient 0, and random layers of few units have half of them off."""


def _dead(candidates: Candidates) -> Faults:
    faults = {}
    for step in candidates.derivation.steps:
        if _is_of_relu(step):
            value = candidates.assessment.estimates[step.name].value
            rows = value.reshape(*value.shape[:-2], step.quantity.shape[0], -1)
            alive = (rows != 0).any(axis=-1).mean(axis=-1)
            dead = numpy.broadcast_to(alive < LEAST_ALIVE, (len(candidates),))
            faults[str(step.name)] = dead[:, None]
    return faults


def _is_of_relu(step: Step) -> bool:
    return isinstance(step.role, Activated) and step.role.activation is ACTIVATIONS["relu"]


DEAD_UNITS = Gate(
    code="dead_units",
    meaning="most units of a ReLU layer are off for every sample",
    advice="draw positive biases, more positive weights, or more samples",
    faults=_dead,
)
