r"""Running error: beside each value, how far honest floating point arithmetic may carry it.

Every number is a binary64 value with an error S, in units of u, the unit roundoff of the precision
that students compute in. Whoever computes the same quantity in that precision, by whatever order of
summation and whichever textbook form, lands within C·u·S of the true value, C = 16, but for
underflow.

S is a first-order running error: what comes in, times the derivative, plus the rounding of the
operation. An operation adds its result, a sum of n terms Σ|terms|·max(1, n/16), which times C is
the rigorous bound n·u of any order of summation; an elementary function adds as much as its
textbook forms lose, so that S holds for 1 − e^−z, ½ (1 + erf) and tanh by exponentials too. Where
the error is no longer small against what is divided by or rooted, the second order is counted, so
that S stays a bound, and is infinite where there is none.

Source: Higham (2002), sections 3.3 (running error) and 3.1 (sums). Weights and constant are chosen,
not derived: in `tests/oracle/accuracy/test_honest_bands.py` honest code uses up to 2.3 of the 16.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import pi, prod, sqrt
from typing import Any

import numpy

from gradgrade.oracle.arithmetic import ElementwiseRule, EntryMap
from gradgrade.oracle.arithmetic.binary64 import Array, Binary64, indices, taken_by
from gradgrade.oracle.bounded_cache import kept_with_argument
from gradgrade.oracle.exact_numbers import Exact, Ratio

CONSTANT = 16
"""C of the honest bound C·u·S."""

ELEMENTARY = 2
"""How many roundings an elementary function of a mathematics library may be off."""

_BINARY64 = Binary64()


@dataclass(frozen=True, slots=True)
class Precision:
    """A floating point format.

    Args:
        unit: u, half the distance from 1 to the next number.
        smallest: the smallest normal number; below it fewer bits are left than u allows for.
        largest: the largest number.
    """

    unit: float
    smallest: float
    largest: float

    @property
    def scale(self) -> float:
        """C·u, what an error is multiplied by to be a band."""
        return CONSTANT * self.unit


BINARY64 = Precision(2.0**-53, 2.0**-1022, 2.0**1023 * (2 - 2.0**-52))
BINARY32 = Precision(2.0**-24, 2.0**-126, 2.0**127 * (2 - 2.0**-23))


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Values with their running errors, and the operations on them.

    Args:
        value: of shape (…, rows, columns); leading axes are a stack of variants walked at once.
        error: S, of the same shape: an honest student is within 16·u·S of the true value.
        precision: what students compute in.

    >>> third = 1 / Estimate(numpy.array([[3.0]]), numpy.array([[0.0]]))
    >>> third.value, third.error
    (array([[0.33333333]]), array([[0.33333333]]))
    """

    value: Array
    error: Array
    precision: Precision = BINARY64

    @property
    def band(self) -> Array:
        """C·u·S, how far an honest value may lie from the true one."""
        return self.precision.scale * self.error

    def __neg__(self) -> "Estimate":
        return Estimate(-self.value, self.error, self.precision)

    def __abs__(self) -> "Estimate":
        # | |z'| − |z| | ≤ |z' − z|, at 0 too.
        return Estimate(numpy.abs(self.value), self.error, self.precision)

    def __add__(self, other: Any) -> "Estimate":
        if not isinstance(other, Estimate):
            return self.rounded(self.value + float(other), self.error)
        return self.rounded(self.value + other.value, self.error + other.error)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Estimate":
        return self + -self._taken(other)

    def __rsub__(self, other: Any) -> "Estimate":
        return -self + self._taken(other)

    def __mul__(self, other: Any) -> "Estimate":
        if not isinstance(other, Estimate):
            return self.rounded(self.value * float(other), self.error * abs(float(other)))
        carried = numpy.abs(self.value) * other.error
        carried = carried + self.error * (numpy.abs(other.value) + other.band)
        return self.rounded(self.value * other.value, carried)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Estimate":
        other = self._taken(other)
        value = self.value / other.value
        moved = self.error + numpy.abs(value) * other.error
        room = numpy.abs(other.value) - other.band
        has_room = room > 0
        if numpy.count_nonzero(has_room) == has_room.size:
            carried = moved / room
        else:
            # Without room even 0 / 0 may come of it.
            carried = numpy.where(has_room, moved / numpy.where(has_room, room, 1.0), numpy.inf)
        return self.rounded(value, carried)

    def __rtruediv__(self, other: Any) -> "Estimate":
        return self._taken(other) / self

    def __pow__(self, exponent: int) -> "Estimate":
        """Return a power of a whole exponent, by as many products or by a library's function."""
        value = self.value**exponent
        slope = exponent * (numpy.abs(self.value) + self.band) ** max(exponent - 1, 0)
        return self.of(value, slope * self.error + exponent * _rounding(value))

    def of(self, value: Array, error: Array) -> "Estimate":
        """Return another estimate in the same precision.

        Where a value underflows it is off by as much; where it overflows, or nothing holds, the
        error is infinite.
        """
        return self._held(value, error, numpy.abs(value))

    def rounded(self, value: Array, carried: Array) -> "Estimate":
        """Return what an operation that rounds once makes of the errors that it carries on."""
        size = _rounding(value)
        return self._held(value, carried + size, size)

    def _held(self, value: Array, error: Array, size: Array) -> "Estimate":
        """Return a value of some size, its error widened where the format has no room for it."""
        precision = self.precision
        is_small = size < precision.smallest
        if numpy.count_nonzero(is_small):
            is_small &= size != 0
            if numpy.count_nonzero(is_small):
                error = error + is_small * (precision.smallest / precision.scale)
        is_within = size + error <= precision.largest
        if size.shape != error.shape or numpy.count_nonzero(is_within) != is_within.size:
            holds = (size <= precision.largest) & ~numpy.isnan(error)
            error = numpy.where(holds, error, numpy.inf)
        return Estimate(value, error, precision)

    def spread(self, rate: Array | float) -> Array:
        """Return by how much S grows through a function whose slope grows no faster than e^rate·z.

        It is S itself where the band is narrow.
        """
        return numpy.expm1(rate * self.band) / (rate * self.precision.scale)

    def shaped(self, value: Array, error: Array) -> "Estimate":
        """Return entries that were moved and not computed with."""
        return Estimate(value, error, self.precision)

    def _taken(self, other: Any) -> "Estimate":
        """Take a constant of a formula, which is exact."""
        if isinstance(other, Estimate):
            return other
        return Estimate(numpy.float64(other), numpy.float64(0), self.precision)


class RunningError:
    """Estimates, with the values that `Binary64` computes.

    Nothing raises here: what has no value, and a derivative on whose side of a kink the error
    leaves no certainty, has an infinite error, so that one variant of a stack never stops another.

    Args:
        givens_are_rounded: whether a student's code rounds the givens, as that of decimals does.
        precision: what students compute in.

    >>> arithmetic = RunningError()
    >>> tenths = arithmetic.matrix([[0.1, 0.2, -0.3]])
    >>> arithmetic.sum(tenths).value, arithmetic.sum(tenths).error
    (array([[5.55111512e-17]]), array([[0.6]]))
    """

    sums_exactly = False

    def __init__(
        self, *, givens_are_rounded: bool = False, precision: Precision = BINARY64
    ) -> None:
        self.givens_are_rounded = givens_are_rounded
        self.precision = precision

    @contextmanager
    def active(self) -> Iterator[None]:
        with _BINARY64.active():
            yield

    def matrix(self, rows: Sequence[Sequence[Exact]] | Array) -> Estimate:
        """Take exact numbers, or a stack of binary64 matrices.

        In a stack a number of at most 24 bits stands for itself: of a decimal that lies within
        rounding of such a number, but is none, no trace is left in it.
        """
        if isinstance(rows, numpy.ndarray):
            value, is_exact = rows.astype(numpy.float64), _fits_binary32(rows)
        else:
            value = _BINARY64.matrix(rows)
            pairs = zip(rows, value.tolist(), strict=True)
            is_exact = numpy.array([[a == b for a, b in zip(*pair, strict=True)] for pair in pairs])
            if self.precision is BINARY32:
                is_exact &= _fits_binary32(value)
        is_exact |= not self.givens_are_rounded
        error = numpy.where(is_exact, 0.0, numpy.abs(value))
        return Estimate(value, error, self.precision)

    def constant(self, number: Exact) -> Estimate:
        """Take a number of a formula, which code rounds where it is none of the precision."""
        value = _BINARY64.constant(number)
        is_exact = value.item() == number
        if self.precision is BINARY32:
            is_exact &= bool(_fits_binary32(value).item())
        return Estimate(value, numpy.abs(value) * (not is_exact), self.precision)

    def zeros(self, rows: int, columns: int) -> Estimate:
        zeros = numpy.zeros((rows, columns))
        return Estimate(zeros, zeros, self.precision)

    def rows(self, matrix: Estimate) -> list[list[float]]:
        """Return the values of the only variant."""
        rows: list[list[float]] = matrix.value.tolist()
        return rows

    def shape(self, matrix: Estimate) -> tuple[int, int]:
        rows, columns = matrix.value.shape[-2:]
        return rows, columns

    def ratio(self, element: float) -> Ratio:
        return _BINARY64.ratio(element)

    def unite(self, first: Estimate, *others: Estimate) -> Estimate:
        """Return the first's values with the largest errors: for ways to one quantity.

        >>> arithmetic = RunningError()
        >>> third = arithmetic.matrix([[1]]) / 3
        >>> third.error, arithmetic.unite(third, third + 0 * third).error
        (array([[0.33333333]]), array([[0.66666667]]))
        """
        error = first.error
        for other in others:
            error = numpy.maximum(error, other.error)
        return first.of(numpy.broadcast_to(first.value, error.shape), error)

    def dot(self, left: Estimate, right: Estimate) -> Estimate:
        magnitude, other = numpy.abs(left.value), numpy.abs(right.value)
        added = _rounding(other) * _weight_of_sum(left.value.shape[-1])
        error = magnitude @ (right.error + added) + left.error @ (other + right.band)
        return left.of(_BINARY64.dot(left.value, right.value), error)

    def transpose(self, matrix: Estimate) -> Estimate:
        return matrix.shaped(matrix.value.swapaxes(-1, -2), matrix.error.swapaxes(-1, -2))

    def add(self, left: Estimate, right: Estimate) -> Estimate:
        return left + right

    def subtract(self, left: Estimate, right: Estimate) -> Estimate:
        return left - right

    def multiply(self, left: Estimate, right: Estimate) -> Estimate:
        return left * right

    def divide_by(self, matrix: Estimate, count: int) -> Estimate:
        return matrix if count == 1 else matrix / count

    def sum(self, matrix: Estimate, axis: int | None = None) -> Estimate:
        axes = (-2, -1) if axis is None else (axis - 2,)
        return _summed(matrix, axes)

    def reshape(self, matrix: Estimate, rows: int, columns: int) -> Estimate:
        shape = (*matrix.value.shape[:-2], rows, columns)
        return matrix.shaped(matrix.value.reshape(shape), matrix.error.reshape(shape))

    def rows_between(self, matrix: Estimate, start: int, stop: int) -> Estimate:
        return matrix.shaped(matrix.value[..., start:stop, :], matrix.error[..., start:stop, :])

    def stack(self, *matrices: Estimate) -> Estimate:
        leading = numpy.broadcast_shapes(*(each.value.shape[:-2] for each in matrices))

        def joined(parts: list[Array]) -> Array:
            wide = [numpy.broadcast_to(part, (*leading, *part.shape[-2:])) for part in parts]
            return numpy.concatenate(wide, axis=-2)

        values, errors = [each.value for each in matrices], [each.error for each in matrices]
        return matrices[0].shaped(joined(values), joined(errors))

    def gather(self, matrix: Estimate, entry_map: EntryMap) -> Estimate:
        taken = _taken(matrix, entry_map)
        return self.reshape(_summed(taken, (-1,), _counts(entry_map)), *entry_map.shape)

    def largest(self, matrix: Estimate, entry_map: EntryMap) -> Estimate:
        taken = _taken(matrix, entry_map)
        value = taken.value.max(axis=-1, keepdims=True)
        error = numpy.where(_may_be_largest(taken), taken.error, 0.0).max(axis=-1, keepdims=True)
        return self.reshape(taken.of(value, error), *entry_map.shape)

    def to_largest(
        self, gradient: Estimate, matrix: Estimate, entry_map: EntryMap, *, zeros_may_tie: bool
    ) -> Estimate:
        taken = _taken(matrix, entry_map)
        may_be_largest = _may_be_largest(taken)
        is_tied = may_be_largest.sum(axis=-1, keepdims=True) > 1
        is_zero = (taken.value == 0) & (taken.error == 0)
        passes_nothing = (is_zero | ~may_be_largest).all(axis=-1, keepdims=True) & is_tied
        passes_nothing &= zeros_may_tie
        passes = may_be_largest & ~passes_nothing
        flat = self.reshape(gradient, entry_map.shape[0] * entry_map.shape[1], 1)
        first = numpy.cumsum(passes, axis=-1) == 1
        value = numpy.where(passes & first, flat.value, 0.0)
        error = numpy.where(passes, numpy.where(is_tied, numpy.inf, flat.error), 0.0)
        rows, columns = self.shape(matrix)
        return self.reshape(
            _scattered(flat.of(value, error), entry_map, rows * columns), rows, columns
        )

    def map(self, rule: ElementwiseRule, *matrices: Estimate) -> Estimate:
        mapped: Estimate = rule(self, *matrices)
        return mapped

    def softmax(self, matrix: Estimate, where: Estimate | None = None) -> Estimate:
        if where is not None:
            is_masked = where.value == 0
            # Where it is uncertain what is masked, nothing of the column is certain.
            error = numpy.where(is_masked, where.error, matrix.error + where.error)
            matrix = matrix.shaped(numpy.where(is_masked, -numpy.inf, matrix.value), error)
        a, carried, own = self._softmax(matrix)
        return matrix.of(a, a * carried + _rounding(a) * own)

    def log_softmax(self, matrix: Estimate) -> Estimate:
        _, carried, own = self._softmax(matrix)
        value = _BINARY64.log_softmax(matrix.value)
        return matrix.of(value, carried + ELEMENTARY * _rounding(value) + _rounding(own))

    def _softmax(self, matrix: Estimate) -> tuple[Array, Array, Array]:
        """Return softmax, what the errors of z carry into its logarithm, and its own rounding.

        ∂ ln a_k / ∂z_j = [k = j] − a_j. Subtracting the largest z rounds z too; and ln Σ e^z, where
        that is subtracted instead, is as large as the largest z.
        """
        a = _BINARY64.softmax(matrix.value)
        largest = matrix.value.max(axis=-2, keepdims=True)
        # What is masked is no term of the sum.
        away = numpy.where(numpy.isneginf(matrix.value), 0.0, matrix.value - largest)
        moved = matrix.error + _rounding(away)
        carried = (1 - a) * moved + (a * moved).sum(axis=-2, keepdims=True) - a * moved
        furthest = moved.max(axis=-2, keepdims=True)
        growth = numpy.exp(4 * self.precision.scale * furthest)
        own = 2 * ELEMENTARY + _weight_of_sum(a.shape[-2]) + numpy.abs(largest) / CONSTANT
        return a, numpy.maximum(carried, 0) * growth, own

    def exp(self, z: Estimate) -> Estimate:
        value = _BINARY64.exp(z.value)
        return z.of(value, value * z.spread(1) + ELEMENTARY * _rounding(value))

    def expm1(self, z: Estimate) -> Estimate:
        # e^z − 1 in the textbook's two operations loses what e^z rounds.
        value, power = _BINARY64.expm1(z.value), _BINARY64.exp(z.value)
        own = ELEMENTARY * (_rounding(power) + _rounding(value))
        return z.of(value, power * z.spread(1) + own)

    def log(self, z: Estimate) -> Estimate:
        value = _BINARY64.log(z.value)
        return z.of(value, _over(z.error, z.value - z.band) + ELEMENTARY * _rounding(value))

    def log1p(self, z: Estimate) -> Estimate:
        # ln(1 + z) in the textbook's two operations loses what 1 + z rounds.
        value = _BINARY64.log1p(z.value)
        own = _rounding(numpy.ones_like(value)) + ELEMENTARY * _rounding(value)
        return z.of(value, _over(z.error, 1 + z.value - z.band) + own)

    def sqrt(self, z: Estimate) -> Estimate:
        # |√v' − √v| is |v' − v| / (√v' + √v), and at most √|v' − v|, which holds at 0 too.
        value, band = _BINARY64.sqrt(z.value), z.band
        below = numpy.sqrt(numpy.maximum(z.value - band, 0))
        steepest = _over(z.error, value + below)
        most = numpy.sqrt(band) / self.precision.scale
        return z.of(value, numpy.minimum(steepest, most) + _rounding(value))

    def normal_distribution(self, z: Estimate) -> Estimate:
        # ½ (1 + erf) cancels on the left: its rounding is absolute.
        value = _BINARY64.normal_distribution(z.value)
        slope = _BINARY64.normal_density(z.value)
        own = _rounding(numpy.ones_like(value)) + ELEMENTARY * _rounding(value)
        return z.of(value, slope * z.spread(1 + numpy.abs(z.value)) + own)

    def normal_density(self, z: Estimate) -> Estimate:
        return self.exp(-z * z / 2) / sqrt(2 * pi)

    def minimum(self, left: Estimate, right: Estimate | Any) -> Estimate:
        lower, higher = left.value - left.band, left.value + left.band
        error = numpy.maximum(
            numpy.where(lower <= right.value + right.band, left.error, 0.0),
            numpy.where(right.value - right.band <= higher, right.error, 0.0),
        )
        return left.of(_BINARY64.minimum(left.value, right.value), error)

    def choose(self, mask: Estimate, then: Estimate, otherwise: Estimate) -> Estimate:
        # As who chooses by products has it, which round.
        return mask * then + (1 - mask) * otherwise

    def cos_pi(self, z: Estimate) -> Estimate:
        value, slope = _BINARY64.cos_pi(z.value), numpy.abs(numpy.sin(pi * z.value))
        moved = pi * (z.error + ELEMENTARY * _rounding(z.value))
        steepest = slope + self.precision.scale * moved
        return z.of(value, steepest * moved + _rounding(numpy.ones_like(value)))

    def sin(self, z: Estimate) -> Estimate:
        return _wave(z, _BINARY64.sin(z.value), _BINARY64.cos(z.value))

    def cos(self, z: Estimate) -> Estimate:
        return _wave(z, _BINARY64.cos(z.value), _BINARY64.sin(z.value))

    def tanh(self, z: Estimate) -> Estimate:
        # By exponentials its rounding is absolute: their difference cancels at 0.
        value, root = _BINARY64.tanh(z.value), _BINARY64.sech(z.value)
        own = _rounding(numpy.ones_like(value)) + ELEMENTARY * _rounding(value)
        return z.of(value, root * root * z.spread(2) + own)

    def sech(self, z: Estimate) -> Estimate:
        value = _BINARY64.sech(z.value)
        return z.of(value, value * z.spread(1) + 2 * ELEMENTARY * _rounding(value))

    def sigmoid(self, z: Estimate) -> Estimate:
        value = _BINARY64.sigmoid(z.value)
        slope = value * _BINARY64.sigmoid(-z.value)
        return z.of(value, slope * z.spread(1) + 2 * ELEMENTARY * _rounding(value))

    def positive_part(self, z: Estimate) -> Estimate:
        value = _BINARY64.positive_part(z.value)
        return z.of(value, numpy.where(z.value + z.band > 0, z.error, 0.0))

    def below(self, z: Estimate, height: Estimate | float) -> Estimate:
        """Return 0 or a height; where the side is uncertain, the error is infinite.

        Unless the height may be 0: then there may be no jump, and it is that of the height.
        """
        tall = height
        if not isinstance(tall, Estimate):
            tall = z.shaped(numpy.full_like(z.value, height), numpy.zeros_like(z.value))
        value, jump = _BINARY64.below(z.value, tall.value), numpy.abs(tall.value)
        is_uncertain = numpy.abs(z.value) <= z.band
        over = numpy.where(jump > tall.band, numpy.inf, tall.error + jump / self.precision.scale)
        error = numpy.where(z.value > 0, 0.0, tall.error)
        return z.of(value, numpy.where(is_uncertain, over, error))

    def divide(self, numerator: Estimate, denominator: Estimate) -> Estimate:
        return numerator / denominator

    def power(self, z: Estimate, exponent: int) -> Estimate:
        return z**exponent


def _wave(z: Estimate, value: Array, slope: Array) -> Estimate:
    """Return a sine or cosine, whose slope changes by no more than its argument does."""
    steepest = numpy.minimum(numpy.abs(slope) + z.band, 1.0)
    return z.of(value, steepest * z.error + ELEMENTARY * _rounding(value))


def _rounding(value: Array) -> Array:
    """Return what rounding a result adds, in units of u."""
    return numpy.abs(value)


def _over(error: Array, room: Array) -> Array:
    """Return error / room, infinite where no room is left and something is to be divided."""
    has_room = room > 0
    if numpy.count_nonzero(has_room) == has_room.size:
        return error / room
    quotient = error / numpy.where(has_room, room, 1.0)
    return numpy.where(has_room, quotient, numpy.where(error == 0, error, numpy.inf))


def _weight_of_sum(count: int | Array) -> Any:
    """Return the weight of Σ|terms|; a single term is not rounded by its sum."""
    if isinstance(count, int):
        return max(1.0, count / CONSTANT)
    return numpy.maximum(1.0, count / CONSTANT)


def _summed(matrix: Estimate, axes: tuple[int, ...], counts: Array | None = None) -> Estimate:
    error = matrix.error.sum(axis=axes, keepdims=True)
    count = prod(matrix.value.shape[axis] for axis in axes) if counts is None else counts
    if not isinstance(count, int) or count > 1:
        added = _rounding(matrix.value).sum(axis=axes, keepdims=True)
        error = error + _rounding_of_sums(added, count)
    return matrix.of(matrix.value.sum(axis=axes, keepdims=True), error)


def _rounding_of_sums(added: Array, count: int | Array) -> Array:
    """Return what rounding sums adds, given Σ|terms| of each."""
    weighted = added * _weight_of_sum(count)
    return weighted if isinstance(count, int) else numpy.where(count == 1, 0.0, weighted)


@kept_with_argument
def _counts(entry_map: EntryMap) -> Array:
    return numpy.array([[len(each)] for each in entry_map.sources])


def _taken(matrix: Estimate, entry_map: EntryMap) -> Estimate:
    """Return, a row for each entry of a map, what it takes; 0 where it takes nothing."""
    value, error = (taken_by(each, entry_map) for each in (matrix.value, matrix.error))
    return matrix.shaped(value, error)


def _scattered(passed: Estimate, entry_map: EntryMap, entries: int) -> Estimate:
    """Return the sums of what is passed to each of so many entries, as a column."""
    sources = indices(entry_map)
    counts = numpy.bincount(sources.ravel(), minlength=entries)[:, None]

    def scatter(parts: Array) -> Array:
        total = numpy.zeros((*parts.shape[:-2], entries))
        where: Any = (..., sources)
        numpy.add.at(total, where, parts)
        return total[..., None]

    added = _rounding_of_sums(scatter(_rounding(passed.value)), counts)
    return passed.of(scatter(passed.value), scatter(passed.error) + added)


def _may_be_largest(taken: Estimate) -> Array:
    """Tell which entries of each row may be its largest."""
    lower = (taken.value - taken.band).max(axis=-1, keepdims=True)
    may_be: Array = taken.value + taken.band >= lower
    return may_be


def _fits_binary32(value: Array) -> Array:
    with numpy.errstate(over="ignore"):
        fits: Array = value.astype(numpy.float32) == value
    return fits
