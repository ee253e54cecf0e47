"""Sums, means, variances and largest entries, over all axes or some."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

import numpy

from gradgrade.oracle.arithmetic import Arithmetic, EntryMap, Matrix
from gradgrade.oracle.derivation.formulas.boxes import Box, row, sentence
from gradgrade.oracle.derivation.formulas.expression import (
    Expression,
    Function,
    Number,
    Total,
)
from gradgrade.oracle.derivation.formulas.functions import hadamard
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.arrays import Axes, axes_of, gathered, matrix_shape, reduced_shape
from gradgrade.oracle.primitives.primitive import (
    VALUE,
    Operand,
    Operation,
    Primitive,
    PullBackRule,
    Way,
)


class _Reduction:
    """Which entries each entry of a result is taken from.

    Args:
        shape: of the operand.
        axes: that are reduced.
        keepdims: whether they stay, with length 1.
    """

    def __init__(self, shape: Shape, axes: Axes, *, keepdims: bool) -> None:
        over = axes_of(shape, axes)
        self.result = reduced_shape(over, shape, keepdims=keepdims)
        self.map: EntryMap = gathered(over, shape, keepdims=keepdims)
        self.count = prod(shape[axis] for axis in over)
        self.takes_all = len(over) == len(shape)
        self.formula = Function("Σ", self.sum) if over else Function("", self.sum)

    def sum(self, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        """Return the sums."""
        if self.takes_all:
            return arithmetic.sum(matrix)
        return arithmetic.gather(matrix, self.map)

    def spread(self, arithmetic: Arithmetic, gradient: Matrix) -> Matrix:
        """Return what each entry of the operand has of its result's."""
        return arithmetic.gather(gradient, self.map.adjoint)

    def mean(self, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        """Return the means."""
        return arithmetic.divide_by(self.sum(arithmetic, matrix), self.count)

    def centered(self, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        """Return the operand less its mean."""
        means = self.spread(arithmetic, self.mean(arithmetic, matrix))
        return arithmetic.subtract(matrix, means)

    def written(self, of: Expression) -> Expression:
        """Return the sums as a formula writes them."""
        return Total(of) if self.takes_all else self.formula(of)

    def repeated(self, of: Expression) -> Expression:
        """Return a result repeated over the operand's entries, which one does not see."""
        return Function("", self.spread, lambda each: each)(of)


def sum_over(x: Operand, axis: Axes = None, *, keepdims: bool = False) -> Operation:
    """Return Σ x: every entry is passed its sum's gradient."""
    reduction = _Reduction(x.shape, axis, keepdims=keepdims)
    back = PullBackRule(reads=(), rule=reduction.spread, formula=lambda up: reduction.repeated(up))
    return Operation(
        shape=reduction.result,
        rule=reduction.sum,
        formula=reduction.written,
        pull_backs=(back,),
    )


def mean_over(x: Operand, axis: Axes = None, *, keepdims: bool = False) -> Operation:
    """Return Σ x / n: every entry is passed the n-th part."""
    reduction = _Reduction(x.shape, axis, keepdims=keepdims)

    def back(arithmetic: Arithmetic, upstream: Matrix) -> Matrix:
        return arithmetic.divide_by(reduction.spread(arithmetic, upstream), reduction.count)

    share = Number(Fraction(1, reduction.count))
    return Operation(
        shape=reduction.result,
        rule=reduction.mean,
        formula=lambda x: share * reduction.written(x),
        pull_backs=(
            PullBackRule(reads=(), rule=back, formula=lambda up: share * reduction.repeated(up)),
        ),
    )


def variance_over(
    x: Operand, axis: Axes = None, *, keepdims: bool = False, ddof: int = 0
) -> Operation:
    """Return Σ (x − mean x)² / (n − ddof): an entry is passed 2 (x − mean x) / (n − ddof).

    Raises:
        ValueError: nothing is left to divide by.
    """
    reduction = _Reduction(x.shape, axis, keepdims=keepdims)
    count = reduction.count - ddof
    if ddof not in (0, 1) or count < 1:
        raise ValueError(f"a variance of {reduction.count} entries takes ddof 0 or 1")

    def value(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        centered = reduction.centered(arithmetic, matrix)
        squares = arithmetic.multiply(centered, centered)
        return arithmetic.divide_by(reduction.sum(arithmetic, squares), count)

    def by_squares(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        squares = reduction.mean(arithmetic, arithmetic.multiply(matrix, matrix))
        mean = reduction.mean(arithmetic, matrix)
        found = arithmetic.subtract(squares, arithmetic.multiply(mean, mean))
        if not ddof:
            return found
        return arithmetic.divide_by(_times(arithmetic, reduction.count, found), count)

    def back(arithmetic: Arithmetic, upstream: Matrix, matrix: Matrix) -> Matrix:
        centered = reduction.centered(arithmetic, matrix)
        passed = arithmetic.multiply(reduction.spread(arithmetic, upstream), centered)
        return arithmetic.divide_by(_times(arithmetic, 2, passed), count)

    mean = Number(Fraction(1, reduction.count))
    share = Number(Fraction(1, count))

    def centered(x: Expression) -> Expression:
        return x - reduction.repeated(mean * reduction.written(x))

    return Operation(
        shape=reduction.result,
        rule=value,
        formula=lambda x: share * reduction.written(centered(x) ** 2),
        pull_backs=(
            PullBackRule(
                reads=(0,),
                rule=back,
                formula=lambda up, x: (
                    Number(Fraction(2, count)) * hadamard(reduction.repeated(up), centered(x))
                ),
            ),
        ),
        ways=(Way(reads=(0,), rule=by_squares),),
    )


def largest_over(x: Operand, axis: Axes = None, *, keepdims: bool = False) -> Operation:
    """Return the largest entries, to which alone a gradient is passed; a tie has none."""
    reduction = _Reduction(x.shape, axis, keepdims=keepdims)

    def value(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.largest(matrix, reduction.map)

    def back(arithmetic: Arithmetic, upstream: Matrix, matrix: Matrix) -> Matrix:
        return arithmetic.to_largest(upstream, matrix, reduction.map, zeros_may_tie=False)

    return Operation(
        shape=reduction.result,
        rule=value,
        formula=Function("max", value),
        pull_backs=(
            PullBackRule(reads=(0,), rule=back, formula=Function("largest", back, _to("largest"))),
        ),
    )


def smallest_over(x: Operand, axis: Axes = None, *, keepdims: bool = False) -> Operation:
    """Return the smallest entries, to which alone a gradient is passed; a tie has none."""
    reduction = _Reduction(x.shape, axis, keepdims=keepdims)

    def value(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return _negated(arithmetic, arithmetic.largest(_negated(arithmetic, matrix), reduction.map))

    def back(arithmetic: Arithmetic, upstream: Matrix, matrix: Matrix) -> Matrix:
        turned = _negated(arithmetic, matrix)
        return arithmetic.to_largest(upstream, turned, reduction.map, zeros_may_tie=False)

    return Operation(
        shape=reduction.result,
        rule=value,
        formula=Function("min", value),
        pull_backs=(
            PullBackRule(
                reads=(0,), rule=back, formula=Function("smallest", back, _to("smallest"))
            ),
        ),
    )


def _to(which: str) -> Callable[[Box, Box], Box]:
    return lambda up, x: row(up, sentence(f" to the {which} of "), x)


def _from_each_on(up: Box) -> Box:
    return row(sentence("sums from each on of "), up)


def norm(x: Operand, axis: Axes = None, *, keepdims: bool = False) -> Operation:
    """Return √Σ x²: an entry is passed x / norm."""
    reduction = _Reduction(x.shape, axis, keepdims=keepdims)

    def value(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        squares = reduction.sum(arithmetic, arithmetic.multiply(matrix, matrix))
        return arithmetic.map(lambda numbers, z: numbers.sqrt(z), squares)

    def back(arithmetic: Arithmetic, upstream: Matrix, matrix: Matrix, norms: Matrix) -> Matrix:
        shares = arithmetic.map(lambda numbers, up, n: numbers.divide(up, n), upstream, norms)
        return arithmetic.multiply(matrix, reduction.spread(arithmetic, shares))

    def back_last(
        arithmetic: Arithmetic, upstream: Matrix, matrix: Matrix, norms: Matrix
    ) -> Matrix:
        passed = arithmetic.multiply(reduction.spread(arithmetic, upstream), matrix)
        return arithmetic.map(
            lambda numbers, p, n: numbers.divide(p, n),
            passed,
            reduction.spread(arithmetic, norms),
        )

    norm_of = Function("norm", value)
    return Operation(
        shape=reduction.result,
        rule=value,
        formula=norm_of,
        pull_backs=(
            PullBackRule(
                reads=(0, VALUE),
                rule=back,
                formula=lambda up, x, n: hadamard(x, reduction.repeated(up / n)),
                ways=(Way(reads=(0, VALUE), rule=back_last),),
            ),
        ),
    )


def cumulative(x: Operand, axis: int | None = None) -> Operation:
    """Return the sums of all entries up to each, along an axis; a gradient is summed from each on.

    Raises:
        ValueError: the operand has several axes and none is named; or the sums are of too many
            entries.
    """
    if axis is None and len(x.shape) != 1:
        raise ValueError("cumsum of an array of several axes needs an axis")
    (along,) = axes_of(x.shape, 0 if axis is None else axis)
    entry_map = _up_to_each(x.shape, along)
    if entry_map.count > MOST_SUMMED:
        raise ValueError(
            f"the sums of cumsum are of at most {MOST_SUMMED} entries in all (got "
            f"{entry_map.count}): take it of a shorter axis"
        )

    def value(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return arithmetic.gather(matrix, entry_map)

    def back(arithmetic: Arithmetic, upstream: Matrix) -> Matrix:
        return arithmetic.gather(upstream, entry_map.adjoint)

    return Operation(
        shape=x.shape,
        rule=value,
        formula=Function("cumsum", value),
        pull_backs=(
            PullBackRule(reads=(), rule=back, formula=Function("sums", back, _from_each_on)),
        ),
    )


def _up_to_each(shape: Shape, axis: int) -> EntryMap:
    size, length = prod(shape), shape[axis]

    def listing() -> tuple[tuple[int, ...], ...]:
        indices = numpy.arange(size).reshape(shape)
        lines = numpy.moveaxis(indices, axis, -1).reshape(-1, length).tolist()
        sources: list[tuple[int, ...]] = [()] * size
        for line in lines:
            for place, index in enumerate(line):
                sources[index] = tuple(line[: place + 1])
        return tuple(sources)

    count = size * (length + 1) // 2
    return EntryMap(matrix_shape(shape), matrix_shape(shape), count, listing)


def _times(arithmetic: Arithmetic, count: int, matrix: Matrix) -> Matrix:
    return arithmetic.map(lambda _, z: count * z, matrix)


def _negated(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.map(lambda _, z: -z, matrix)


MOST_SUMMED = 200_000

_OVER = frozenset({"axis", "keepdims"})

REDUCTIONS = (
    Primitive(
        name="sum",
        operands=(1, 1),
        bind=sum_over,
        options=_OVER,
        places=("axis",),
        source="numpy.sum",
    ),
    Primitive(
        name="mean",
        operands=(1, 1),
        bind=mean_over,
        options=_OVER,
        places=("axis",),
        source="numpy.mean",
    ),
    Primitive(
        name="var",
        operands=(1, 1),
        bind=variance_over,
        options=_OVER | {"ddof"},
        places=("axis",),
        numbers=frozenset({"ddof"}),
        source="numpy.var, which divides by n; torch.var divides by n − 1",
    ),
    Primitive(
        name="max",
        operands=(1, 1),
        bind=largest_over,
        options=_OVER,
        places=("axis",),
        source="numpy.max",
    ),
    Primitive(
        name="min",
        operands=(1, 1),
        bind=smallest_over,
        options=_OVER,
        places=("axis",),
        source="numpy.min",
    ),
    Primitive(
        name="norm",
        operands=(1, 1),
        bind=norm,
        options=_OVER,
        source="numpy.linalg.norm",
        definition="norm = np.linalg.norm\n",
    ),
    Primitive(
        name="cumsum",
        operands=(1, 1),
        bind=cumulative,
        options=frozenset({"axis"}),
        places=("axis",),
        source="numpy.cumsum",
    ),
)
