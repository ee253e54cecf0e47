"""The witness must reject gradients whose entries stand in wrong places, on networks of any size.

Rows exchanged, squares transposed, indices shifted, gates swapped: such a gradient is wrong in
balls and in the reference alike, since both walk its rule, and its entries have the right sizes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy
import pytest

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.arithmetic import Arithmetic, Matrix
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Rule, Step
from gradgrade.oracle.derivation.walking import take, walk
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.networks.layers import (
    BatchNormalization,
    Convolution,
    Flatten,
    LastStep,
    Layer,
    LayerNormalization,
    Lstm,
    Recurrent,
)
from gradgrade.oracle.proof.enclose import bits_of, enclose
from gradgrade.oracle.proof.witness import MOST_ENTRIES_ALONE, check_gradients
from gradgrade.problems.misconceptions.base import replaced
from tests.examples import spread
from tests.oracle.drawn import Case, numbered

Layers = tuple[Layer, ...]

STRUCTURES: Mapping[str, tuple[Any, Layers]] = {
    "dense, small": (2, (Dense(units=3, activation="tanh"), Dense(units=2))),
    "dense, square": (8, (Dense(units=8, activation="sigmoid"), Dense(units=8), Dense(units=3))),
    "dense, large": (
        8,
        (Dense(units=16, activation="tanh"), Dense(units=8, activation="sigmoid"), Dense(units=4)),
    ),
    "shared bias": (6, (Dense(units=9, activation="tanh", bias="shared"), Dense(units=4))),
    "column of ones": (6, (Dense(units=9, activation="tanh", bias="ones"), Dense(units=4))),
    "convolution, small": ((1, 3, 3), (Convolution(filters=2, kernel=(2, 2)), Flatten())),
    "convolution, large": (
        (2, 5, 5),
        (Convolution(filters=4, kernel=(3, 3), activation="tanh"), Flatten(), Dense(units=2)),
    ),
    "recurrent, small": ((2, 2), (Recurrent(units=2), LastStep())),
    "recurrent, large": ((4, 5), (Recurrent(units=5), LastStep(), Dense(units=3))),
    "lstm, small": ((2, 1), (Lstm(units=1), LastStep())),
    "lstm, large": ((2, 2), (Lstm(units=3), LastStep(), Dense(units=2))),
    "batch normalization": (6, (Dense(units=8), BatchNormalization(), Dense(units=3))),
    "layer normalization": (6, (Dense(units=8), LayerNormalization(), Dense(units=3))),
}

DIFFERENTIATED = (Group.GRADIENT, Group.INPUT_GRADIENT)


def case_of(inputs: Any, layers: Layers) -> Case:
    """A structure with numbers without a pattern, two samples of them."""
    network = Network(inputs=inputs, layers=layers)
    return numbered(derive(network, Loss(name="squared_error"), Optimizer(), batch=2), seed=7)


# Where entries may stand instead


def rows_in_order(order: list[int]) -> Callable[[Arithmetic, Matrix], Matrix]:
    """The rows of a matrix in another order."""

    def moved(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.stack(*(arithmetic.rows_between(matrix, row, row + 1) for row in order))

    return moved


def turned(rule: Callable[[Arithmetic, Matrix], Matrix]) -> Callable[[Arithmetic, Matrix], Matrix]:
    """The same of columns."""

    def moved(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.transpose(rule(arithmetic, arithmetic.transpose(matrix)))

    return moved


def moves(rows: int, columns: int) -> Iterator[tuple[str, Any]]:
    """Every way in which the entries of a matrix come to stand in each other's places."""
    for what, count, turn in (("rows", rows, lambda rule: rule), ("columns", columns, turned)):
        for i, j in spread(list(combinations(range(count), 2))[:6]):
            order = list(range(count))
            order[i], order[j] = j, i
            yield f"{what} {i} and {j} exchanged", turn(rows_in_order(order))
        if count > 2:
            yield f"{what} shifted", turn(rows_in_order([*range(1, count), 0]))
    if rows == columns > 1:
        yield "transposed", lambda arithmetic, matrix: arithmetic.transpose(matrix)


def after(step: Step, move: Callable[[Arithmetic, Matrix], Matrix]) -> Step:
    """A step whose entries are moved."""
    right = step.rule

    def rule(arithmetic: Arithmetic, *matrices: Matrix) -> Matrix:
        return move(arithmetic, right(arithmetic, *matrices))

    return as_wrong(step, rule)


def as_wrong(step: Step, rule: Rule, reads: Any = None) -> Step:
    """A step with another rule, which no shortcut and no route equals."""
    reads = step.reads if reads is None else reads
    return replace(step, rule=rule, reads=reads, entry=None, routes=())


def wrong_derivations(derivation: Derivation) -> Iterator[tuple[str, Derivation]]:
    """The derivation with the entries of one gradient moved, or two gradients swapped."""
    gradients = [step for step in derivation.steps if step.quantity.group in DIFFERENTIATED]
    for step in gradients:
        for what, move in moves(*step.quantity.matrix_shape):
            yield f"{step.name}: {what}", derivation.replacing(after(step, move))
    for one, other in combinations(gradients, 2):
        if one.quantity.matrix_shape == other.quantity.matrix_shape:
            swapped = (as_wrong(a, b.rule, b.reads) for a, b in ((one, other), (other, one)))
            yield f"{one.name} and {other.name} swapped", replaced(derivation, *swapped)


# They must be rejected


@pytest.mark.parametrize("name", STRUCTURES)
def test_no_gradient_with_entries_in_wrong_places_is_certified(name):
    case = case_of(*STRUCTURES[name])
    assert is_certified(case, case.derivation)
    tried, certified = 0, []
    for what, wrong in wrong_derivations(case.derivation):
        if is_told_apart(case, wrong):
            tried += 1
            certified += [what] if is_certified(case, wrong) else []
    assert certified == []
    assert tried >= 2


def test_structures_are_large_enough_for_one_direction_and_small_enough_for_every_entry():
    sizes = [entries_of(case_of(*each).derivation) for each in STRUCTURES.values()]
    assert sum(size > MOST_ENTRIES_ALONE for size in sizes) >= 8
    assert sum(size <= MOST_ENTRIES_ALONE for size in sizes) >= 4


def entries_of(derivation: Derivation) -> int:
    """How many entries the witness moves."""
    gradients = (step for step in derivation.steps if step.quantity.group in DIFFERENTIATED)
    return sum(
        rows * columns for rows, columns in (step.quantity.matrix_shape for step in gradients)
    )


def is_told_apart(case: Case, wrong: Derivation) -> bool:
    """Whether a wrong derivation comes to other values at all: equal entries may be exchanged."""
    arithmetic = Binary64()
    right, other = (
        walk(each, take(case.given, arithmetic), arithmetic) for each in (case.derivation, wrong)
    )
    return any(
        not numpy.allclose(right[step.name], other[step.name], rtol=1e-6, atol=1e-12)
        for step in wrong.steps
        if step.quantity.group in DIFFERENTIATED
    )


def is_certified(case: Case, derivation: Derivation) -> bool:
    """Whether the witness agrees with a derivation's balls."""
    try:
        check_gradients(enclose(derivation, case.given, bits=bits_of(50)), full=False)
    except NotCertified:
        return False
    return True
