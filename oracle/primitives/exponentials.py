"""Softmax, its logarithm, and the logarithm of a sum of exponentials, along an axis.

Each is stable as it stands: what a program composes of exp, sum and log stays composed, with the
error that this has.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial
from math import prod

import numpy

from gradgrade.oracle.arithmetic import Arithmetic, Element, EntryMap, Matrix
from gradgrade.oracle.derivation.formulas.boxes import (
    Box,
    Enclosed,
    Face,
    Sign,
    row,
    sentence,
)
from gradgrade.oracle.derivation.formulas.expression import Function, Total
from gradgrade.oracle.derivation.formulas.functions import exp, hadamard, ln
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.nested import Shape
from gradgrade.oracle.primitives.arrays import (
    Axes,
    Repeated,
    axes_of,
    broadcast_shape,
    matrix_shape,
    moved,
    reduced_shape,
)
from gradgrade.oracle.primitives.primitive import (
    VALUE,
    Operand,
    Operation,
    Primitive,
    PullBackRule,
    Way,
    check_mask,
)


class _Lines:
    """An array's entries, some axes as the rows of a matrix: what is summed over is a column."""

    def __init__(self, shape: Shape, axis: int | tuple[int, ...]) -> None:
        along = axes_of(shape, axis)
        self.shape, self.along = shape, along
        self.length = prod(shape[each] for each in along)
        self._is_plain = along == (0,)
        self._is_turned = along == (1,) and len(shape) == 2
        lines = (self.length, prod(shape) // self.length)
        self._to: EntryMap = moved(
            lambda each: numpy.moveaxis(each, along, range(len(along))).reshape(lines), shape
        )

    def down(self, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        """Return the entries, a line a column."""
        if self._is_turned:
            return arithmetic.transpose(matrix)
        return matrix if self._is_plain else arithmetic.gather(matrix, self._to)

    def back(self, arithmetic: Arithmetic, lines: Matrix) -> Matrix:
        """Return such entries as the array's matrix again."""
        if self._is_turned:
            return arithmetic.transpose(lines)
        return lines if self._is_plain else arithmetic.gather(lines, self._to.adjoint)

    def reduced(self, keepdims: bool) -> Shape:
        """Return the shape of one number a line."""
        return reduced_shape(self.along, self.shape, keepdims=keepdims)


class _Summed:
    """An array as the lines whose exponentials are summed: along axes, or all of it as one."""

    def __init__(self, shape: Shape, axis: Axes, *, keepdims: bool) -> None:
        flat: Shape = (prod(shape),) if axis is None else shape
        self._lines = _Lines(flat, 0 if axis is None else axis)
        self._shape, self._flat, self._is_one_line = shape, flat, axis is None
        self.length, self.count = self._lines.length, prod(flat) // self._lines.length
        self.whole: EntryMap = EntryMap.of(
            (1, self.count),
            (self.length, self.count),
            tuple(tuple(range(place, prod(flat), self.count)) for place in range(self.count)),
        )
        self.result: Shape
        if axis is None:
            self.result = (1,) * len(shape) if keepdims else ()
        else:
            self.result = self._lines.reduced(keepdims)

    def down(self, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        """Return the entries, a line a column."""
        if self._is_one_line:
            matrix = arithmetic.reshape(matrix, *matrix_shape(self._flat))
        return self._lines.down(arithmetic, matrix)

    def back(self, arithmetic: Arithmetic, lines: Matrix) -> Matrix:
        """Return such entries as the array's matrix again."""
        entries = self._lines.back(arithmetic, lines)
        return arithmetic.reshape(entries, *matrix_shape(self._shape))

    def row(self, arithmetic: Arithmetic, result: Matrix) -> Matrix:
        """Return one number a line, each over its column."""
        return arithmetic.reshape(result, 1, self.count)


def softmax(x: Operand, axis: int = -1) -> Operation:
    """Return a = e^x / Σ e^x: ∂L/∂x = a ∘ (∂L/∂a − Σ a ∘ ∂L/∂a)."""
    lines = _Lines(_axis_of(x), axis)

    def value(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return lines.back(arithmetic, arithmetic.softmax(lines.down(arithmetic, matrix)))

    return Operation(
        shape=x.shape,
        rule=value,
        formula=Function("softmax", value),
        pull_backs=(_passed_through_shares(lines, Repeated(x.shape, x.shape)),),
    )


def masked_softmax(
    mask: Operand, x: Operand, axis: int = -1, *, number: Fraction | None = None
) -> Operation:
    """Return softmax over the entries where a mask is 1, and exactly 0 elsewhere.

    What is masked has a = 0, so that nothing is passed to it by the rule of softmax.

    Args:
        mask: 0 where an entry is masked.
        x: the array.
        axis: along which the shares sum to 1.
        number: what stands for −∞ where an entry is masked. e^number is 0 beside all others, to
            however many digits, where these are above half of it; elsewhere nothing is defined.

    Raises:
        ValueError: the first operand is no mask.
    """
    check_mask(mask)
    shape = broadcast_shape(mask.shape, x.shape)
    lines = _Lines(_axis_of(Operand(shape=shape)), axis)
    wide_mask, wide = Repeated(mask.shape, shape), Repeated(x.shape, shape)

    def value(arithmetic: Arithmetic, where: Matrix, matrix: Matrix) -> Matrix:
        kept = lines.down(arithmetic, wide_mask.whole(arithmetic, where))
        entries = lines.down(arithmetic, wide.whole(arithmetic, matrix))
        if number is not None:
            entries = _held_above(arithmetic, number / 2, entries, kept)
        return lines.back(arithmetic, arithmetic.softmax(entries, kept))

    return Operation(
        shape=shape,
        rule=value,
        formula=Function("masked softmax", value, _written_masked),
        pull_backs=(None, _passed_through_shares(lines, wide)),
    )


def _held_above(arithmetic: Arithmetic, low: Fraction, entries: Matrix, kept: Matrix) -> Matrix:
    """Return entries as they are; undefined where one that is kept is lower."""

    def held(numbers: Arithmetic, z: Element, is_kept: Element, least: Element) -> Element:
        return numbers.divide(z, 1 - is_kept * numbers.below(z - least, 1))

    try:
        return arithmetic.map(held, entries, kept, arithmetic.constant(low))
    except UndefinedValue:
        raise UndefinedValue(MASKS_NOTHING) from None


def _written_masked(mask: Box, x: Box) -> Box:
    name = Sign("softmax", Face.FUNCTION)
    return row(name, Enclosed(row(x, sentence(" where "), mask)))


def _passed_through_shares(lines: _Lines, wide: Repeated) -> PullBackRule:
    """Return a ∘ (∂L/∂a − Σ a ∘ ∂L/∂a), summed over what was repeated."""

    def back(arithmetic: Arithmetic, upstream: Matrix, a: Matrix) -> Matrix:
        up, a = lines.down(arithmetic, upstream), lines.down(arithmetic, a)
        mean = arithmetic.sum(arithmetic.multiply(a, up), axis=0)
        passed = arithmetic.multiply(a, arithmetic.subtract(up, mean))
        return wide.back(arithmetic, lines.back(arithmetic, passed))

    def summed(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return _repeated_sum(lines, arithmetic, matrix)

    total = Function("Σ", summed)
    return PullBackRule(
        reads=(VALUE,),
        rule=back,
        formula=lambda up, a: wide.written_back(hadamard(a, up - total(hadamard(a, up)))),
    )


def log_softmax(x: Operand, axis: int = -1) -> Operation:
    """Return ln softmax(x): ∂L/∂x = ∂L/∂a − softmax(x) ∘ Σ ∂L/∂a."""
    lines = _Lines(_axis_of(x), axis)

    def value(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return lines.back(arithmetic, arithmetic.log_softmax(lines.down(arithmetic, matrix)))

    def probabilities(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return lines.back(arithmetic, arithmetic.softmax(lines.down(arithmetic, matrix)))

    def passed(arithmetic: Arithmetic, upstream: Matrix, p: Matrix) -> Matrix:
        total = _repeated_sum(lines, arithmetic, upstream)
        return arithmetic.subtract(upstream, arithmetic.multiply(p, total))

    def back(arithmetic: Arithmetic, upstream: Matrix, matrix: Matrix) -> Matrix:
        return passed(arithmetic, upstream, probabilities(arithmetic, matrix))

    def back_from_value(arithmetic: Arithmetic, upstream: Matrix, a: Matrix) -> Matrix:
        return passed(arithmetic, upstream, _exponentials(arithmetic, a))

    def summed(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return _repeated_sum(lines, arithmetic, matrix)

    softmax_of, total = Function("softmax", probabilities), Function("Σ", summed)
    return Operation(
        shape=x.shape,
        rule=value,
        formula=lambda x: ln(softmax_of(x)),
        pull_backs=(
            PullBackRule(
                reads=(0,),
                rule=back,
                formula=lambda up, x: up - hadamard(softmax_of(x), total(up)),
                ways=(Way(reads=(VALUE,), rule=back_from_value),),
            ),
        ),
    )


def logsumexp(x: Operand, axis: Axes = None, *, keepdims: bool = False) -> Operation:
    """Return ln Σ e^x, with the largest entry taken out: ∂L/∂x = ∂L/∂a ∘ softmax(x)."""
    summed = _Summed(_axis_of(x), axis, keepdims=keepdims)

    def logarithm(arithmetic: Arithmetic, entries: Matrix) -> Matrix:
        total = arithmetic.sum(_exponentials(arithmetic, entries), axis=0)
        return arithmetic.map(lambda numbers, z: numbers.log(z), total)

    def value(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        entries = summed.down(arithmetic, matrix)
        largest = arithmetic.largest(entries, summed.whole)
        shifted = arithmetic.subtract(entries, largest)
        found = arithmetic.add(largest, logarithm(arithmetic, shifted))
        return arithmetic.reshape(found, *matrix_shape(summed.result))

    def as_printed(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        found = logarithm(arithmetic, summed.down(arithmetic, matrix))
        return arithmetic.reshape(found, *matrix_shape(summed.result))

    return Operation(
        shape=summed.result,
        rule=value,
        formula=lambda x: ln(Total(exp(x))) if axis is None else Function("logsumexp", value)(x),
        pull_backs=(_passed_by_shares(summed),),
        ways=(Way(reads=(0,), rule=as_printed),),
    )


def _passed_by_shares(summed: _Summed) -> PullBackRule:
    """Return ∂L/∂a ∘ softmax(x)."""

    def back(arithmetic: Arithmetic, upstream: Matrix, matrix: Matrix) -> Matrix:
        p = arithmetic.softmax(summed.down(arithmetic, matrix))
        rows = summed.row(arithmetic, upstream)
        return summed.back(arithmetic, arithmetic.multiply(p, rows))

    def back_from_value(
        arithmetic: Arithmetic, upstream: Matrix, matrix: Matrix, a: Matrix
    ) -> Matrix:
        off = arithmetic.subtract(summed.down(arithmetic, matrix), summed.row(arithmetic, a))
        p = _exponentials(arithmetic, off)
        rows = summed.row(arithmetic, upstream)
        return summed.back(arithmetic, arithmetic.multiply(p, rows))

    def shares(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
        return summed.back(arithmetic, arithmetic.softmax(summed.down(arithmetic, matrix)))

    def spread(arithmetic: Arithmetic, upstream: Matrix) -> Matrix:
        rows = summed.row(arithmetic, upstream)
        zeros = arithmetic.zeros(summed.length, summed.count)
        return summed.back(arithmetic, arithmetic.add(zeros, rows))

    # One does not see that the gradient is repeated.
    softmax_of, repeated = Function("softmax", shares), Function("", spread, lambda each: each)
    return PullBackRule(
        reads=(0,),
        rule=back,
        formula=lambda up, x: hadamard(repeated(up), softmax_of(x)),
        ways=(Way(reads=(0, VALUE), rule=back_from_value),),
    )


def _axis_of(x: Operand) -> Shape:
    if not x.shape:
        raise ValueError("a number has no axis to sum exponentials over")
    return x.shape


def _exponentials(arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    return arithmetic.map(lambda numbers, z: numbers.exp(z), matrix)


def _repeated_sum(lines: _Lines, arithmetic: Arithmetic, matrix: Matrix) -> Matrix:
    """Return each line's sum, in the place of each of its entries."""
    down = lines.down(arithmetic, matrix)
    sums = arithmetic.sum(down, axis=0)
    rows, columns = arithmetic.shape(down)
    return lines.back(arithmetic, arithmetic.add(arithmetic.zeros(rows, columns), sums))


_SOFTMAX = """\
def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)
"""
_LOG_SOFTMAX = """\
def log_softmax(x, axis=-1):
    x = x - np.max(x, axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))
"""
_LOGSUMEXP = """\
def logsumexp(x, axis=None, keepdims=False):
    largest = np.max(x, axis=axis, keepdims=True)
    o = largest + np.log(np.sum(np.exp(x - largest), axis=axis, keepdims=True))
    return o if keepdims else np.squeeze(o, axis=axis)
"""

EXPONENTIALS = (
    Primitive(
        name="softmax",
        operands=(1, 1),
        bind=softmax,
        options=frozenset({"axis"}),
        places=("axis",),
        source="scipy.special.softmax; the last axis unless another is named",
        definition=_SOFTMAX,
    ),
    Primitive(
        name="log_softmax",
        operands=(1, 1),
        bind=log_softmax,
        options=frozenset({"axis"}),
        places=("axis",),
        source="scipy.special.log_softmax; the last axis unless another is named",
        definition=_LOG_SOFTMAX,
    ),
    Primitive(
        name="logsumexp",
        operands=(1, 1),
        bind=logsumexp,
        options=frozenset({"axis", "keepdims"}),
        places=("axis",),
        source="scipy.special.logsumexp",
        definition=_LOGSUMEXP,
    ),
)

MASKS_NOTHING = (
    "an entry that is not masked is as low as the number that stands for −∞ in its where: "
    "write -inf"
)

MASKED_SOFTMAX = Primitive(
    name="masked_softmax",
    operands=(2, 2),
    bind=masked_softmax,
    options=frozenset({"axis"}),
    places=("axis",),
    source="torch.nn.functional.scaled_dot_product_attention; what is masked weighs exactly 0",
)


def masked_softmax_of(number: Fraction | None) -> Primitive:
    """Return the primitive of softmax(where(MASK, X, NUMBER)); of −∞ where there is no number."""
    return replace(MASKED_SOFTMAX, bind=partial(masked_softmax, number=number))
