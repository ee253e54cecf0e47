"""Stacks: the givens of many variants of one structure as arrays, an array for each given."""

from collections.abc import Sequence
from typing import Any

import numpy

from oracle.derivation import Derivation, given_rows
from oracle.nested import flatten
from oracle.quantities import Name
from problems.documents.exercise import SAMPLES, Exercise


def stacked(exercises: Sequence[Exercise], derivation: Derivation) -> dict[Name, Any]:
    """Return the doubles of every given, (variants, rows, columns); of scalars the exact rows."""
    first = exercises[0]
    stacks: dict[Name, Any] = dict(given_rows(derivation, first.givens()))
    for name in first.given:
        quantity = derivation.given[name]
        if name == SAMPLES:
            doubles = [each.givens()[SAMPLES] for each in exercises]
        else:
            doubles = [
                [number.double for number in flatten(each.given[name])] for each in exercises
            ]
        rows, columns = quantity.matrix_shape
        if quantity.is_transposed(first.convention):
            stack = numpy.array(doubles, dtype=numpy.float64).reshape(-1, columns, rows)
            stacks[quantity.name] = stack.swapaxes(-1, -2)
        else:
            stacks[quantity.name] = numpy.array(doubles, dtype=numpy.float64).reshape(
                -1, rows, columns
            )
    return stacks
