"""Values at the ends of what can be represented are proven or refused, never let through."""

from decimal import localcontext
from fractions import Fraction

import pytest
from flint import arb, arb_mat

from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.deviates import Normal
from gradgrade.oracle.errors import OracleError
from gradgrade.problems import solve
from tests.strategies import dense, variant


@pytest.mark.parametrize(
    "entry",
    [
        *(arb("nan"), arb("inf"), arb("-inf"), 1 / arb(0, 1)),
        *(arb(1, arb("inf")), arb(0, arb("inf"))),
    ],
)
def test_a_ball_that_is_not_finite_is_never_accurate(entry):
    assert not Ball(bits=128).is_accurate(arb_mat([[1, entry]]), 10)


@pytest.mark.parametrize("activation", ["sigmoid", "silu", "softplus"])
def test_a_saturated_unit_far_out_is_proven(activation):
    given = {"W1": [[1]], "b1": [0], "x": [[-1e300]], "y": [[0.5]]}
    solution = solve(variant(inputs=1, layers=[dense(1, activation)], given=given, batch=1))
    assert solution["a1"].float64 == [[0.0]]


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "adamw"])
def test_a_root_behind_a_large_cancellation_is_proven_or_refused(name):
    given = {"W1": [[0.1, -0.1, 0.7]], "x": [[1e60], [1e60], [0.1]], "y": [[0.3]]}
    fields = {
        "inputs": 3,
        "layers": [dense(1, bias="none")],
        "given": given,
        "arithmetic": "decimal",
        "optimizer": {"name": name, "learning_rate": 0.1},
        "batch": 1,
    }
    try:
        solution = solve(variant(**fields))
    except OracleError:
        return
    assert solution["z1"].value == [["0.070000000000000000000000000000000000000000000000000"]]


def test_a_loss_that_is_defined_close_to_its_limit_is_proven():
    given = {"W1": [[1]], "x": [[1e-25]], "y": [[1]]}
    layers = [dense(1, bias="none")]
    loss = {"name": "binary_cross_entropy"}
    solution = solve(
        variant(inputs=1, layers=layers, loss=loss, given=given, arithmetic="decimal", batch=1)
    )
    assert solution["loss"].float64 == pytest.approx(57.56462732485115)


def test_deviates_do_not_depend_on_the_decimal_context_of_the_caller():
    def found():
        return Normal(variance=Fraction(10) ** 30, places=20).deviate(Fraction(975, 1000))

    expected = found()
    assert len(expected.as_tuple().digits) > 28
    with localcontext(prec=5):
        assert found() == expected
