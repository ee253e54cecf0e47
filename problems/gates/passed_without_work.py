"""Parts that an answer passes without any work: zeros, ones, a given, the transpose."""

import numpy

from gradgrade.oracle.derivation.quantities import Convention
from gradgrade.oracle.nested import Shape
from gradgrade.problems.gates.base import Array, Candidates, Faults, Gate


def _zeros(candidates: Candidates) -> Faults:
    return {name: candidates.would_pass(name, 0.0) for name in candidates.quantities}


def _ones(candidates: Candidates) -> Faults:
    return {name: candidates.would_pass(name, 1.0) for name in candidates.quantities}


def _echoes(candidates: Candidates) -> Faults:
    faults = {}
    for given in candidates.derivation.givens:
        value = candidates.assessment.estimates[given.name].value
        echo = candidates.entries(given, value)
        for name in candidates.quantities:
            if _shape(candidates, name) == given.document_shape(_convention(candidates)):
                faults[f"{name} by {given.name}"] = candidates.would_pass(name, echo)
    return faults


def _transposes(candidates: Candidates) -> Faults:
    faults = {}
    for name in candidates.quantities:
        shape = _shape(candidates, name)
        if len(shape) == 2 and shape[0] == shape[1] > 1:
            faults[name] = candidates.would_pass(name, _transposed(candidates.values[name], shape))
    return faults


def _transposed(entries: Array, shape: Shape) -> Array:
    square = entries.reshape(-1, *shape)
    return numpy.swapaxes(square, -1, -2).reshape(entries.shape)


def _shape(candidates: Candidates, name: str) -> Shape:
    return candidates.quantities[name].document_shape(_convention(candidates))


def _convention(candidates: Candidates) -> Convention:
    return candidates.assessment.exercise.convention


PASSED_BY_ZEROS = Gate(
    code="passed_by_zeros",
    meaning="zeros would pass for a whole part",
    advice="draw larger numbers, tighten the tolerance, or leave the part out",
    faults=_zeros,
    may_be_structural=True,
)

PASSED_BY_ONES = Gate(
    code="passed_by_ones",
    meaning="ones would pass for a whole part",
    advice="draw from ranges in which 1 is not met, tighten the tolerance, or leave the part out",
    faults=_ones,
    may_be_structural=True,
)

ECHO_OF_GIVEN = Gate(
    code="echo_of_given",
    meaning="a given would pass for a whole part: an update too small to be seen, for one",
    advice="raise the learning rate, draw larger numbers, or tighten the tolerance",
    faults=_echoes,
    may_be_structural=True,
)

HIDDEN_TRANSPOSE = Gate(
    code="hidden_transpose",
    meaning="a square part would pass transposed",
    advice="draw numbers that differ more, or give the layers different sizes",
    structural_advice="nothing where it is symmetric by nature; else leave the part out",
    faults=_transposes,
    may_be_structural=True,
)
