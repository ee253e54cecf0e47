"""The readable reference: mpmath numbers in nested lists, in a context of their own.

Dot products are sums of exact integers, rounded once each, and many times as fast as the operators
of `mp.matrix`. Only where exponents lie very far apart are they mpmath's own sums.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial, reduce
from itertools import chain
from math import ceil, frexp, log2
from operator import lshift, mul
from typing import Any

from mpmath.ctx_mp import MPContext
from mpmath.libmp import MPZ, from_int, from_man_exp, from_rational, mpf_exp, mpf_mul, mpf_sum

from gradgrade.oracle.arithmetic import Element
from gradgrade.oracle.arithmetic.lists import ListArithmetic, Rows, entrywise, softmax_where
from gradgrade.oracle.errors import NOT_POSITIVE, OutOfRange, UndefinedValue
from gradgrade.oracle.exact_numbers import TOO_SMALL, Exact, Ratio, written_out

BITS_PER_DIGIT = log2(10)
GUARD_BITS = 32


Scaled = tuple[list[int], int]
"""Integers m and one exponent e: the numbers m·2^e."""

WIDEST_SPREAD = 5_000
"""Exponents that lie farther apart are not brought to one: the integers would fill the memory."""

MOST_PACKED = 32
"""So many columns are multiplied at once; the integers grow with them, and so does their making."""

LEAST_PACKED = 3
"""Of fewer columns each is multiplied by itself."""

LEAST_AT_ONCE = 24
"""Of fewer doubles in a row each is taken apart by itself."""

MOST_CONTEXTS = 32
"""Making one takes as long as proving a small network, twice."""

MOST_EXPONENTIALS = 4_096
"""A derivative comes soon after its value, and takes the same e^−|z|."""

_FLOAT = frozenset({float})


class Doubles:
    """A row of doubles, each made a number of mpmath only where it is read by itself.

    Most are only multiplied, as integers; to make a number of each costs more than a forward pass.

    >>> row = Doubles([0.75, -4.0, 0.0], Reference(digits=50))
    >>> row[1], list(row), row.scaled()[1]
    (mpf('-4.0'), [mpf('0.75'), mpf('-4.0'), mpf('0.0')], -53)
    """

    def __init__(self, doubles: Sequence[Exact], reference: "Reference") -> None:
        self.doubles = doubles
        self._reference = reference
        self._numbers: list[Element] | None = None

    def __len__(self) -> int:
        """Count them."""
        return len(self.doubles)

    def __getitem__(self, index: int) -> Element:
        """Return one of them."""
        return self._reference.number(_parts(self.doubles[index]))

    def __iter__(self) -> Iterator[Element]:
        """Iterate over them."""
        if self._numbers is None:
            self._numbers = list(map(self._reference.number, map(_parts, self.doubles)))
        return iter(self._numbers)

    def scaled(self) -> Scaled:
        """Return them as integers over one exponent."""
        if len(self.doubles) < LEAST_AT_ONCE:
            parts = list(map(frexp, self.doubles))
            least = min(exponent for _, exponent in parts)
            return [int(each * 2.0**53) << exponent - least for each, exponent in parts], least - 53
        import numpy  # Here, since a solve by hand needs none of it.

        fractions, exponents = numpy.frexp(numpy.asarray(self.doubles, dtype=numpy.float64))
        lowest = exponents.min()
        mantissas = (fractions * 2.0**53).astype(numpy.int64)
        shifts = exponents - lowest
        return list(map(lshift, mantissas.tolist(), shifts.tolist())), int(lowest) - 53


def _parts(double: Exact) -> Any:
    """Return the parts of a double, of which mpmath makes its number: it has them all."""
    numerator, denominator = double.as_integer_ratio()
    if denominator == 1:
        return from_man_exp(numerator, 0)
    # A numerator over a power of two is odd, as mpmath keeps it.
    size = abs(numerator)
    return int(numerator < 0), MPZ(size), 1 - denominator.bit_length(), size.bit_length()


def _scaled(row: Sequence[Any]) -> Scaled | None:
    """Return numbers as integers over one exponent, or None where they lie too far apart."""
    if isinstance(row, Doubles):
        return row.scaled()
    parts = [entry._mpf_ for entry in row]
    exponents = [exponent for _, mantissa, exponent, _ in parts if mantissa]
    lowest = min(exponents, default=0)
    if max(exponents, default=0) - lowest > WIDEST_SPREAD:
        return None
    shifted = [
        (-mantissa if sign else mantissa) << (exponent - lowest) if mantissa else 0
        for sign, mantissa, exponent, _ in parts
    ]
    return shifted, lowest


def _are_doubles(rows: Sequence[Any]) -> bool:
    return all(isinstance(row, Doubles) for row in rows)


def _all_scaled(rows: Sequence[Sequence[Any]]) -> list[Scaled] | None:
    scaled = [each for each in map(_scaled, rows) if each is not None]
    return scaled if len(scaled) == len(rows) else None


def _bits(rows: Sequence[Sequence[int]]) -> int:
    """Return how many bits the largest magnitude has."""
    return max(max(map(max, rows)), -min(map(min, rows))).bit_length()


def _packed(columns: Sequence[Sequence[int]], width: int) -> list[int]:
    """Return for each row the columns' integers there, as the digits of one to the base 2^width."""
    places = zip(*reversed(columns), strict=True)
    return [reduce(lambda packed, digit: (packed << width) + digit, place) for place in places]


def _unpacked(packed: int, width: int, count: int) -> Iterator[int]:
    """Yield the digits of a packed integer, each from −2^(width − 1) to below 2^(width − 1).

    >>> list(_unpacked(*_packed([[3], [-4], [5]], 8), 8, 3))
    [3, -4, 5]
    """
    half, mask = 1 << (width - 1), (1 << width) - 1
    for _ in range(count):
        digit = ((packed + half) & mask) - half
        yield digit
        packed = (packed - digit) >> width


def _added(left: Any, right: Any) -> Any:
    if not left:
        return right
    return left + right if right else left


@lru_cache(maxsize=MOST_CONTEXTS)
def _context(thread: int, bits: int) -> Any:
    """Return the context of mpmath for a thread and a precision, which nothing else uses."""
    del thread
    context = MPContext()
    context.prec = bits
    return context


class Reference(ListArithmetic):
    """mpmath at a stated precision; nothing global is read or set.

    It belongs to the thread that made it.

    Args:
        digits: decimal digits that the values shall carry; 32 guard bits are added.

    >>> reference = Reference(digits=50)
    >>> a, b = reference.matrix([[1, 2]]), reference.matrix([[3], [4]])
    >>> reference.dot(a, b)
    [[mpf('11.0')]]
    """

    sums_exactly = True

    def __init__(self, *, digits: int) -> None:
        self.digits = digits
        self.bits = ceil(digits * BITS_PER_DIGIT) + GUARD_BITS
        self._context = _context(threading.get_ident(), self.bits)
        # mpmath raises it while it works, and one that was interrupted may have left it so.
        self._context.prec = self.bits
        self.number: Callable[[Any], Element] = self._context.make_mpf
        """Makes the number of mpmath that has some parts."""
        self._exponential = lru_cache(maxsize=MOST_EXPONENTIALS)(
            partial(mpf_exp, prec=self.bits, rnd="n")
        )
        self.zero = self._context.mpf(0)
        self.one = self._context.mpf(1)

    def matrix(self, rows: Sequence[Sequence[Exact]]) -> Rows:
        if all(_FLOAT.issuperset(map(type, row)) for row in rows):
            doubles: list[Any] = [Doubles(row, self) for row in rows]
            return doubles
        return [[self._number(entry) for entry in row] for row in rows]

    def rows(self, matrix: Rows) -> Rows:
        return list(map(list, matrix))

    def constant(self, number: Exact) -> Rows:
        return [[self._number(number)]]

    def _number(self, exact: Exact) -> Element:
        numerator, denominator = exact.as_integer_ratio()
        if denominator == 1:
            return self.number(from_int(numerator, self.bits, "n"))
        return self.number(from_rational(numerator, denominator, self.bits, "n"))

    def mantissa_and_exponent(self, element: Element) -> tuple[int, int]:
        """Return m, with its sign, and e of element = m·2^e."""
        sign, mantissa, exponent, _ = element._mpf_
        return (-int(mantissa) if sign else int(mantissa)), int(exponent)

    def ratio(self, element: Element) -> Ratio:
        return written_out(*self.mantissa_and_exponent(element))

    def dot(self, left: Rows, right: Rows) -> Rows:
        """Return the matrix product, each entry the exact sum of products, rounded once."""
        if len(right) == 1:
            return [[self._product_of(row[0], each) for each in right[0]] for row in left]
        columns = self.transpose(right)
        scaled_rows, scaled_columns = _all_scaled(left), _all_scaled(columns)
        if scaled_rows is None or scaled_columns is None:
            return [[self._sum_of_products(row, column) for column in columns] for row in left]
        if len(columns) <= MOST_PACKED:
            return self._product(scaled_rows, scaled_columns)
        blocks = [
            self._product(scaled_rows, scaled_columns[start : start + MOST_PACKED])
            for start in range(0, len(columns), MOST_PACKED)
        ]
        return [list(chain.from_iterable(parts)) for parts in zip(*blocks, strict=True)]

    def _product_of(self, left: Element, right: Element) -> Element:
        return self.number(mpf_mul(left._mpf_, right._mpf_, self.bits, "n"))

    def _product(self, rows: list[Scaled], columns: list[Scaled]) -> Rows:
        """Multiply with several columns at once, packed into one integer for each row of theirs."""
        if len(columns) < LEAST_PACKED:
            return [
                [
                    self._rounded(sum(map(mul, integers, column)), exponent + other)
                    for column, other in columns
                ]
                for integers, exponent in rows
            ]
        left, right = [each for each, _ in rows], [each for each, _ in columns]
        width = _bits(left) + _bits(right) + len(right[0]).bit_length() + 1
        packed = _packed(right, width)
        result = []
        for integers, exponent in rows:
            sums = _unpacked(sum(map(mul, integers, packed)), width, len(columns))
            result.append(
                [
                    self._rounded(total, exponent + other)
                    for total, (_, other) in zip(sums, columns, strict=True)
                ]
            )
        return result

    def _rounded(self, mantissa: int, exponent: int) -> Element:
        return self.number(from_man_exp(mantissa, exponent, self.bits, "n"))

    def _sum_of_products(self, left: Sequence[Any], right: Sequence[Any]) -> Element:
        products = [mpf_mul(a._mpf_, b._mpf_) for a, b in zip(left, right, strict=True)]
        # At precision 0 only what lies a million bits below is dropped; the operator + rounds.
        return +self.number(mpf_sum(products))

    def add(self, left: Rows, right: Rows) -> Rows:
        """Return the sum, a 0 of what was put back elsewhere added to nothing."""
        return entrywise(_added, left, right)

    def turned_column(self, matrix: Rows, column: int) -> Rows:
        rows: list[Any] = matrix
        if _are_doubles(rows):
            return self.matrix([[row.doubles[column] for row in rows]])
        return super().turned_column(matrix, column)

    def transpose(self, matrix: Rows) -> Rows:
        rows: list[Any] = matrix
        if _are_doubles(rows):
            columns: list[Any] = [
                Doubles(column, self) for column in zip(*(row.doubles for row in rows), strict=True)
            ]
            return columns
        return super().transpose(matrix)

    def sum(self, matrix: Rows, axis: int | None = None) -> Rows:
        rows, columns = len(matrix), len(matrix[0])
        if (axis == 1 or rows == 1) and (axis == 0 or columns == 1):
            return matrix  # as the balls have it: what only has another name is the same object
        return super().sum(matrix, axis)

    def sum_of(self, elements: Any) -> Element:
        # What `fsum` does once it has looked at what kind of number each of them is.
        return self.number(mpf_sum([each._mpf_ for each in elements], self.bits, "n"))

    def softmax(self, matrix: Rows, where: Rows | None = None) -> Rows:
        if where is not None:
            masks = [[bool(each) for each in mask] for mask in zip(*where, strict=True)]
            columns = list(map(list, zip(*matrix, strict=True)))
            return self.transpose(softmax_where(self.softmax, columns, masks, self.zero))
        return [[self.exp(entry) for entry in row] for row in self.log_softmax(matrix)]

    def log_softmax(self, matrix: Rows) -> Rows:
        columns = []
        for column in zip(*matrix, strict=True):
            largest = max(column)
            shifted = [entry - largest for entry in column]
            log_sum = self._context.ln(self.sum_of(map(self.exp, shifted)))
            columns.append([entry - log_sum for entry in shifted])
        return self.transpose(columns)

    def power(self, z: Element, exponent: int) -> Element:
        # mpmath looks at what kind of number an exponent is for as long as three products take.
        return z if exponent == 1 else z * z if exponent == 2 else z**exponent

    def below(self, z: Element, height: Element) -> Element:
        # To compare a number of mpmath with 0 takes it as long as five products.
        is_negative, mantissa, _, _ = z._mpf_
        if not mantissa:
            return super().below(z, height)
        if not is_negative:
            return self.zero
        # To add an integer takes it as long.
        return self.number(from_int(height)) if isinstance(height, int) else height

    def exp(self, z: Element) -> Element:
        return self.number(self._exponential(z._mpf_))

    def expm1(self, z: Element) -> Element:
        return self._context.expm1(z)

    def log(self, z: Element) -> Element:
        if z <= 0:
            raise UndefinedValue(NOT_POSITIVE)
        return self._context.ln(z)

    def log1p(self, z: Element) -> Element:
        if z <= -1:
            raise UndefinedValue(NOT_POSITIVE)
        return self._context.log1p(z)

    def sqrt(self, z: Element) -> Element:
        return self._context.sqrt(z)

    def normal_distribution(self, z: Element) -> Element:
        # erfc keeps its relative accuracy where 1 + erf cancels.
        try:
            return self._context.erfc(-z / self._context.sqrt(2)) / 2
        except OverflowError:
            raise OutOfRange(TOO_SMALL) from None

    def normal_density(self, z: Element) -> Element:
        return self._context.exp(-z * z / 2) / self._context.sqrt(2 * self._context.pi)

    def cos_pi(self, z: Element) -> Element:
        return self._context.cospi(z)

    def sin(self, z: Element) -> Element:
        return self._context.sin(z)

    def cos(self, z: Element) -> Element:
        return self._context.cos(z)

    def tanh(self, z: Element) -> Element:
        return self._context.tanh(z)

    def sech(self, z: Element) -> Element:
        return self._context.sech(z)

    def sigmoid(self, z: Element) -> Element:
        is_negative = z < 0
        e = self.exp(z if is_negative else -z)
        return (e if is_negative else self.one) / (self.one + e)
