"""Balls hold the true value: every primitive against mpmath and fractions, at every point inside.

A ball is drawn with a radius, and a point inside it; what a primitive makes of the ball must hold
what the function, at much higher precision, makes of the point.
"""

import math
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import arb, arb_mat, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import MPContext

from gradgrade.oracle.arithmetic import EntryMap
from gradgrade.oracle.arithmetic.ball import Ball, Undecided
from gradgrade.oracle.arithmetic.rational import Rational
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.exact_numbers import binary64
from tests.examples import examples

BITS = 80
TRUE_BITS = 600
BALL = Ball(bits=BITS)
TRUTH = MPContext()
TRUTH.prec = TRUE_BITS
RATIONAL = Rational()
# How far the truth itself may be rounded.
NEARLY = arb((1, -400))


def true_number(value: Fraction) -> Any:
    """A fraction in the truth's context; it rounds nothing that these tests draw."""
    return TRUTH.mpf(value.numerator) / value.denominator


def holds(element: arb, value: Any) -> bool:
    """Whether a ball holds a number of the truth's context, its rounding allowed for."""
    sign, mantissa, exponent, _ = value._mpf_
    target = arb(((-1) ** sign * int(mantissa), int(exponent)))
    with Ball(bits=2 * TRUE_BITS).active():
        return bool((element + abs(target) * arb(0, 1) * NEARLY).contains(target))


def element(middle: float, radius: float) -> arb:
    """A ball of this middle and radius."""
    return arb(middle, radius)


MIDDLES = st.one_of(
    st.floats(-4, 4),
    st.floats(-60, 60),
    st.floats(-1e-9, 1e-9),
    st.sampled_from([0.0, 1.0, -1.0, 5e-324, -5e-324, 800.0, -800.0, 1e5, -1e5]),
)
RADII = st.one_of(st.just(0.0), st.integers(-90, 1).map(lambda power: 2.0**power))
SHARES = st.one_of(st.sampled_from([-1, 0, 1]), st.integers(-16, 16)).map(lambda n: Fraction(n, 16))


@st.composite
def points(draw: st.DrawFn, middles: st.SearchStrategy[float] = MIDDLES) -> tuple[arb, Fraction]:
    """A ball and a point inside it, ends included."""
    middle, radius, share = draw(middles), draw(RADII), draw(SHARES)
    share = max(min(share, Fraction(1)), Fraction(-1))
    return element(middle, radius), Fraction(middle) + share * Fraction(radius)


def true_sigmoid(z: Any) -> Any:
    return 1 / (1 + TRUTH.exp(-z))


def true_distribution(z: Any) -> Any:
    return TRUTH.erfc(-z / TRUTH.sqrt(2)) / 2


def true_density(z: Any) -> Any:
    return TRUTH.exp(-z * z / 2) / TRUTH.sqrt(2 * TRUTH.pi)


FUNCTIONS: dict[str, tuple[Callable[[arb], Any], Callable[[Any], Any]]] = {
    "exp": (BALL.exp, TRUTH.exp),
    "expm1": (BALL.expm1, TRUTH.expm1),
    "tanh": (BALL.tanh, TRUTH.tanh),
    "sech": (BALL.sech, TRUTH.sech),
    "sigmoid": (BALL.sigmoid, true_sigmoid),
    "cos_pi": (BALL.cos_pi, TRUTH.cospi),
    "normal_distribution": (BALL.normal_distribution, true_distribution),
    "normal_density": (BALL.normal_density, true_density),
    "positive_part": (BALL.positive_part, lambda z: max(z, TRUTH.mpf(0))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(point=points())
@settings(max_examples=examples(60))
def test_a_function_of_a_ball_holds_its_value_at_every_point_inside(name, point):
    ball, value = point
    of_ball, true = FUNCTIONS[name]
    with BALL.active():
        found = of_ball(ball)
    assert holds(found, true(true_number(value)))


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("argument", [0.0, 1.5, 36.0, 800.0, -800.0, 1e5, -1e5])
def test_a_function_of_a_number_is_narrow_and_right_where_it_saturates(name, argument):
    of_ball, true = FUNCTIONS[name]
    with BALL.active():
        found = of_ball(element(argument, 0.0))
    assert found.is_finite()
    assert holds(found, true(true_number(Fraction(argument))))
    # Beyond, Φ(−10^5) needs more precision than this to be narrow, and the walk gives it that.
    if abs(argument) < 1e5:
        assert found.is_zero() or found.rel_accuracy_bits() >= BITS - 24


@given(point=points(st.floats(1e-300, 1e9)))
def test_log_and_sqrt_of_a_ball_hold_their_value_at_every_point_inside(point):
    ball, value = point
    assume(value > 0)
    with BALL.active():
        assert holds(BALL.sqrt(ball), TRUTH.sqrt(true_number(value)))
        try:
            found = BALL.log(ball)
        except Undecided:
            assert ball.contains(0)
        else:
            assert holds(found, TRUTH.ln(true_number(value)))


@given(point=points(st.floats(-1, 1e9)))
def test_log1p_of_a_ball_holds_its_value_at_every_point_inside(point):
    ball, value = point
    assume(value > -1)
    with BALL.active():
        try:
            found = BALL.log1p(ball)
        except Undecided:
            assert ball.contains(-1)
        else:
            assert holds(found, TRUTH.log1p(true_number(value)))


@pytest.mark.parametrize("name", ["minimum", "divide"])
@given(left=points(), right=points())
def test_a_function_of_two_balls_holds_its_value_at_every_point_inside(name, left, right):
    values = [true_number(left[1]), true_number(right[1])]
    with BALL.active():
        if name == "minimum":
            assert holds(BALL.minimum(left[0], right[0]), min(values))
            return
        try:
            found = BALL.divide(left[0], right[0])
        except (Undecided, UndefinedValue):
            assert right[0].contains(0)
        else:
            assert holds(found, values[0] / values[1])


@given(point=points(), height=points())
def test_a_jump_of_a_ball_holds_its_value_at_every_point_inside(point, height):
    (ball, value), (tall, amount) = point, height
    with BALL.active():
        try:
            found = BALL.below(ball, tall)
        except UndefinedValue:
            assert ball.is_zero()
        except Undecided:
            assert ball.contains(0)
            assert not ball.is_zero()
        else:
            assert holds(found, true_number(amount if value < 0 else Fraction(0)))


@pytest.mark.parametrize("point", [0.0, 2.0, -2.0, 1e5])
def test_jumps_are_exact_on_either_side(point):
    assert BALL.below(arb(1), arb(3)).is_zero()
    below = BALL.below(arb(-1), 3)
    assert below == 3
    assert below.is_exact()
    # Where the height is 0 there is no jump, so nothing is undefined at 0.
    assert BALL.below(arb(0), 0).is_zero()
    assert BALL.below(arb(0, 1), arb(0)).is_zero()
    part = BALL.positive_part(arb(point))
    assert part.is_exact()
    assert part == max(point, 0.0)


KINKS: dict[str, tuple[Callable[[arb], Any], float, bool]] = {
    "below": (lambda z: BALL.below(z, 1), 0.0, False),
    "log": (BALL.log, 0.0, True),
    "log1p": (BALL.log1p, -1.0, True),
    "divide": (lambda z: BALL.divide(arb(1), z), 0.0, False),
}


@pytest.mark.parametrize("name", KINKS)
def test_exactly_at_a_kink_a_value_is_undefined_and_about_it_undecided(name):
    function, kink, is_undefined_below = KINKS[name]
    with BALL.active():
        with pytest.raises(UndefinedValue):
            function(arb(kink))
        for radius in (2.0**-900, 2.0**-70, 1.0):
            with pytest.raises(Undecided):
                function(arb(kink, radius))
        # A ball that touches the kink with its end only is undecided too.
        with pytest.raises(Undecided):
            function(arb(kink + 0.5, 0.5))
        assert function(arb(kink + 0.5, 0.25)).is_finite()
        if is_undefined_below:
            with pytest.raises(UndefinedValue):
                function(arb(kink - 0.5, 0.25))
        else:
            assert function(arb(kink - 0.5, 0.25)).is_finite()


def test_a_root_of_a_ball_that_reaches_below_0_holds_the_roots_of_what_does_not():
    with BALL.active():
        root = BALL.sqrt(arb(0.25, 0.75))
        assert root.is_finite()
        for value in (0.0, 0.25, 0.5, 1.0):
            assert root.contains(arb(value).sqrt().mid())
        assert BALL.sqrt(arb(0)).is_zero()
        assert BALL.sqrt(arb(0, 2.0**-200)).contains(arb((1, -100)))


# Matrices


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
    return EntryMap((1, 2), tuple(tuple(sorted(set(draw(sources)))) for _ in range(2)))


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


WINDOW = EntryMap((1, 1), ((0, 1, 2),))


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


# In and out


@given(st.fractions(), st.integers(-300, 300))
def test_exact_numbers_come_in_enclosed_and_their_ends_go_out_exactly(fraction, exponent):
    value = fraction * Fraction(10) ** exponent
    with BALL.active():
        (entry,) = BALL.matrix([[value]]).entries()
    low, high = (Fraction(*end) for end in BALL.ends(entry))
    assert low <= value <= high
    assert high - low <= abs(value) / 2 ** (BITS - 4)
    middle, radius = Fraction(*BALL.ratio(entry)), Fraction(*BALL.radius(entry))
    assert (middle - radius, middle + radius) == (low, high)
    assert not BALL.contains(entry, (high * 2 + 1).as_integer_ratio())


@given(point=points(st.sampled_from([1.0, 1e200, 0.1])))
def test_a_ball_contains_its_points_whatever_the_precision(point):
    ball, value = point
    assert BALL.contains(ball, value.as_integer_ratio())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_come_in_exactly_whatever_the_precision(double):
    narrow = Ball(bits=10)
    with narrow.active():
        (entry,) = narrow.matrix([[double]]).entries()
    assert entry.is_exact()
    assert Fraction(*narrow.ratio(entry)) == Fraction(double)


@given(st.integers(-40, 40), st.integers(5, 200))
def test_a_matrix_is_accurate_only_where_each_entry_is(shift, bits):
    ball = Ball(bits=300)
    radius = arb((1, -bits))
    with ball.active():
        scale = arb((1, shift))
        entries = [scale, scale + scale * radius * arb(0, 1), arb(0)]
        matrix = arb_mat([entries])
        assert ball.is_accurate(matrix, bits - 2)
        assert not ball.is_accurate(matrix, bits + 2)
        assert not ball.is_accurate(arb_mat([[arb(0, 2.0**-900)]]), 2)


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(0, 1e9)), min_size=1, max_size=4),
    st.integers(2, 60),
)
def test_an_accurate_matrix_has_no_radius_beyond_its_share_of_the_midpoint(entries, bits):
    balls = [arb(middle, abs(middle) * radius * 2.0**-62) for middle, radius in entries]
    parts = [(Fraction(*BALL.radius(ball)), abs(Fraction(*BALL.ratio(ball)))) for ball in balls]
    shares = [radius / middle for radius, middle in parts if middle] or [0]
    if BALL.is_accurate(arb_mat([balls]), bits):
        assert max(shares) <= Fraction(1, 2**bits)
    else:
        assert max(shares) > Fraction(1, 2 ** (bits + 2))


ACCURATE = Ball(bits=220)


def doubles_of(value: Fraction) -> tuple[float, float]:
    """The two doubles that enclose a value, the smaller first."""
    one, other = ACCURATE.doubles(accurate(value))
    return min(one[0], other[0]), max(one[0], other[0])


def accurate(value: Fraction) -> arb_mat:
    with ACCURATE.active():
        return ACCURATE.matrix([[value]])


@given(st.fractions(), st.integers(-340, 300))
@settings(max_examples=examples(200))
def test_doubles_are_correctly_rounded_where_both_agree(fraction, exponent):
    value = fraction * Fraction(10) ** exponent
    assume(abs(value) < Fraction(2) ** 1023)
    low, high = doubles_of(value)
    assume(low == high)  # They differ at a tie, where the caller has to look closer.
    assert low == binary64(*value.as_integer_ratio())


@given(
    st.floats(-1e300, 1e300),
    st.sampled_from([1, -1]),
    st.one_of(st.just(0), st.integers(60, 130)),
)
@settings(max_examples=examples(200))
def test_doubles_of_near_ties_enclose_the_correct_rounding(double, side, power):
    # Subnormals and powers of two are among the drawn doubles.
    after = math.nextafter(double, math.inf)
    tie = (Fraction(double) + Fraction(after)) / 2
    value = tie + side * abs(tie) / 2**power if power else tie
    low, high = doubles_of(value)
    true = binary64(*value.as_integer_ratio())
    assert low <= true <= high
    if power and power < 90:
        assert low == high


@pytest.mark.parametrize("count", [1, 2, 3, 2**40 + 1, 2**52 - 1, 2**52])
@pytest.mark.parametrize("share", [Fraction(1, 3), Fraction(1, 2), Fraction(2, 3)])
@pytest.mark.parametrize("sign", [1, -1])
def test_doubles_of_subnormals_are_correctly_rounded(count, share, sign):
    value = sign * (count + share) * Fraction(2) ** -1074
    low, high = doubles_of(value)
    assert low <= binary64(*value.as_integer_ratio()) <= high
    if share != Fraction(1, 2):
        assert low == high


@pytest.mark.parametrize("sign", [1, -1])
def test_doubles_beyond_the_largest_are_infinite_and_below_the_smallest_0(sign):
    assert doubles_of(sign * Fraction(2) ** 1024) == (sign * math.inf, sign * math.inf)
    assert doubles_of(sign * Fraction(1, 2**1076)) == (0.0, 0.0)
    assert doubles_of(Fraction(0)) == (0.0, 0.0)
    largest = sign * Fraction(2) ** 1024 * (1 - Fraction(1, 2**54))
    assert any(map(math.isinf, doubles_of(largest)))


# The precision of the process


def test_the_precision_is_the_balls_while_it_is_active_and_restored_afterwards():
    before = ctx.prec
    with Ball(bits=777).active():
        assert ctx.prec == 777
        with Ball(bits=55).active():
            assert ctx.prec == 55
        assert ctx.prec == 777
    assert ctx.prec == before


def test_the_precision_is_restored_after_an_exception():
    before = ctx.prec
    with pytest.raises(UndefinedValue), Ball(bits=777).active():
        BALL.log(arb(-1))
    assert ctx.prec == before


@pytest.mark.parametrize(
    "use",
    [
        lambda ball: ball.contains(arb(1), (1, 3)),
        lambda ball: ball.is_accurate(arb_mat([[1]]), 50),
        lambda ball: ball.doubles(arb_mat([[1]])),
        lambda ball: ball.quantile(Fraction(1, 3), Fraction(1)),
    ],
)
def test_no_operation_leaves_a_precision_behind(use):
    before = ctx.prec
    use(Ball(bits=777))
    assert ctx.prec == before


def test_two_threads_do_not_disturb_each_others_precision():
    before, disturbed, results = ctx.prec, [], {}

    def work(bits: int) -> None:
        ball = Ball(bits=bits)
        for _ in range(300):
            with ball.active():
                third = ball.divide_by(ball.matrix([[1]]), 3)
                if ctx.prec != bits:
                    disturbed.append(bits)
            accuracy = third[0, 0].rel_accuracy_bits()
            if abs(accuracy - bits) > 4:
                disturbed.append(bits)
        results[bits] = third

    threads = [threading.Thread(target=work, args=(bits,)) for bits in (60, 400, 1500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not disturbed
    assert set(results) == {60, 400, 1500}
    assert ctx.prec == before
