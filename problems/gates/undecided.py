"""Steps that something asked needs, and at which honest code's error is first unbounded."""

import numpy

from gradgrade.oracle.derivation.quantities import Group
from gradgrade.problems.gates.base import Array, Candidates, Faults

FORWARD = frozenset({Group.PRE_ACTIVATION, Group.ACTIVATION, Group.LOSS})


def undecided(candidates: Candidates, *, forward: bool) -> Faults:
    """Return the steps of the forward pass, or the others, that nothing bounds any more.

    What reads such a step is unbounded too and not told again.
    """
    estimates = candidates.assessment.estimates
    unbounded = {
        name: _anywhere(~numpy.isfinite(each.error), len(candidates))
        for name, each in estimates.items()
    }
    faults = {}
    for step in candidates.assessment.needed.steps:
        if (step.quantity.group in FORWARD) != forward or not unbounded[step.name].any():
            continue
        before = numpy.any([unbounded[name] for name in step.reads], axis=0)
        faults[str(step.name)] = (unbounded[step.name] & ~before)[:, None]
    return faults


def _anywhere(entries: Array, variants: int) -> Array:
    return numpy.broadcast_to(entries.any(axis=(-2, -1)), (variants,))
