"""Products of matrices, block by block where there are more than two axes.

C = A B: ∂L/∂A = ∂L/∂C Bᵀ and ∂L/∂B = Aᵀ ∂L/∂C, each summed over the blocks that share an operand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

import numpy

from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix
from gradgrade.oracle.arithmetic.lists import ListArithmetic, Rows
from gradgrade.oracle.derivation.formulas.boxes import (
    THIN_SPACE,
    Between,
    Box,
    Scripts,
    Sign,
    separated,
)
from gradgrade.oracle.derivation.formulas.expression import Function
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.arrays import Indices, broadcast_shape, matrix_shape, moved
from gradgrade.oracle.primitives.primitive import Operand, Operation, Primitive, PullBackRule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocks:
    """An operand or a result, seen as matrices one behind the other.

    Args:
        whole: rows and columns of the matrix that holds it.
        rows, columns: of each block.
        which: for each product in turn, which block it takes.
        count: how many blocks there are.
        side_by_side: takes the entries so that each block stands beside the one before.
    """

    whole: tuple[int, int]
    rows: int
    columns: int
    which: tuple[int, ...]
    count: int
    side_by_side: EntryMap

    def below(self, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        """Return one matrix, in which each block stands below the one before."""
        return arithmetic.reshape(matrix, self.count * self.rows, self.columns)

    def laid(self, arithmetic: Arithmetic, matrix: Matrix, *, beside: bool) -> Matrix:
        """Return one matrix, in which each block stands beside the one before, or below it."""
        if beside and self.count > 1:
            return arithmetic.gather(matrix, self.side_by_side)
        return self.below(arithmetic, matrix)

    def held(self, arithmetic: Arithmetic, matrix: Matrix, *, beside: bool = False) -> Matrix:
        """Return the matrix that holds blocks which stand so in one."""
        if beside and self.count > 1:
            return arithmetic.gather(matrix, self.side_by_side.adjoint)
        return arithmetic.reshape(matrix, *self.whole)

    def split(self, arithmetic: Arithmetic, matrix: Matrix) -> list[Matrix]:
        """Return the blocks."""
        below = self.below(arithmetic, matrix)
        return [
            arithmetic.rows_between(below, each * self.rows, (each + 1) * self.rows)
            for each in range(self.count)
        ]

    def joined(self, arithmetic: Arithmetic, products: Iterable[Matrix]) -> Matrix:
        """Return what products come to, those of the same block added up."""
        blocks: list[Matrix | None] = [None] * self.count
        for which, product in zip(self.which, products, strict=True):
            held = blocks[which]
            blocks[which] = product if held is None else arithmetic.add(held, product)
        return self.held(arithmetic, arithmetic.stack(*blocks))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Product:
    """A product for each pair of blocks; or one for all, where one side has but a single block.

    Arithmetics whose sums hang on how they are taken take the blocks in turn, as is done in numpy.
    """

    left: _Blocks
    right: _Blocks
    result: _Blocks

    def value(self, arithmetic: Arithmetic, left: Matrix, right: Matrix) -> Matrix:
        """Return A B."""
        return self._multiplied(arithmetic, (self.left, left), (self.right, right), self.result)

    def to_left(self, arithmetic: Arithmetic, upstream: Matrix, right: Matrix) -> Matrix:
        """Return ∂L/∂C Bᵀ."""
        turned = (self.right, right)
        return self._multiplied(
            arithmetic, (self.result, upstream), turned, self.left, turns_second=True
        )

    def to_right(self, arithmetic: Arithmetic, upstream: Matrix, left: Matrix) -> Matrix:
        """Return Aᵀ ∂L/∂C."""
        turned = (self.left, left)
        return self._multiplied(
            arithmetic, turned, (self.result, upstream), self.right, turns_first=True
        )

    def _multiplied(
        self,
        arithmetic: Arithmetic,
        first: tuple[_Blocks, Matrix],
        second: tuple[_Blocks, Matrix],
        into: _Blocks,
        *,
        turns_first: bool = False,
        turns_second: bool = False,
    ) -> Matrix:
        if arithmetic.sums_exactly and 1 in (self.left.count, self.right.count):
            beside = self.left.count < self.right.count
            one, other = (
                blocks.laid(arithmetic, matrix, beside=beside) for blocks, matrix in (first, second)
            )
            (one,) = _turned(arithmetic, [one], turns_first)
            (other,) = _turned(arithmetic, [other], turns_second)
            return into.held(arithmetic, arithmetic.dot(one, other), beside=beside)
        ones = _turned(arithmetic, first[0].split(arithmetic, first[1]), turns_first)
        others = _turned(arithmetic, second[0].split(arithmetic, second[1]), turns_second)
        pairs = zip(first[0].which, second[0].which, strict=True)
        return into.joined(
            arithmetic, (arithmetic.dot(ones[one], others[other]) for one, other in pairs)
        )


def _turned(arithmetic: Arithmetic, blocks: Sequence[Matrix], turns: bool) -> Sequence[Matrix]:
    return [arithmetic.transpose(each) for each in blocks] if turns else blocks


def matmul(left: Operand, right: Operand) -> Operation:
    """Return left @ right, as numpy.matmul takes vectors, matrices and stacks of them.

    Raises:
        ValueError: the shapes do not go together.
    """
    if not left.shape or not right.shape:
        raise ValueError("@ takes no number: write * for a multiple")
    a = left.shape if len(left.shape) > 1 else (1, *left.shape)
    b = right.shape if len(right.shape) > 1 else (*right.shape, 1)
    if a[-1] != b[-2]:
        raise ValueError(
            f"shapes {list(left.shape)} and {list(right.shape)} do not go together in @: "
            f"{a[-1]} is not {b[-2]}"
        )
    batch = broadcast_shape(a[:-2], b[:-2])
    rows = () if len(left.shape) == 1 else (a[-2],)
    columns = () if len(right.shape) == 1 else (b[-1],)
    shape = (*batch, *rows, *columns)
    if len(left.shape) == 2 and len(right.shape) <= 2:
        return _of_matrices(shape)
    return _in_blocks(
        shape,
        _Product(
            left=_blocks(left.shape, a, batch),
            right=_blocks(right.shape, b, batch),
            result=_blocks(shape, (*batch, a[-2], b[-1]), batch),
        ),
    )


def _of_matrices(shape: Shape) -> Operation:
    """Return the product of what is held as the matrices that are multiplied."""
    return Operation(
        shape=shape,
        rule=lambda numbers, a, b: numbers.dot(a, b),
        formula=lambda a, b: a @ b,
        pull_backs=(
            PullBackRule(
                reads=(1,),
                rule=lambda numbers, up, b: numbers.dot(up, numbers.transpose(b)),
                formula=lambda up, b: up @ b.T,
                entry=_row_by_row,
            ),
            PullBackRule(
                reads=(0,),
                rule=lambda numbers, up, a: numbers.dot(numbers.transpose(a), up),
                formula=lambda up, a: a.T @ up,
                entry=_column_by_column,
            ),
        ),
    )


def _row_by_row(
    arithmetic: ListArithmetic, row: int, column: int, upstream: Rows, right: Rows
) -> Rows:
    """Return one entry of ∂L/∂C Bᵀ, for arithmetics whose matrices are nested lists."""
    return arithmetic.dot([upstream[row]], arithmetic.transpose([right[column]]))


def _column_by_column(
    arithmetic: ListArithmetic, row: int, column: int, upstream: Rows, left: Rows
) -> Rows:
    """Return one entry of Aᵀ ∂L/∂C, likewise."""
    own, other = arithmetic.turned_column(left, row), arithmetic.turned_column(upstream, column)
    return arithmetic.dot(own, arithmetic.transpose(other))


def _in_blocks(shape: Shape, product: _Product) -> Operation:
    """Return a product block by block, in which a vector that is multiplied stands as a row."""
    to_left = Function("matmul", product.to_left, lambda up, b: _side_by_side(up, _turned_box(b)))
    to_right = Function("matmul", product.to_right, lambda up, a: _side_by_side(_turned_box(a), up))
    return Operation(
        shape=shape,
        rule=product.value,
        formula=Function("matmul", product.value, _side_by_side),
        pull_backs=(
            PullBackRule(reads=(1,), rule=product.to_left, formula=to_left),
            PullBackRule(reads=(0,), rule=product.to_right, formula=to_right),
        ),
    )


def outer(left: Operand, right: Operand) -> Operation:
    """Return the outer product of two vectors.

    Raises:
        ValueError: an operand is no vector.
    """
    if len(left.shape) != 1 or len(right.shape) != 1:
        raise ValueError("outer takes two vectors")
    column, row = (*left.shape, 1), (1, *right.shape)
    shape = (*left.shape, *right.shape)
    product = _Product(
        left=_blocks(left.shape, column, ()),
        right=_blocks(right.shape, row, ()),
        result=_blocks(shape, shape, ()),
    )
    return Operation(
        shape=shape,
        rule=product.value,
        formula=lambda a, b: a @ b.T,
        pull_backs=(
            PullBackRule(reads=(1,), rule=product.to_left, formula=lambda up, b: up @ b),
            PullBackRule(reads=(0,), rule=product.to_right, formula=lambda up, a: up.T @ a),
        ),
    )


def dot(left: Operand, right: Operand) -> Operation:
    """Return numpy.dot of vectors and matrices, where it is the matrix product.

    Raises:
        ValueError: an operand has more than two axes.
    """
    if len(left.shape) > 2 or len(right.shape) > 2:
        raise ValueError("dot takes vectors and matrices; write @ for stacks of them")
    return matmul(left, right)


def _side_by_side(left: Box, right: Box) -> Box:
    return separated((left, right), Between(THIN_SPACE))


def _turned_box(box: Box) -> Box:
    return Scripts(box, above=Sign("ᵀ"), is_held=True)


def _blocks(shape: Shape, seen: Shape, batch: Shape) -> _Blocks:
    own = seen[:-2]
    numbered = numpy.arange(prod(own)).reshape(own)
    which = numpy.broadcast_to(numbered, batch).ravel().tolist()
    whole, count, rows, columns = matrix_shape(shape), prod(own), seen[-2], seen[-1]

    def beside(indices: Indices) -> Indices:
        blocks = indices.reshape(count, rows, columns)
        return blocks.transpose(1, 0, 2).reshape(rows, count * columns)

    return _Blocks(
        whole=whole,
        rows=rows,
        columns=columns,
        which=tuple(which),
        count=count,
        side_by_side=moved(beside, whole),
    )


PRODUCTS = (
    Primitive(name="matmul", operands=(2, 2), bind=matmul, source="numpy.matmul, the operator @"),
    Primitive(name="dot", operands=(2, 2), bind=dot, source="numpy.dot"),
    Primitive(name="outer", operands=(2, 2), bind=outer, source="numpy.outer"),
)
