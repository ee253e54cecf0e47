"""Ball arithmetic: every number is a midpoint with a radius that is proven to hold the true value.

Balls are Arb's, by way of python-flint, whose working precision belongs to the process: it is set
and restored here and nowhere else, behind a lock.
"""

import threading
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from itertools import chain, product, repeat
from operator import add, mul
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from gradgrade.oracle.arithmetic import Element, ElementwiseRule, EntryMap, common_shape
from gradgrade.oracle.arithmetic.bulk_reading import are_accurate, nearest_doubles
from gradgrade.oracle.arithmetic.lists import Rows, softmax_where
from gradgrade.oracle.errors import (
    AT_KINK,
    DIVISION_BY_ZERO,
    NEGATIVE,
    NOT_POSITIVE,
    TIE,
    OracleError,
    Undecided,
    UndefinedValue,
)
from gradgrade.oracle.exact_numbers import (
    MOST_BITS_OF_RATIO,
    Decimals,
    Exact,
    Ratio,
    ratio,
    written_out,
)

_PRECISION_LOCK = threading.RLock()

ROUNDING_BITS = 120
BLOCK = 64
"""flint multiplies matrices in blocks, many times as fast, where no dimension is below about 60."""
LEAST_WORTH_PADDING = 16
BLOCKS_PAY = 2**20
WIDENING = arb((1, -99))
LEAST = 2.0**-1074
"""The smallest double."""

SMALLEST = arb((1, -1075))
"""Half the smallest double."""

LEAST_WRITTEN = arb((1, -MOST_BITS_OF_RATIO))


class _Active:
    """A precision while a block runs; a generator would take three times as long to enter."""

    __slots__ = ("_before", "_bits")

    def __init__(self, bits: int) -> None:
        self._bits = bits

    def __enter__(self) -> None:
        _PRECISION_LOCK.acquire()
        self._before = ctx.prec
        try:
            ctx.prec = self._bits
        except BaseException:
            _PRECISION_LOCK.release()
            raise

    def __exit__(self, *_: object) -> None:
        ctx.prec = self._before
        _PRECISION_LOCK.release()


class Ball:
    """Arb at a stated precision.

    Args:
        bits: the working precision, of which rounding and cancellation take their part.

    >>> ball = Ball(bits=100)
    >>> with ball.active():
    ...     third = ball.divide_by(ball.matrix([[1]]), 3)
    >>> ball.is_accurate(third, 98), ball.contains(third[0, 0], (1, 3))
    (True, True)
    """

    sums_exactly = True

    def __init__(self, *, bits: int) -> None:
        self.bits = bits

    def active(self) -> "_Active":
        return _Active(self.bits)

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> arb_mat:
        flat: list[Any] = [entry for row in rows for entry in row]
        if not _NATIVE.issuperset(map(type, flat)):
            flat = [_element(entry) for entry in flat]
        return arb_mat(len(rows), len(rows[0]), flat)

    def constant(self, number: Exact) -> arb_mat:
        return arb_mat(1, 1, [_element(number)])

    def zeros(self, rows: int, columns: int) -> arb_mat:
        return arb_mat(rows, columns)

    def rows(self, matrix: arb_mat) -> list[list[arb]]:
        rows: list[list[arb]] = matrix.table()
        return rows

    def shape(self, matrix: arb_mat) -> tuple[int, int]:
        return _shape(matrix)

    def ratio(self, element: arb) -> Ratio:
        """Return the midpoint; 0 of what is too small to be written out."""
        return (0, 1) if self.is_too_small(element) else _ratio(element.mid())

    def is_too_small(self, element: arb) -> bool:
        """Tell whether a ball that is no 0 holds nothing that is large enough to be written out."""
        return bool(abs(element) < LEAST_WRITTEN) and not element.is_zero()

    def radius(self, element: arb) -> Ratio:
        """Return the radius."""
        return _ratio(element.rad())

    def largest_radius(self, elements: Iterable[arb]) -> Ratio:
        """Return the largest radius of some balls, or more; 0 where there is none.

        Of what is too small to be written out, it is what is not.
        """
        return _ratio(max(map(self._radius_of_written, elements), default=arb(0)))

    def _radius_of_written(self, element: arb) -> arb:
        own = element.rad()
        is_small = self.is_too_small(element) or 0 < own < LEAST_WRITTEN
        return LEAST_WRITTEN if is_small else own

    def rounds_to_zero(self, element: arb) -> bool:
        """Tell whether the nearest double of every number in a ball is 0."""
        return bool(abs(element) < SMALLEST)

    def with_zeros(self, matrix: arb_mat, exact: Sequence[Sequence[Fraction]]) -> arb_mat:
        """Return the matrix with exact zeros where the exact values are 0."""
        return arb_mat(
            [
                [entry if value else arb(0) for entry, value in zip(row, values, strict=True)]
                for row, values in zip(matrix.table(), exact, strict=True)
            ]
        )

    def ends(self, element: arb) -> tuple[Ratio, Ratio]:
        """Return the lowest and the highest value of a ball, exactly, or of one around it.

        A radius that is too small to be written out is taken for the smallest that is not; so is
        what is so small itself, around 0.
        """
        (middle, scale) = self.ratio(element)
        radius, radius_scale = _ratio(self._radius_of_written(element))
        common = scale * radius_scale
        low = middle * radius_scale - radius * scale
        return (low, common), (low + 2 * radius * scale, common)

    def decimals(self, matrix: arb_mat, digits: int) -> list[Decimals]:
        """Enclose each entry by whole numbers of at least so many digits, times powers of ten."""
        found = []
        for entry in matrix.entries():
            middle, radius, exponent = entry.mid_rad_10exp(digits)
            # Its `str` asks for how it is shown first, which takes as long again.
            text = middle.str()
            sign, size = ("-", text[1:]) if text[0] == "-" else ("", text)
            found.append((sign, size, int(radius), int(exponent)))
        return found

    def beyond(self, elements: Sequence[arb], doubles: Sequence[float]) -> list[float]:
        """Return, rounded, what the midpoints of some balls are beyond doubles near them.

        It is 0 only where a ball is known to be the double.
        """
        with self.active():
            count = len(doubles)
            rest = arb_mat(1, count, elements) - arb_mat(1, count, doubles)
            return [float(each) or (0.0 if each.is_zero() else LEAST) for each in rest.entries()]

    def is_exact(self, matrix: arb_mat) -> bool:
        """Tell whether every entry is known without a radius: no other is certainly itself."""
        return bool(matrix == matrix)

    def quantile(self, probability: Fraction, variance: Fraction) -> tuple[Ratio, Ratio] | None:
        """Enclose √variance · Φ⁻¹(probability); None where the precision is too low for that."""
        with self.active():
            centered = arb(fmpq(*(2 * probability - 1).as_integer_ratio()))
            scale = arb(fmpq(*(2 * variance).as_integer_ratio())).sqrt()
            value = centered.erfinv() * scale
            return self.ends(value) if value.is_finite() else None

    def contains(self, element: arb, number: Ratio) -> bool:
        """Tell whether a ball holds a number, exactly; one that is not finite holds all."""
        numerator, denominator = number
        if not numerator or not element.is_finite():
            return bool(element.contains(0)) or not element.is_finite()
        (low, common), (high, _) = self.ends(element)
        return low * denominator <= numerator * common <= high * denominator

    def is_accurate(self, matrix: arb_mat, bits: int) -> bool:
        """Tell whether every entry is finite and of this relative accuracy; zeros must be exact.

        The whole matrix is compared at once, as balls around 0, whose containment is quick: M − M
        has twice the radii r of M, and M · (0 ± 2^−bits) has 2^−bits (|m| + r), m the midpoints.
        """
        if are_accurate(matrix, bits):
            return True
        with self.active():
            # A ball that is not finite contains everything, so it must not get that far.
            is_finite = bool(matrix * 0 == arb_mat(*_shape(matrix)))
            return is_finite and bool((matrix * arb(0, arb((1, -bits)))).contains(matrix - matrix))

    def doubles(self, matrix: arb_mat) -> tuple[list[float], list[float]]:
        """Return for each entry the nearest doubles of two numbers that enclose it.

        The enclosure widens each midpoint by 2^−99 of itself, so the matrix must be accurate to
        100 bits; where the two doubles agree, they are the entry's correct rounding.
        """
        with Ball(bits=ROUNDING_BITS).active():
            narrowest, widest = 1 - WIDENING, 1 + WIDENING
            found = nearest_doubles(matrix * 1)
            if found is None:
                return list(map(float, matrix * narrowest)), list(map(float, matrix * widest))
            nearest, left = found
            low, high = nearest, list(nearest) if left else nearest
            for place in left:
                entry = matrix[divmod(place, matrix.ncols())]
                low[place], high[place] = float(entry * narrowest), float(entry * widest)
            return low, high

    def dot(self, left: arb_mat, right: arb_mat) -> arb_mat:
        rows, inner, columns = left.nrows(), left.ncols(), right.ncols()
        smallest = min(rows, inner, columns)
        is_large = rows * inner * columns >= BLOCKS_PAY
        if not (is_large and LEAST_WORTH_PADDING <= smallest < BLOCK):
            return left * right
        product = _padded(left, rows, inner) * _padded(right, inner, columns)
        if _shape(product) == (rows, columns):
            return product
        return arb_mat([row[:columns] for row in product.table()[:rows]])

    def transpose(self, matrix: arb_mat) -> arb_mat:
        return matrix.transpose()

    def add(self, left: arb_mat, right: arb_mat) -> arb_mat:
        try:
            return left + right
        except ValueError:  # An axis of length 1 is to be repeated.
            left, right = _same_shape(left, right)
            return left + right

    def subtract(self, left: arb_mat, right: arb_mat) -> arb_mat:
        try:
            return left - right
        except ValueError:  # An axis of length 1 is to be repeated.
            left, right = _same_shape(left, right)
            return left - right

    def multiply(self, left: arb_mat, right: arb_mat) -> arb_mat:
        if _shape(left) == (1, 1):
            return right * left[0, 0]
        if _shape(right) == (1, 1):
            return left * right[0, 0]
        shape = max(left.nrows(), right.nrows()), max(left.ncols(), right.ncols())
        return arb_mat(*shape, list(map(mul, _entries(left, shape), _entries(right, shape))))

    def divide_by(self, matrix: arb_mat, count: int) -> arb_mat:
        return matrix if count == 1 else matrix / count

    def sum(self, matrix: arb_mat, axis: int | None = None) -> arb_mat:
        rows, columns = _shape(matrix)
        if axis != 1 and rows > 1:
            matrix = _ones(1, rows) * matrix
        if axis != 0 and columns > 1:
            matrix = matrix * _ones(columns, 1)
        return matrix

    def reshape(self, matrix: arb_mat, rows: int, columns: int) -> arb_mat:
        if _shape(matrix) == (rows, columns):
            return matrix
        return arb_mat(rows, columns, matrix.entries())

    def rows_between(self, matrix: arb_mat, start: int, stop: int) -> arb_mat:
        # What is left out is not even read.
        columns = matrix.ncols()
        taken = [matrix[place] for place in product(range(start, stop), range(columns))]
        return arb_mat(stop - start, columns, taken)

    def stack(self, *matrices: arb_mat) -> arb_mat:
        entries = chain.from_iterable(matrix.entries() for matrix in matrices)
        return arb_mat(sum(each.nrows() for each in matrices), matrices[0].ncols(), list(entries))

    def gather(self, matrix: arb_mat, entry_map: EntryMap) -> arb_mat:
        flat = [*matrix.entries(), arb(0)]
        if entry_map.moved is not None:
            return arb_mat(*entry_map.shape, list(map(flat.__getitem__, entry_map.moved)))
        taken = [
            reduce(add, map(flat.__getitem__, each)) if each else flat[-1]
            for each in entry_map.sources
        ]
        return arb_mat(*entry_map.shape, taken)

    def largest(self, matrix: arb_mat, entry_map: EntryMap) -> arb_mat:
        flat = matrix.entries()
        taken = [reduce(arb.max, (flat[source] for source in each)) for each in entry_map.sources]
        return arb_mat(*entry_map.shape, taken)

    def to_largest(
        self, gradient: arb_mat, matrix: arb_mat, entry_map: EntryMap, *, zeros_may_tie: bool
    ) -> arb_mat:
        flat, passed = matrix.entries(), [arb(0)] * (matrix.nrows() * matrix.ncols())
        for each, sources in zip(gradient.entries(), entry_map.sources, strict=True):
            place = _place_of_largest(flat, sources, zeros_may_tie)
            if place is not None:
                passed[place] += each
        return arb_mat(*_shape(matrix), passed)

    def map(self, rule: ElementwiseRule, *matrices: arb_mat) -> arb_mat:
        shapes = list(map(_shape, matrices))
        shape = shapes[0]
        if shapes.count(shape) < len(shapes):
            shape = common_shape(shapes)
        entries = [_entries(matrix, shape) for matrix in matrices]
        return arb_mat(*shape, list(map(rule, repeat(self), *entries)))

    def softmax(self, matrix: arb_mat, where: arb_mat | None = None) -> arb_mat:
        if where is not None:
            masks = [[bool(each != 0) for each in mask] for mask in where.transpose().table()]
            columns = matrix.transpose().table()
            found = softmax_where(self._shares, columns, masks, arb(0))
            return arb_mat(found).transpose()
        return self.map(lambda _, z: z.exp(), self.log_softmax(matrix))

    def _shares(self, column: Rows) -> Rows:
        # A single share is 1 and no ball around it.
        return [[arb(1)]] if len(column) == 1 else self.softmax(arb_mat(column)).table()

    def log_softmax(self, matrix: arb_mat) -> arb_mat:
        # The largest midpoint is an exact shift, which makes the result no wider.
        columns = []
        for column in matrix.transpose().table():
            largest = max(entry.mid() for entry in column)
            shifted = [entry - largest for entry in column]
            log_sum = sum((entry.exp() for entry in shifted), arb(0)).log()
            columns.append([entry - log_sum for entry in shifted])
        return arb_mat(columns).transpose()

    def exp(self, z: arb) -> Element:
        return z.exp()

    def expm1(self, z: arb) -> Element:
        return z.expm1()

    def log(self, z: arb) -> Element:
        if not z > 0:
            raise _not_positive(z)
        return z.log()

    def log1p(self, z: arb) -> Element:
        if not z > -1:
            raise _not_positive(z + 1)
        return z.log1p()

    def sqrt(self, z: arb) -> Element:
        if z > 0 or z.is_zero():
            return z.sqrt()
        if z < 0:
            raise UndefinedValue(NEGATIVE)
        # A ball that reaches below 0 holds a value that is not negative: use [0, √upper].
        return arb(0).union(z.upper().sqrt())

    def normal_distribution(self, z: arb) -> Element:
        # erfc keeps its relative accuracy where 1 + erf cancels.
        return (-z / arb(2).sqrt()).erfc() / 2

    def normal_density(self, z: arb) -> Element:
        return (-z * z / 2).exp() / (2 * arb.pi()).sqrt()

    def minimum(self, left: arb, right: arb) -> Element:
        return left.min(right)

    def choose(self, mask: arb, then: arb, otherwise: arb) -> Element:
        return otherwise if mask.is_zero() else then

    def cos_pi(self, z: arb) -> Element:
        return z.cos_pi()

    def sin(self, z: arb) -> Element:
        return z.sin()

    def cos(self, z: arb) -> Element:
        return z.cos()

    def tanh(self, z: arb) -> Element:
        return z.tanh()

    def sech(self, z: arb) -> Element:
        return z.sech()

    def sigmoid(self, z: arb) -> Element:
        return 1 / (1 + (-z).exp())

    def positive_part(self, z: arb) -> Element:
        return z.nonnegative_part()

    def below(self, z: arb, height: arb | int) -> Element:
        if z > 0 or height == 0:
            return arb(0)
        if z < 0:
            return arb(height)
        if z.is_zero():
            raise UndefinedValue(AT_KINK)
        raise Undecided("a derivative where its argument may be exactly 0")

    def divide(self, numerator: arb, denominator: arb) -> Element:
        if denominator.is_zero():
            raise UndefinedValue(DIVISION_BY_ZERO)
        if denominator.contains(0):
            raise Undecided("a division by what may be exactly 0")
        return numerator / denominator

    def power(self, z: arb, exponent: int) -> Element:
        return z if exponent == 1 else z * z if exponent == 2 else z**exponent


_NATIVE = frozenset({int, float})


def _element(number: Exact) -> float | int | arb:
    return number if isinstance(number, (float, int)) else arb(fmpq(*ratio(number)))


def _ratio(number: arb) -> Ratio:
    mantissa, exponent = map(int, number.man_exp())
    return written_out(mantissa, exponent)


def _shape(matrix: arb_mat) -> tuple[int, int]:
    return matrix.nrows(), matrix.ncols()


def _padded(matrix: arb_mat, rows: int, columns: int) -> arb_mat:
    """Return the matrix with zeros around it, so large that flint multiplies it in blocks."""
    if min(rows, columns) >= BLOCK:
        return matrix
    more_columns = [arb(0)] * (BLOCK - columns)
    more_rows = [[arb(0)] * max(columns, BLOCK)] * (BLOCK - rows)
    return arb_mat([*(row + more_columns for row in matrix.table()), *more_rows])


def _ones(rows: int, columns: int) -> arb_mat:
    return arb_mat(rows, columns, [1] * (rows * columns))


def _same_shape(left: arb_mat, right: arb_mat) -> tuple[arb_mat, arb_mat]:
    rows, columns = max(left.nrows(), right.nrows()), max(left.ncols(), right.ncols())
    return stretched(left, (rows, columns)), stretched(right, (rows, columns))


def _entries(matrix: arb_mat, shape: tuple[int, int]) -> Iterable[arb]:
    own = _shape(matrix)
    if own == shape:
        return matrix.entries()
    if own == (1, 1):
        return repeat(matrix[0, 0])
    # As sums have them: a product with ones is rounded in the last bits of balls.
    return stretched(matrix, shape).entries()


def stretched(matrix: arb_mat, shape: tuple[int, int]) -> arb_mat:
    """Return a matrix with its axes of length 1 repeated."""
    rows, columns = shape
    if matrix.nrows() != rows:
        matrix = _ones(rows, 1) * matrix
    if matrix.ncols() != columns:
        matrix = matrix * _ones(1, columns)
    return matrix


def _place_of_largest(flat: list[arb], sources: tuple[int, ...], zeros_may_tie: bool) -> int | None:
    """Return which entry is certainly the largest, or None where zeros share the maximum."""
    best = max(sources, key=lambda source: flat[source].mid())
    rivals = [each for each in sources if each != best and not flat[best] > flat[each]]
    if not rivals:
        return best
    if all(flat[each].is_exact() and flat[each] == flat[best] for each in rivals):
        if zeros_may_tie and flat[best].is_zero():
            return None
        raise UndefinedValue(TIE)
    raise Undecided("a maximum that two entries may share")


def _not_positive(z: arb) -> OracleError:
    if z <= 0:
        return UndefinedValue(NOT_POSITIVE)
    return Undecided("a logarithm of a value that may not be positive")
