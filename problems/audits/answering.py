"""What a call of a script answers to anything it is called with: a walk from what it is given.

What is given may be the exercise's givens, or values in the middle of the derivation, and has any
sizes that the exercise can have. Arrays may be stacks of calls, (calls, …), walked at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy

from gradgrade.oracle import Derivation
from gradgrade.oracle.accuracy.honest_bands import PRECISIONS, honest_bands
from gradgrade.oracle.arithmetic import Arithmetic
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.arithmetic.running_error import RunningError
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Quantity
from gradgrade.oracle.derivation.routes import going_every_route
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import walk_steps
from gradgrade.problems.audits.sizes import Shapes, Sized, Unfitting

Array = Any  # NDArray[numpy.float64]; numpy types its operators as Any too


@dataclass(frozen=True, eq=False)
class Given:
    """What a call is given of one quantity.

    Args:
        array: as documents show it; of labels, as the suite has them.
        labels: the axis of the one-hot targets along which labels count; None: it is no labels.
    """

    array: Array
    labels: int | None = None


@dataclass(frozen=True, eq=False)
class Known:
    """What a call is given, in the sizes that it has.

    Args:
        sized: the exercise in these sizes.
        arrays: by the names of documents, in their shapes, or stacks of such.
    """

    sized: Sized
    arrays: Mapping[str, Array]

    @cached_property
    def matrices(self) -> Mapping[Name, Array]:
        """What is known, as walks take it, the numbers of the formulas among it."""
        given = self.sized.derivation.given
        found: dict[Name, Array] = {
            given[name].name: numpy.array([[value]])
            for name, value in self.sized.scalars.items()
            if name in given
        }
        for name, array in self.arrays.items():
            matrix = matrix_of(self.sized, name, array)
            found[self.sized.quantity(name).name] = matrix
        return found

    def steps(self, derivation: Derivation, targets: Sequence[str]) -> tuple[Step, ...]:
        """Return the steps from what is known to some quantities.

        Raises:
            Unfitting: too little is known.
        """
        names = [self.sized.quantity(each).name for each in targets]
        known = self.known_in(derivation).keys() - set(names)
        needed: set[Name] = set()
        for name in names:
            needed |= {step.name for step in derivation.needed_for(name, from_names=known)}
        steps = derivation.in_order(needed)
        for step in steps:
            for read in step.reads:
                if read not in known and read not in needed:
                    raise Unfitting(f"too little is known: {read} is missing")
        return steps

    def known_in(self, derivation: Derivation) -> Mapping[Name, Array]:
        """Return what is known, what is shown for the truth by its true name too."""
        true = {name.part("true"): each for name, each in self.matrices.items()}
        shown = {name: each for name, each in true.items() if name in derivation.by_name}
        return {**self.matrices, **shown}

    def walk(
        self,
        derivation: Derivation,
        targets: Sequence[str],
        arithmetic: Arithmetic,
        *,
        take: Callable[[Array], Any] = lambda array: array,
    ) -> dict[str, Any]:
        """Return the matrices of some quantities.

        Args:
            derivation: the steps, right or mistaken.
            targets: which.
            arithmetic: the number system.
            take: takes arrays of doubles into it.

        Raises:
            Unfitting: too little is known.
        """
        steps = self.steps(derivation, targets)
        known = {name: take(each) for name, each in self.known_in(derivation).items()}
        walked = walk_steps(steps, known, arithmetic)
        return {name: walked[self.sized.quantity(name).name] for name in targets}

    def answers(
        self, targets: Sequence[str], derivation: Derivation | None = None
    ) -> dict[str, Array]:
        """Return some quantities in doubles, as documents show them; the right ones unless said."""
        walked = self.walk(derivation or self.sized.derivation, targets, Binary64())
        return {name: self.document(name, each) for name, each in walked.items()}

    def reachable(self, targets: Sequence[str]) -> tuple[str, ...]:
        """Return which of some quantities what is known leads to."""
        found = []
        for name in targets:
            try:
                self.steps(self.sized.derivation, [name])
            except Unfitting:
                continue
            found.append(name)
        return tuple(found)

    def bands(self, targets: Sequence[str], precision: str) -> dict[str, Array]:
        """Return how far honest code may be off, entry by entry, as documents show it."""
        arithmetic = RunningError(
            givens_are_rounded=precision == "binary32", precision=PRECISIONS[precision]
        )
        derivation = self.sized.derivation
        try:
            walked = self.walk(
                going_every_route(derivation), targets, arithmetic, take=arithmetic.matrix
            )
        except Unfitting:  # by one of the routes; whoever is asked cannot go it either
            walked = self.walk(derivation, targets, arithmetic, take=arithmetic.matrix)
        return {
            name: self.document(name, honest_bands(each, precision=precision))
            for name, each in walked.items()
        }

    def document(self, name: str, matrix: Array) -> Array:
        """Return a walk's matrix, or a stack of such, as documents show it."""
        quantity = self.sized.quantity(name)
        if _is_turned(self.sized, quantity):
            matrix = numpy.swapaxes(matrix, -1, -2)
        shape = quantity.document_shape(self.sized.structure.convention)
        return numpy.array(matrix.reshape((*matrix.shape[:-2], *shape)))


def known_of(shapes: Shapes, given: Mapping[str, Given]) -> Known:
    """Return what a call is given, in the sizes that its arrays have.

    Raises:
        Unfitting: the exercise has no such sizes, or what is given is not what it should be.
    """
    stated = {name: each.array.shape for name, each in given.items() if each.labels is None}
    sizes = shapes.solve(stated)
    labelled = {name: each for name, each in given.items() if each.labels is not None}
    for name, each in labelled.items():
        counted = [axis for at, axis in enumerate(shapes.axes(name)) if at != each.labels]
        lengths = each.array.reshape(-1).shape
        for axis, length in zip(counted, lengths, strict=False):
            if not isinstance(axis, int) and sizes.setdefault(axis[0], length) != length:
                raise Unfitting(f"{name} has {length} labels, and the batch {sizes[axis[0]]}")
    sized = shapes.sized(sizes)
    arrays = {
        name: each.array if each.labels is None else _one_hot(name, each, sized)
        for name, each in given.items()
    }
    return Known(sized, arrays)


def _one_hot(name: str, given: Given, sized: Sized) -> Array:
    shape = sized.shape(name)
    assert given.labels is not None
    labels = given.array.reshape(-1)
    if ((labels < 0) | (labels >= shape[given.labels])).any() or (labels % 1).any():
        raise Unfitting(f"labels of {name} are not from 0 to {shape[given.labels] - 1}")
    rows = numpy.eye(shape[given.labels])[labels.astype(int)]
    return rows if given.labels == 1 else rows.T


def matrix_of(sized: Sized, name: str, array: Array) -> Array:
    """Return a document's array, or a stack of such, as walks take it."""
    picks = sized.structure.picks(name, sized.batch)
    if picks is not None:
        numbers = numpy.asarray(array)
        if ((numbers < picks.lowest) | (numbers > picks.highest)).any() or (numbers % 1).any():
            raise Unfitting(f"{name} is not from {picks.lowest} to {picks.highest}")
        lead = numbers.shape[: numbers.ndim - len(picks.shape)]
        flat = numbers.reshape((*lead, picks.count)).astype(int) - picks.first
        return numpy.eye(picks.highest + 1 - picks.first)[flat]
    quantity = sized.quantity(name)
    rows, columns = quantity.matrix_shape
    shape = quantity.document_shape(sized.structure.convention)
    lead = array.shape[: array.ndim - len(shape)]
    if _is_turned(sized, quantity):
        return numpy.swapaxes(array.reshape((*lead, columns, rows)), -1, -2)
    return array.reshape((*lead, rows, columns))


def _is_turned(sized: Sized, quantity: Quantity) -> bool:
    return quantity.is_transposed(sized.structure.convention)
