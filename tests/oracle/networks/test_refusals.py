"""What has no value is refused, in one line that names the quantity."""

from fractions import Fraction

import pytest

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive, evaluate
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.errors import ShapeMismatch, UndefinedValue
from gradgrade.oracle.functions.activations import ACTIVATIONS
from tests.strategies import dense, variant


def network(activation: str = "identity", units: int = 2) -> Network:
    return Network(inputs=2, layers=(Dense(units=units, activation=activation),))


GIVENS = {
    "x": [[1], [2]],
    "y": [[0], [1]],
    "W1": [[1, 2], [3, 4]],
    "b1": [1, 1],
    "learning_rate": Fraction(1, 10),
}


def found(net: Network, loss: str, *, penalties: tuple[str, ...] = (), **changes):
    derivation = derive(net, Loss(name=loss), Optimizer(), penalties=penalties)
    return evaluate(derivation, GIVENS | changes, Reference(digits=50))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"W1": [[1, 2]]}, r"W1 has shape \(1, 2\); its shape must be \(2, 2\)"),
        ({"W1": [[1, 2, 3], [4, 5, 6]]}, r"W1 has shape \(2, 3\)"),
        ({"b1": [[1], [1]]}, r"b1 has shape \(2, 1\); its shape must be \(2,\)"),
        ({"b1": 1}, r"b1 has shape \(\)"),
        ({"x": [[1, 2]]}, r"x has shape \(1, 2\)"),
        ({"x": [1, 2]}, r"x has shape \(2,\)"),
        ({"learning_rate": [1]}, r"learning_rate has shape \(1,\)"),
        ({"W2": [[1]]}, "W2 is not a given"),
    ],
)
def test_a_given_of_another_shape_is_refused_by_name(changes, message):
    with pytest.raises(ShapeMismatch, match=f"^{message}"):
        found(network(), "half_squared_error", **changes)


@pytest.mark.parametrize("array", [[[1, 2], [3]], [[1, 2], 3], [[], []], []])
def test_a_ragged_or_empty_given_is_refused_by_name(array):
    with pytest.raises(ShapeMismatch, match="W1"):
        found(network(), "half_squared_error", W1=array)


def test_a_missing_given_is_refused_by_name():
    derivation = derive(network(), Loss(name="half_squared_error"), Optimizer())
    givens = {name: value for name, value in GIVENS.items() if name != "b1"}
    with pytest.raises(ShapeMismatch, match=r"^b1 is not given$"):
        evaluate(derivation, givens, Reference(digits=50))


def test_relu_at_its_kink_is_refused_by_the_name_of_delta():
    with pytest.raises(UndefinedValue, match=r"^delta1 is undefined: .*kink"):
        found(network("relu"), "half_squared_error", b1=[-5, 1])


def test_relu_beside_its_kink_is_not_refused():
    near = Fraction(1, 10**40)
    values = found(network("relu"), "half_squared_error", b1=[-5 + near, -5 - near])
    assert [row[0] != 0 for row in values["delta1"]] == [True, True]


def test_a_weight_of_0_under_l1_is_refused_by_the_name_of_its_gradient():
    with pytest.raises(UndefinedValue, match=r"dW1 is undefined: .*kink"):
        found(network(), "half_squared_error", W1=[[0, 1], [1, 1]], penalties=("l1",), l1=1)


@pytest.mark.parametrize(
    ("loss", "activation", "b1"),
    [
        ("cross_entropy", "identity", [-5, 1]),
        ("cross_entropy", "identity", [-6, 1]),
        ("binary_cross_entropy", "identity", [-5, -10]),
        ("binary_cross_entropy", "identity", [-4, 1]),
        ("binary_cross_entropy", "tanh", [-9, -9]),
    ],
)
def test_a_logarithm_of_what_is_not_positive_is_refused_by_the_name_of_the_loss(
    loss, activation, b1
):
    with pytest.raises(UndefinedValue, match=r"^loss is undefined: .*logarithm"):
        found(network(activation), loss, b1=b1)


def test_a_refusal_names_the_iteration():
    derivation = derive(network("relu"), Loss(name="half_squared_error"), Optimizer(), iterations=2)
    with pytest.raises(UndefinedValue, match=r"^delta1@1 is undefined"):
        evaluate(derivation, GIVENS | {"b1": [-5, 1]}, Reference(digits=50))


def test_a_frozen_name_that_is_no_parameter_is_refused():
    with pytest.raises(ValueError, match=r"^freeze: 'b2' is no parameter; there are W1, b1$"):
        derive(network(), Loss(name="half_squared_error"), Optimizer(), freeze=frozenset({"b2"}))


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("size", [1, 800])
def test_no_activation_overflows_far_from_0(activation, size):
    given = {"W1": [[size, 0], [0, -size]], "x": [[1], [1]]}
    exercise = variant(layers=[dense(2, activation)], given=given)
    values = evaluate(exercise.derivation(), exercise.givens(), Reference(digits=50))
    assert len(values["delta1"]) == 2


@pytest.mark.parametrize(
    ("loss", "optimizer", "structure"),
    [
        (None, None, {"penalties": ("l2",)}),
        (None, None, {"stochastic": True}),
        (None, Optimizer(), {"iterations": 2}),
        (Loss(name="half_squared_error"), None, {"iterations": 2}),
    ],
)
def test_what_needs_a_loss_or_an_optimizer_is_refused_without(loss, optimizer, structure):
    with pytest.raises(ValueError, match="need"):
        derive(network(), loss, optimizer, **structure)


def test_without_a_loss_there_is_the_forward_pass_and_without_an_optimizer_no_update():
    forward = derive(network(), None, Optimizer())
    assert [*forward.results] == ["z1", "a1"]
    assert "y" not in forward.given
    assert "learning_rate" not in forward.given
    loss = Loss(name="half_squared_error")
    whole, backward = derive(network(), loss, Optimizer()), derive(network(), loss, None)
    assert "learning_rate" not in backward.given
    assert [*backward.results] == [name for name in whole.results if not name.endswith("_new")]
