"""Operations on matrices of balls hold what fractions and mpmath make of points inside them."""

from fractions import Fraction

import pytest
from flint import arb, arb_mat
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import MPContext

from gradgrade.oracle.arithmetic import EntryMap
from gradgrade.oracle.arithmetic.ball import Ball, Undecided
from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.errors import UndefinedValue
from tests.examples import examples
from tests.oracle.arithmetic.balls import BALL, TRUTH, holds, points, true_number

RATIONAL = Rational()


@st.composite
def matrices(
    draw: st.DrawFn, rows: int | None = None, columns: int | None = None
) -> tuple[arb_mat, list[list[Fraction]]]:
    """A matrix of balls and one of points inside them."""
    rows = rows or draw(st.integers(1, 3))
    columns = columns or draw(st.integers(1, 3))
    small = st.one_of(st.floats(-4, 4), st.sampled_from([0.0, 1.0, 0.1, 1e200, -1e-200]))
    entries = [draw(points(small)) for _ in range(rows * columns)]
    balls = arb_mat(rows, columns, [ball for ball, _ in entries])
    values = [value for _, value in entries]
    return balls, [values[i * columns : (i + 1) * columns] for i in range(rows)]


def is_inside(ball: arb, value: Fraction) -> bool:
    """Whether a fraction lies between the ends of a ball, exactly."""
    low, high = (Fraction(*end) for end in BALL.ends(ball))
    return low <= value <= high


def matrix_holds(found: arb_mat, expected: list[list[Fraction]]) -> bool:
    """Whether each ball of a matrix holds the fraction in its place."""
    assert (found.nrows(), found.ncols()) == (len(expected), len(expected[0]))
    return all(
        is_inside(ball, value)
        for balls, values in zip(found.table(), expected, strict=True)
        for ball, value in zip(balls, values, strict=True)
    )


@pytest.mark.parametrize("name", ["add", "subtract", "multiply"])
@given(data=st.data())
def test_entrywise_operations_hold_and_repeat_axes_of_length_1(name, data):
    rows, columns = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    shapes = st.tuples(st.sampled_from([1, rows]), st.sampled_from([1, columns]))
    left, right = (data.draw(matrices(*data.draw(shapes))) for _ in range(2))
    with BALL.active():
        found = getattr(BALL, name)(left[0], right[0])
    assert matrix_holds(found, getattr(RATIONAL, name)(left[1], right[1]))


@given(data=st.data())
def test_products_hold(data):
    left = data.draw(matrices())
    right = data.draw(matrices(rows=left[0].ncols()))
    with BALL.active():
        found = BALL.dot(left[0], right[0])
    assert matrix_holds(found, RATIONAL.dot(left[1], right[1]))


@given(drawn=matrices(), count=st.integers(1, 7))
def test_sums_quotients_and_moved_entries_hold(drawn, count):
    balls, values = drawn
    rows, columns = balls.nrows(), balls.ncols()
    with BALL.active():
        for axis in (None, 0, 1):
            assert matrix_holds(BALL.sum(balls, axis), RATIONAL.sum(values, axis))
        assert matrix_holds(BALL.divide_by(balls, count), RATIONAL.divide_by(values, count))
        assert matrix_holds(BALL.transpose(balls), RATIONAL.transpose(values))
        assert matrix_holds(
            BALL.reshape(balls, 1, rows * columns), RATIONAL.reshape(values, 1, rows * columns)
        )
        assert matrix_holds(BALL.rows_between(balls, 0, 1), values[:1])
        assert matrix_holds(BALL.stack(balls, balls), values + values)


@st.composite
def entry_maps(draw: st.DrawFn, count: int, *, padded: bool) -> EntryMap:
    """A map to a row of two entries from a matrix of so many."""
    sources = st.lists(st.integers(-1 if padded else 0, count - 1), min_size=1, max_size=3)
    return EntryMap.of(
        (1, 2), (1, count), tuple(tuple(sorted(set(draw(sources)))) for _ in range(2))
    )


@given(data=st.data())
def test_gathered_sums_hold(data):
    balls, values = data.draw(matrices())
    entry_map = data.draw(entry_maps(balls.nrows() * balls.ncols(), padded=True))
    with BALL.active():
        found = BALL.gather(balls, entry_map)
    assert matrix_holds(found, RATIONAL.gather(values, entry_map))


@given(data=st.data(), zeros_may_tie=st.booleans())
def test_maxima_and_what_they_pass_back_hold(data, zeros_may_tie):
    balls, values = data.draw(matrices())
    gradient = data.draw(matrices(rows=1, columns=2))
    entry_map = data.draw(entry_maps(balls.nrows() * balls.ncols(), padded=False))
    with BALL.active():
        assert matrix_holds(BALL.largest(balls, entry_map), RATIONAL.largest(values, entry_map))
        arguments = {"entry_map": entry_map, "zeros_may_tie": zeros_may_tie}
        try:
            found = BALL.to_largest(gradient[0], balls, **arguments)
        except Undecided:
            assert any(not ball.is_exact() for ball in balls.entries())
            return
        except UndefinedValue:
            with pytest.raises(UndefinedValue):
                RATIONAL.to_largest(gradient[1], values, **arguments)
            return
    assert matrix_holds(found, RATIONAL.to_largest(gradient[1], values, **arguments))


WINDOW = EntryMap.of((1, 1), (1, 3), ((0, 1, 2),))


def test_tied_maxima_are_undefined_unless_they_are_allowed_zeros():
    gradient = arb_mat([[5]])
    for row, tie in (([0, 0, -1], True), ([0, 0, 0], True), ([2, 2, 1], False)):
        with pytest.raises(UndefinedValue):
            BALL.to_largest(gradient, arb_mat([row]), WINDOW, zeros_may_tie=False)
        if tie:
            passed = BALL.to_largest(gradient, arb_mat([row]), WINDOW, zeros_may_tie=True)
            assert all(each.is_zero() for each in passed.entries())
        else:
            with pytest.raises(UndefinedValue):
                BALL.to_largest(gradient, arb_mat([row]), WINDOW, zeros_may_tie=True)
    wide = arb_mat([[arb(0), arb(0, 1e-30), arb(-1)]])
    with pytest.raises(Undecided):
        BALL.to_largest(gradient, wide, WINDOW, zeros_may_tie=True)
    # Two may tie below the largest.
    passed = BALL.to_largest(gradient, arb_mat([[1, 1, 2]]), WINDOW, zeros_may_tie=False)
    assert passed.entries() == [0, 0, 5]


@given(data=st.data())
@settings(max_examples=examples(40))
def test_softmax_and_its_logarithm_hold(data):
    rows = data.draw(st.integers(1, 4))
    middles = st.one_of(st.floats(-5, 5), st.sampled_from([800.0, -800.0, 1e5]))
    entries = [data.draw(points(middles)) for _ in range(rows)]
    with BALL.active():
        column = arb_mat(rows, 1, [ball for ball, _ in entries])
        softmax, logarithm = BALL.softmax(column), BALL.log_softmax(column)
    values = [true_number(value) for _, value in entries]
    largest = max(values)
    total = TRUTH.fsum(TRUTH.exp(value - largest) for value in values)
    for index, value in enumerate(values):
        assert holds(softmax[index, 0], TRUTH.exp(value - largest) / total)
        true = value - largest - TRUTH.ln(total)
        # Cancellation costs the truth digits, so a little is allowed absolutely.
        ball = logarithm[index, 0] + arb(0, 2.0**-400)
        assert holds(ball, true)


@given(st.integers(1, 2**20), st.integers(-60, 8))
def test_the_quantile_is_enclosed(index, exponent):
    probability = Fraction(index, 2**20 + 1)
    variance = Fraction(2) ** exponent
    low, high = (Fraction(*end) for end in Ball(bits=100).quantile(probability, variance))
    assert low <= high
    context = MPContext()
    context.prec = 250
    true = context.sqrt(context.mpf(2) ** (exponent + 1)) * context.erfinv(
        2 * context.mpf(probability.numerator) / probability.denominator - 1
    )
    sign, mantissa, power, _ = true._mpf_
    value = (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** power
    slack = abs(value) / 2**200
    assert low - slack <= value <= high + slack
