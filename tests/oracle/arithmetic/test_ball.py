"""Balls hold the true value: every primitive against mpmath and fractions, at every point inside.

A ball is drawn with a radius, and a point inside it; what a primitive makes of the ball must hold
what the function, at much higher precision, makes of the point.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradgrade.oracle.arithmetic.ball import Undecided
from gradgrade.oracle.errors import UndefinedValue
from tests.examples import examples
from tests.oracle.arithmetic.balls import BALL, BITS, TRUTH, element, holds, points, true_number


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
