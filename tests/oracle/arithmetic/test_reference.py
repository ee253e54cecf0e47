"""The reference's products are exact sums, rounded once, however its numbers are held."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath.ctx_mp import MPContext
from mpmath.libmp import from_rational

from gradgrade.oracle.arithmetic import reference
from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.arithmetic.reference import (
    BITS_PER_DIGIT,
    GUARD_BITS,
    LEAST_AT_ONCE,
    MOST_PACKED,
    WIDEST_SPREAD,
    Doubles,
    Reference,
)
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.exact_numbers import Exact

DIGITS = 50
BITS = ceil(DIGITS * BITS_PER_DIGIT) + GUARD_BITS
REFERENCE, RATIONAL = Reference(digits=DIGITS), Rational()

LARGEST = 1.7976931348623157e308
DOUBLES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1, 1),
    st.sampled_from([0.0, -0.0, 1.0, 5e-324, -5e-324, LARGEST, -LARGEST, 2.0**-1022]),
)
FAR = 3 * WIDEST_SPREAD
POWERS = st.sampled_from([0, 0, 40, FAR, -FAR])
FRACTIONS = st.builds(
    lambda double, power: Fraction(double) * Fraction(2) ** power, DOUBLES, POWERS
)


@st.composite
def factors(draw: st.DrawFn, numbers: st.SearchStrategy[Exact]) -> tuple[Any, Any]:
    """Rows of two matrices that can be multiplied."""
    rows, inner, columns = (draw(st.integers(1, 4)) for _ in range(3))

    def matrix(count: int, length: int) -> Any:
        row = st.lists(numbers, min_size=length, max_size=length)
        return draw(st.lists(row, min_size=count, max_size=count))

    return matrix(rows, inner), matrix(inner, columns)


def is_rounded(found: Any, exact: Sequence[Sequence[Fraction]]) -> bool:
    """Whether every entry is a fraction rounded once, to the nearest."""
    return all(
        number._mpf_ == from_rational(*value.as_integer_ratio(), BITS, "n")
        for numbers, values in zip(found, exact, strict=True)
        for number, value in zip(numbers, values, strict=True)
    )


def products(left: Any, right: Any) -> tuple[Any, Any]:
    """A product in the reference and in fractions."""
    found = REFERENCE.dot(REFERENCE.matrix(left), REFERENCE.matrix(right))
    return found, RATIONAL.dot(RATIONAL.matrix(left), RATIONAL.matrix(right))


@given(factors(DOUBLES))
def test_a_product_of_doubles_is_the_exact_one_rounded_once(drawn):
    assert is_rounded(*products(*drawn))


@given(factors(FRACTIONS))
def test_a_product_of_numbers_far_apart_is_the_exact_one_rounded_once(drawn):
    assert is_rounded(*products(*drawn))


@given(factors(DOUBLES))
def test_doubles_are_multiplied_as_the_numbers_that_they_are(drawn):
    rows = [REFERENCE.matrix(each) for each in drawn]
    assert REFERENCE.dot(*map(REFERENCE.rows, rows)) == REFERENCE.dot(*rows)


@pytest.mark.parametrize("columns", [1, MOST_PACKED - 1, MOST_PACKED, 2 * MOST_PACKED + 1])
def test_any_number_of_columns_is_multiplied(columns):
    left = [[1.0, -0.1], [-1e-20, 3e10]]
    right = [
        [(-1.5) ** column for column in range(columns)],
        [0.1 * column for column in range(columns)],
    ]
    assert is_rounded(*products(left, right))


@given(factors(FRACTIONS))
def test_products_are_the_same_packed_and_unpacked(drawn):
    product, _ = products(*drawn)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "LEAST_PACKED", 1)
        assert products(*drawn)[0] == product
        patch.setattr(reference, "LEAST_PACKED", 5)
        assert products(*drawn)[0] == product


@given(st.lists(DOUBLES, min_size=1, max_size=2 * LEAST_AT_ONCE))
def test_a_row_is_scaled_to_the_same_numbers_however_long_it_is(doubles):
    (row,) = REFERENCE.matrix([doubles])
    integers, exponent = row.scaled()
    assert [Fraction(2) ** exponent * each for each in integers] == list(map(Fraction, doubles))


# What is kept


def test_an_exponential_that_is_kept_is_mpmaths_own():
    own = MPContext()
    own.prec = BITS
    for number in (Fraction(1, 3), Fraction(-7, 5), Fraction(0), Fraction(-900)):
        ((z,),) = REFERENCE.matrix([[number]])
        assert REFERENCE.exp(z)._mpf_ == REFERENCE.exp(z)._mpf_ == own.exp(own.mpf(z))._mpf_


def test_references_of_one_thread_and_precision_share_what_mpmath_needs_and_no_others():
    def context() -> Any:
        return Reference(digits=DIGITS).zero.context

    with ThreadPoolExecutor(max_workers=1) as other:
        assert context() is context()
        assert context() is not other.submit(context).result()
    assert context() is not Reference(digits=DIGITS + 1).zero.context


def test_a_precision_that_was_left_changed_is_set_before_the_next_use():
    Reference(digits=DIGITS).zero.context.prec = 10
    third = Reference(digits=DIGITS).divide_by(Reference(digits=DIGITS).matrix([[1]]), 3)
    assert is_rounded(third, [[Fraction(1, 3)]])


def test_what_cancels_but_for_a_term_far_below_is_kept():
    tiny = Fraction(2) ** -FAR
    assert is_rounded(*products([[1, tiny, -1]], [[1], [1], [1]]))


@given(st.lists(DOUBLES, min_size=1, max_size=5))
def test_a_row_of_doubles_reads_as_their_numbers(doubles):
    (row,) = REFERENCE.matrix([doubles])
    assert isinstance(row, Doubles)
    assert len(row) == len(doubles)
    for numbers in (list(row), [row[index] for index in range(len(row))]):
        assert [Fraction(*REFERENCE.ratio(each)) for each in numbers] == list(
            map(Fraction, doubles)
        )


def test_rows_and_columns_of_doubles_are_told_alike():
    matrix = REFERENCE.matrix([[0.5, 2.0], [3.0, -4.0], [0.0, 1.0]])
    assert REFERENCE.rows(REFERENCE.transpose(matrix)) == [[0.5, 3, 0], [2, -4, 1]]
    assert all(type(row) is list for row in REFERENCE.rows(matrix))


@pytest.mark.parametrize("height", [-1, -2, Fraction(-9, 10)])
def test_what_lies_below_0_is_told_from_what_lies_above_and_at_0_is_undefined(height):
    below, zero = REFERENCE.matrix([[height]])[0][0], REFERENCE.zero
    for size in (Fraction(1, 3), 10**400, Fraction(1, 10**400)):
        negative, positive = REFERENCE.matrix([[-size, size]])[0]
        assert REFERENCE.below(negative, below) == below
        assert REFERENCE.below(positive, below) == 0
    assert REFERENCE.below(zero, zero) == 0
    with pytest.raises(UndefinedValue):
        REFERENCE.below(zero, below)
