"""Numbers go into balls and out of them exactly, and no precision is left behind."""

import math
import threading
from fractions import Fraction

import pytest
from flint import arb, arb_mat, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.exact_numbers import binary64
from tests.examples import examples
from tests.oracle.arithmetic.balls import BALL, BITS, points


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


def test_a_ball_that_is_narrower_than_what_can_be_written_out_has_ends_around_it():
    narrow = Ball(bits=150_000)
    with narrow.active():
        third = arb(1) / 3
    low, high = (Fraction(*end) for end in narrow.ends(third))
    assert low < Fraction(1, 3) < high < low + Fraction(1, 2**119_000)


@pytest.mark.parametrize("tiny", [arb((3, -150_000)), arb((-3, -150_000), arb((1, -160_000)))])
def test_what_is_too_small_to_be_written_out_is_0_with_ends_around_it(tiny):
    assert BALL.is_too_small(tiny)
    assert BALL.ratio(tiny) == (0, 1)
    low, high = (Fraction(*end) for end in BALL.ends(tiny))
    assert low < 0 < high < Fraction(1, 2**119_000)
    assert Fraction(*BALL.largest_radius([tiny])) == high
    assert not BALL.is_too_small(arb(0))
    assert not BALL.is_too_small(arb((1, -110_000)))
