"""The table of quantities: what each name stands for, its shape, and how a row document writes it.

A walk knows matrices only, in column convention: samples are columns, and what a sample has more
than one axis of (channels, height, width; or time, units) is flattened into the rows. A quantity's
layout says how its matrix turns into the array that a document shows, in either convention.
"""

from dataclasses import dataclass
from enum import Enum
from math import prod
from typing import Any, Literal

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.nested import Shape, build, transpose

Convention = Literal["column", "row"]


class Layout(Enum):
    """What the row convention does to a quantity."""

    SAMPLES = "samples are the last axis in column, the first in row"
    WEIGHTS = "(to, from) in column, (from, to) in row"
    FIXED = "the same in both"


class Group(Enum):
    """The groups of `ask`, in which every quantity of a solution has its place."""

    PRE_ACTIVATION = "z"
    ACTIVATION = "a"
    LOSS = "loss"
    ACTIVATION_GRADIENT = "da"
    DELTA = "delta"
    INPUT_GRADIENT = "dx"
    GRADIENT = "gradients"
    UPDATE = "updates"
    STATE = "state"
    LINE = "lines"
    LINE_GRADIENT = "gradients of lines"
    OBJECTIVE = "objective"
    JACOBIAN = "jacobians"
    JACOBIAN_ROW = "rows of jacobians"
    FACT = "facts"
    PARAMETER = "parameters"
    GIVEN = "given"
    INTERNAL = "internal"


SENSITIVITIES = frozenset(
    {
        Group.ACTIVATION_GRADIENT,
        Group.DELTA,
        Group.INPUT_GRADIENT,
        Group.GRADIENT,
        Group.LINE_GRADIENT,
        Group.JACOBIAN,
        Group.JACOBIAN_ROW,
    }
)
"""The groups of the loss's derivatives."""


class Kind(Enum):
    """What a given is, and a parameter in use."""

    INPUTS = "inputs"
    TARGETS = "targets"
    WEIGHTS = "weights"
    RECURRENT_WEIGHTS = "recurrent weights"
    BIASES = "biases"
    SCALE = "scale"
    SHIFT = "shift"
    MASK = "mask"
    SAMPLES = "samples"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A name, its shape in column convention, its layout, and the group it belongs to.

    `kind` says of givens and of parameters in use what they are.
    """

    name: Name
    shape: Shape
    layout: Layout
    group: Group
    kind: Kind | None = None

    @property
    def matrix_shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix that a walk holds."""
        if not self.shape:
            return (1, 1)
        if self.layout is Layout.SAMPLES:
            return (prod(self.shape[:-1]), self.shape[-1])
        return (self.shape[0], prod(self.shape[1:]))

    def document_shape(self, convention: Convention) -> Shape:
        """Return the shape that a document of this convention shows.

        >>> weights = Quantity(Name("W", 1), (4, 3), Layout.WEIGHTS, Group.GIVEN)
        >>> weights.document_shape("row")
        (3, 4)
        """
        if not self.is_transposed(convention):
            return self.shape
        if self.layout is Layout.SAMPLES:
            return (self.shape[-1], *self.shape[:-1])
        return self.shape[::-1]

    def to_rows(self, flat: list[Any], convention: Convention) -> list[list[Any]]:
        """Return the rows of the walk's matrix from a document's numbers in their order."""
        rows, columns = self.matrix_shape
        if self.is_transposed(convention):
            return [flat[row::rows] for row in range(rows)]
        return [flat[start : start + columns] for start in range(0, rows * columns, columns)]

    def to_document(self, rows: list[list[Any]], convention: Convention) -> Any:
        """Return the array that a document of this convention shows, from the matrix's rows."""
        if self.is_transposed(convention):
            rows = transpose(rows)
        if len(self.shape) == 2:
            return rows
        flat = [entry for row in rows for entry in row]
        return build(flat, self.document_shape(convention))

    def in_document_order(self, entries: list[Any], convention: Convention) -> list[Any]:
        """Return the matrix's entries, row by row, in the order of a document's numbers.

        >>> weights = Quantity(Name("W", 1), (2, 3), Layout.WEIGHTS, Group.GIVEN)
        >>> weights.in_document_order([1, 2, 3, 4, 5, 6], "row")
        [1, 4, 2, 5, 3, 6]
        """
        if not self.is_transposed(convention):
            return entries
        columns = self.matrix_shape[1]
        return [entry for column in range(columns) for entry in entries[column::columns]]

    def is_transposed(self, convention: Convention) -> bool:
        """Tell whether a document of this convention shows the walk's matrix transposed."""
        return convention == "row" and self.layout is not Layout.FIXED and len(self.shape) > 1
