"""Gradients of which a unit's, a filter's or an input's whole share is 0."""

import numpy

from gradgrade.oracle.derivation.quantities import Group
from gradgrade.problems.gates.base import Candidates, Faults, Gate


def _dead(candidates: Candidates) -> Faults:
    faults = {}
    for step in candidates.assessment.needed.steps:
        if step.quantity.group is not Group.GRADIENT or str(step.name) in candidates.zeros:
            continue
        is_zero = candidates.assessment.estimates[step.name].value == 0
        # A row of weights belongs to a unit or a filter, a column to what it is fed with.
        dead = is_zero.all(axis=-1).any(axis=-1) | is_zero.all(axis=-2).any(axis=-1)
        faults[str(step.name)] = numpy.broadcast_to(dead, (len(candidates),))[:, None]
    return faults


DEAD_GRADIENT = Gate(
    code="dead_gradient",
    meaning="a unit, a filter or an input has gradient 0 for all samples",
    advice="draw positive biases, inputs that are not 0, or more samples",
    faults=_dead,
    where_most_pass=True,
)
