"""Scalars that differentiate themselves, against central differences."""

from __future__ import annotations

from typing import Any

import pytest

from tests.independent import autodiff
from tests.independent.autodiff import NotDifferentiableError, Variable, gradients
from tests.independent.compared import CONTEXT, STEP, TOLERANCE, assert_close


def numeric_derivative(function: Any, point: Any) -> Any:
    """The central difference of a function of one scalar."""
    step = CONTEXT.mpf(str(STEP))
    above, below = (function(Variable(point + sign * step)).value for sign in (1, -1))
    return (above - below) / (2 * step)


@pytest.mark.parametrize(
    "function",
    [
        lambda v: v + v * 3 + 2,
        lambda v: 5 - v - v * v,
        lambda v: (v - 3) / (v * v + 1),
        lambda v: 2 / v + v / 7,
        lambda v: v**3 - v**-2,
        lambda v: -v,
        abs,
        autodiff.duplicate,
        autodiff.maximum_with_zero,
        lambda v: autodiff.total(CONTEXT, [v, v * v, v]),
        lambda v: autodiff.exp(CONTEXT, v),
        lambda v: autodiff.log(CONTEXT, v * v),
        lambda v: autodiff.sqrt(CONTEXT, v * v + 1),
        lambda v: autodiff.tanh(CONTEXT, v),
        lambda v: autodiff.sigmoid(CONTEXT, v),
        lambda v: autodiff.softplus(CONTEXT, v),
        lambda v: autodiff.erf(CONTEXT, v),
    ],
)
@pytest.mark.parametrize("point", ["0.7", "-1.3"])
def test_every_operation_has_the_derivative_of_its_central_difference(function, point):
    point = CONTEXT.mpf(point)
    variable = Variable(point)
    (derivative,) = gradients(function(variable), [variable])
    assert abs(derivative - numeric_derivative(function, point)) < TOLERANCE


def test_operations_have_their_values():
    x = Variable(CONTEXT.mpf("0.7"))
    assert_close(autodiff.sigmoid(CONTEXT, x).value, 1 / (1 + CONTEXT.exp(-x.value)))
    assert_close(autodiff.softplus(CONTEXT, x).value, CONTEXT.log(1 + CONTEXT.exp(x.value)))
    assert_close(autodiff.tanh(CONTEXT, x).value, CONTEXT.tanh(x.value))
    assert_close(autodiff.erf(CONTEXT, x).value, CONTEXT.erf(x.value))
    assert autodiff.maximum_with_zero(x).value == x.value
    assert autodiff.maximum_with_zero(-x).value == 0
    assert ((2 - x) / 4).value == (2 - x.value) / 4
    assert (1 / x).value == 1 / x.value


def test_paths_through_a_shared_variable_add_up():
    x = Variable(CONTEXT.mpf(3))
    square = x * x
    assert gradients(square * square + square, [x, square]) == [4 * 27 + 6, 2 * 9 + 1]


def test_the_derivative_by_a_variable_that_plays_no_part_is_zero():
    x, unused = Variable(CONTEXT.mpf(3)), Variable(CONTEXT.mpf(4))
    assert gradients(x + 1, [unused]) == [0]


def test_a_chain_of_a_hundred_thousand_operations_is_differentiated():
    x = Variable(CONTEXT.mpf(1))
    last = x
    for _ in range(100_000):
        last = last + x
    assert gradients(last, [x]) == [100_001]


@pytest.mark.parametrize(
    "function",
    [
        abs,
        autodiff.maximum_with_zero,
        lambda v: autodiff.log(CONTEXT, v),
        lambda v: autodiff.sqrt(CONTEXT, v),
    ],
)
def test_a_point_without_derivative_is_refused(function):
    with pytest.raises(NotDifferentiableError):
        function(Variable(CONTEXT.mpf(0)))
