"""The proof must reject wrong derivatives of activations, losses and penalties.

Every wrong derivative here is one that a hurried programmer writes. It goes through the same walk
as the right one, in balls and in the reference alike, so that only the witness can tell.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from gradgrade.oracle import derive
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES, OUTPUT_PAIRS
from gradgrade.oracle.training.penalties import PENALTIES
from gradgrade.problems import Exercise
from tests.meta.proving import (
    BATCH,
    WITNESS,
    Rule,
    certified,
    large,
    pulling_back,
    small,
    with_rule,
)
from tests.strategies import dense, loss_document, written_exercise

# Activations

# derivative(arithmetic, z, *numbers), wrong.
WRONG_DERIVATIVES: Mapping[str, list[Rule]] = {
    "identity": [lambda _, z: z, lambda _, z: z * 0 + 2],
    "sigmoid": [
        lambda _, z: z * (1 - z),
        lambda n, z: n.sigmoid(z),
        lambda n, z: n.sigmoid(z) * (1 - n.sigmoid(z) * n.sigmoid(z)),
    ],
    "tanh": [
        lambda _, z: 1 - z * z,
        lambda n, z: 1 - n.tanh(z),
        lambda n, z: n.sech(z),
        lambda n, z: 1 + n.tanh(z) * n.tanh(z),
    ],
    "relu": [lambda _, z: z * 0 + 1, lambda n, z: n.positive_part(z)],
    "leaky_relu": [
        lambda n, z, alpha: 1 + n.below(z, -1),
        lambda n, z, alpha: 1 + n.below(z, -alpha),
        lambda _, z, alpha: z * 0 + 1,
    ],
    "elu": [
        lambda n, z, alpha: 1 + n.below(z, -1),
        lambda n, z, alpha: 1 + n.below(z, alpha * (n.expm1(z)) - 1),
        lambda n, z, alpha: 1 + n.below(z, alpha - 1),
    ],
    "softplus": [lambda n, z: n.tanh(z), lambda n, z: n.sigmoid(-z), lambda _, z: z * 0 + 1],
    "gelu": [
        lambda n, z: n.normal_distribution(z),
        lambda n, z: n.normal_distribution(z) + n.normal_density(z),
        lambda n, z: n.normal_distribution(z) - z * n.normal_density(z),
    ],
    "silu": [
        lambda n, z: n.sigmoid(z),
        lambda n, z: n.sigmoid(z) * (1 + z),
        lambda n, z: n.sigmoid(z) * (1 + z * n.sigmoid(z)),
    ],
}


def softmax_diagonal(arithmetic: Any, da: Any, a: Any) -> Any:
    """Return the diagonal of softmax's Jacobian alone: a (1 − a) ∘ ∂L/∂a."""
    return arithmetic.multiply(da, arithmetic.map(lambda _, a: a * (1 - a), a))


def softmax_over_samples(arithmetic: Any, da: Any, a: Any) -> Any:
    """Return softmax's pull-back with the sum over the samples for that over the units."""
    mean = arithmetic.sum(arithmetic.multiply(a, da), axis=1)
    return arithmetic.multiply(a, arithmetic.subtract(da, mean))


def softmax_without_the_sum(arithmetic: Any, da: Any, a: Any) -> Any:
    """Return a ∘ ∂L/∂a."""
    return arithmetic.multiply(da, a)


WRONG_PULL_BACKS: Mapping[str, list[Rule]] = {
    **{name: list(map(pulling_back, each)) for name, each in WRONG_DERIVATIVES.items()},
    "softmax": [softmax_diagonal, softmax_over_samples, softmax_without_the_sum],
}


def test_every_activation_has_wrong_derivatives():
    assert set(WRONG_PULL_BACKS) == set(ACTIVATIONS)


WRONG_ACTIVATIONS = [
    pytest.param(name, rule, id=f"{name}-{index}")
    for name, rules in WRONG_PULL_BACKS.items()
    for index, rule in enumerate(rules, start=1)
]


@pytest.mark.parametrize("size", [small, large])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_the_right_derivative_of_an_activation_is_proven(activation, size):
    exercise = size(activation)
    assert certified(exercise, exercise.derivation())


@pytest.mark.parametrize("size", [small, large])
@pytest.mark.parametrize(("activation", "rule"), WRONG_ACTIVATIONS)
def test_a_wrong_derivative_of_an_activation_is_rejected(activation, rule, size):
    exercise = size(activation)
    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, with_rule(exercise, Name("z", 1).gradient, rule))


@pytest.mark.parametrize(("activation", "rule"), WRONG_ACTIVATIONS)
def test_a_wrong_derivative_in_the_record_itself_is_rejected(activation, rule, monkeypatch):
    exercise = small(activation)
    wrong = replace(ACTIVATIONS[activation], pull_back=rule)
    monkeypatch.setattr(
        "gradgrade.oracle.networks.layers.activated.ACTIVATIONS", {**ACTIVATIONS, activation: wrong}
    )
    # `derive` keeps what it derived; what it wraps does not.
    derivation = derive.__wrapped__(
        exercise.network(), exercise.loss.loss(), exercise.optimizer.optimizer(), batch=BATCH
    )
    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, derivation)


def test_a_gradient_of_the_last_iteration_alone_is_rejected():
    exercise = written_exercise([dense(2, "tanh"), dense(2)], batch=BATCH, iterations=3)
    rule = pulling_back(WRONG_DERIVATIVES["tanh"][0])
    with pytest.raises(NotCertified, match=r"^the witness disagrees about d\w+@3"):
        certified(exercise, with_rule(exercise, Name("z", 1, 3).gradient, rule))


# Losses

Wrong = Callable[..., Any]

# derivative(arithmetic, a, y, *numbers), wrong.
WRONG_LOSSES: Mapping[str, list[Wrong]] = {
    "half_squared_error": [lambda _, a, y: 2 * (a - y), lambda _, a, y: y - a],
    "squared_error": [lambda _, a, y: a - y, lambda _, a, y: (a - y) * (a - y)],
    "cross_entropy": [
        lambda _, a, y: a - y,
        lambda n, a, y: n.divide(y, a),
        lambda n, a, y: n.divide(1 - y, 1 - a) - n.divide(y, a),
    ],
    "binary_cross_entropy": [
        lambda _, a, y: a - y,
        lambda n, a, y: n.divide(-y, a),
        lambda n, a, y: n.divide(1 - y, 1 - a),
    ],
    "absolute_error": [lambda _, a, y: a - y, lambda n, a, y: 1 + n.below(a - y, -1)],
    "huber": [
        lambda _, a, y, d: a - y,
        lambda n, a, y, d: d + n.below(a - y, -2 * d),
        lambda n, a, y, d: n.minimum(a - y, d),
    ],
    "root_mean_squared_error": [lambda _, a, y: a - y, lambda _, a, y: y - a],
}

OUTPUT_OF = {"cross_entropy": "sigmoid", "binary_cross_entropy": "softmax", "huber": "tanh"}


def test_every_loss_has_wrong_derivatives():
    assert set(WRONG_LOSSES) == set(LOSSES)


def lossy(loss: str, *, inputs: int = 2, units: int = 2, **fields: Any) -> Exercise:
    """A network with a loss that its output activation has no stabler form with."""
    document = loss_document(loss, None) | fields
    layers = [dense(units, "tanh"), dense(2, OUTPUT_OF.get(loss, "softplus"))]
    # A threshold that some errors are beyond, on either side, and some are not.
    if loss == "huber":
        document["threshold"] = 0.25
    return written_exercise(layers, inputs=inputs, batch=3, loss=document)


def over(exercise: Exercise, rule: Wrong) -> Rule:
    """The rule of ∂L/∂a that a loss's derivative makes, with the mean over the samples."""
    is_root = LOSSES[exercise.loss.name].is_root

    def wrong(arithmetic: Any, *matrices: Any) -> Any:
        root, operands = (matrices[0], matrices[1:]) if is_root else (None, matrices)
        terms = arithmetic.map(rule, *operands)
        if root is None:
            return arithmetic.divide_by(terms, exercise.batch)
        halves = arithmetic.map(lambda n, term, r: n.divide(term, 2 * r), terms, root)
        return arithmetic.divide_by(halves, 2 * exercise.batch)

    return wrong


SIZES = [{}, {"inputs": 8, "units": 8}]
WRONG_LOSS_CASES = [
    pytest.param(loss, rule, id=f"{loss}-{index}")
    for loss, rules in WRONG_LOSSES.items()
    for index, rule in enumerate(rules, start=1)
]


@pytest.mark.parametrize("size", SIZES, ids=["small", "large"])
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_the_right_derivative_of_a_loss_is_proven(loss, size):
    exercise = lossy(loss, **size)
    assert certified(exercise, exercise.derivation())
    # The rule that wrong derivatives are put into is itself right.
    right = over(exercise, LOSSES[loss].derivative)
    assert certified(exercise, with_rule(exercise, Name("a", 2).gradient, right))


@pytest.mark.parametrize("size", SIZES, ids=["small", "large"])
@pytest.mark.parametrize(("loss", "rule"), WRONG_LOSS_CASES)
def test_a_wrong_derivative_of_a_loss_is_rejected(loss, rule, size):
    exercise = lossy(loss, **size)
    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, with_rule(exercise, Name("a", 2).gradient, over(exercise, rule)))


@pytest.mark.parametrize("reduction", ["mean", "mean_elements", "sum"])
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_a_wrong_count_of_a_reduction_is_rejected(reduction, count):
    exercise = lossy("half_squared_error", reduction=reduction)
    right = {"mean": 3, "mean_elements": 6, "sum": 1}[reduction]

    def rule(arithmetic: Any, a: Any, y: Any) -> Any:
        return arithmetic.divide_by(arithmetic.subtract(a, y), count)

    derivation = with_rule(exercise, Name("a", 2).gradient, rule)
    if count == right:
        assert certified(exercise, derivation)
    else:
        with pytest.raises(NotCertified, match=WITNESS):
            certified(exercise, derivation)


@pytest.mark.parametrize(("activation", "loss"), sorted(OUTPUT_PAIRS))
@pytest.mark.parametrize("flaw", ["a sign", "no mean", "the derivative twice", "no target"])
def test_a_wrong_delta_of_a_pair_is_rejected(activation, loss, flaw):
    layers = [dense(2, "tanh"), dense(2, activation)]
    exercise = written_exercise(layers, batch=BATCH, loss=loss_document(loss, None))
    original = exercise.derivation().by_name[Name("z", 2).gradient].rule

    def rule(arithmetic: Any, argument: Any, y: Any) -> Any:
        delta = original(arithmetic, argument, y)
        if flaw == "a sign":
            return arithmetic.subtract(arithmetic.zeros(1, 1), delta)
        if flaw == "no mean":
            return arithmetic.add(delta, delta)
        if flaw == "the derivative twice":
            return arithmetic.multiply(delta, arithmetic.map(lambda _, a: a * (1 - a), argument))
        return arithmetic.add(delta, y)

    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, with_rule(exercise, Name("z", 2).gradient, rule))


# Penalties

WRONG_PENALTIES: Mapping[str, list[Rule]] = {
    "l1": [
        lambda n, factor, w: n.multiply(factor, w),
        lambda n, factor, w: n.map(lambda _, w, f: f + 0 * w, w, factor),
        lambda n, factor, w: n.zeros(1, 1),
    ],
    "l2": [
        lambda n, factor, w: n.multiply(factor, n.add(w, w)),
        lambda n, factor, w: n.divide_by(n.multiply(factor, w), 2),
        lambda n, factor, w: n.divide_by(n.multiply(factor, w), BATCH),
        lambda n, factor, w: n.zeros(1, 1),
    ],
}
WRONG_PENALTY_CASES = [
    pytest.param(name, rule, id=f"{name}-{index}")
    for name, rules in WRONG_PENALTIES.items()
    for index, rule in enumerate(rules, start=1)
]


def test_every_penalty_has_wrong_gradients():
    assert set(WRONG_PENALTIES) == set(PENALTIES)


@pytest.mark.parametrize("units", [2, 12])
@pytest.mark.parametrize(("penalty", "rule"), WRONG_PENALTY_CASES)
def test_a_wrong_gradient_of_a_penalty_is_rejected(penalty, rule, units):
    exercise = written_exercise(
        [dense(units, "tanh"), dense(2)],
        inputs=4,
        batch=BATCH,
        regularization={"l1": 0.1, "l2": 0.3},
    )
    assert certified(exercise, exercise.derivation())
    # Without it a step keeps its shape: what is added to must not be stretched.
    name = Name("W", 1).gradient.part(penalty)

    def wrong(arithmetic: Any, factor: Any, weights: Any) -> Any:
        zeros = arithmetic.map(lambda _, w: 0 * w, weights)
        return arithmetic.add(rule(arithmetic, factor, weights), zeros)

    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, with_rule(exercise, name, wrong))
