"""Wrong layers must be rejected, by the witness and by the interpreter.

Two ways to be wrong: every step on the way back from the loss, in turn, off by a thousandth or of
the other sign; and the mistakes that are made in each kind of layer.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from gradgrade.oracle import Derivation, evaluate
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.nested import flatten
from gradgrade.oracle.proof.certify import certify
from gradgrade.problems import Exercise
from tests.agreement import disagreements, exact, interpreted
from tests.examples import spread
from tests.strategies import dense, variant

WITNESS = r"^the witness disagrees"
REFERENCE = Reference(digits=60)
NOISE = Fraction(1, 10**50)

Rule = Callable[..., Any]

FLATTEN, LAST = {"type": "flatten"}, {"type": "last_step"}

NETWORKS: Mapping[str, dict[str, Any]] = {
    "dense": {"layers": [dense(2, "tanh"), dense(2, "sigmoid", "shared")]},
    "softmax": {
        "layers": [dense(2, "softmax"), dense(2, "softmax")],
        "loss": {"name": "cross_entropy"},
    },
    "penalties": {
        "layers": [dense(2, "tanh"), dense(1)],
        "regularization": {"l1": 0.1, "l2": 0.3},
        "draw": {"weights": {"low": 0.1, "high": 0.9, "step": 0.1}},
    },
    "root": {"layers": [dense(2, "gelu")], "loss": {"name": "root_mean_squared_error"}},
    "dropout": {"layers": [dense(4, "tanh"), {"type": "dropout", "rate": 0.4}, dense(1)]},
    "batch normalization": {
        "layers": [dense(2), {"type": "batch_normalization"}, dense(1, "tanh")],
        "batch": 3,
    },
    "layer normalization": {"layers": [dense(3), {"type": "layer_normalization"}, dense(1)]},
    "convolution": {
        "inputs": [1, 3, 3],
        "layers": [
            {"type": "convolution", "filters": 2, "kernel": [2, 2], "activation": "tanh"},
            FLATTEN,
            dense(1),
        ],
    },
    "max pooling": {
        "inputs": [1, 4, 3],
        "layers": [
            {"type": "convolution", "filters": 1, "kernel": [1, 2], "activation": "tanh"},
            {"type": "max_pooling", "size": [2, 2], "stride": [1, 1]},
            FLATTEN,
        ],
    },
    "average pooling": {
        "inputs": [1, 3, 3],
        "layers": [
            {"type": "convolution", "filters": 1, "kernel": [2, 2], "activation": "tanh"},
            {"type": "average_pooling", "size": [1, 2]},
            FLATTEN,
        ],
    },
    "recurrent": {
        "inputs": [3, 2],
        "layers": [{"type": "recurrent", "units": 2}, LAST, dense(1)],
    },
    "lstm": {"inputs": [2, 2], "layers": [{"type": "lstm", "units": 1}, LAST, dense(1)]},
    "stochastic": {"layers": [dense(2, "tanh")], "stochastic": True, "iterations": 2, "batch": 3},
}


def exercise_of(network: str) -> Exercise:
    """The exercise of a network."""
    return variant(**{"batch": 2} | NETWORKS[network])


def backward_steps(derivation: Derivation) -> list[Step]:
    """The steps between the loss and the first update, of the first iteration."""
    steps = list(derivation.steps)
    start = next(i for i, step in enumerate(steps) if step.quantity.group is Group.LOSS)
    end = next(i for i, step in enumerate(steps) if step.quantity.group is Group.UPDATE)
    return steps[start + 1 : end]


def gradients(derivation: Derivation) -> set[Name]:
    """The gradients by parameters and input, which the witness knows."""
    known = (Group.GRADIENT, Group.INPUT_GRADIENT)
    return {step.name for step in derivation.steps if step.quantity.group in known}


def leads_to_a_gradient(derivation: Derivation, name: Name) -> bool:
    """Whether a gradient is made of what a step makes."""
    touched = {name}
    for step in derivation.steps:
        if touched & set(step.reads):
            touched.add(step.name)
    return bool(touched & gradients(derivation))


def values_of(exercise: Exercise, derivation: Derivation) -> dict[str, list[Any]]:
    """All values of the reference."""
    values = evaluate(derivation, exercise.givens(), REFERENCE)
    return {name: list(map(exact, flatten(value))) for name, value in values.items()}


def differ(values: dict[str, list[Any]], others: dict[str, list[Any]]) -> bool:
    """Whether some entry differs by more than rounding."""
    return any(
        abs(one - other) > NOISE
        for name in values
        for one, other in zip(values[name], others[name], strict=True)
    )


def times(factor: float) -> Callable[[Step], Step]:
    """A mutation that multiplies what a step makes."""

    def rule(original: Rule, arithmetic: Any, *matrices: Any) -> Any:
        return arithmetic.multiply(original(arithmetic, *matrices), arithmetic.matrix([[factor]]))

    return lambda step: replace(step, rule=partial(rule, step.rule), entry=None)


MUTATIONS = {"a thousandth too large": times(1 + 2.0**-10), "of the other sign": times(-1.0)}


@pytest.mark.parametrize(
    ("network", "mutation"),
    [
        *((network, "a thousandth too large") for network in NETWORKS),
        # Farther from what is right, and seen by the same comparison.
        *((network, "of the other sign") for network in spread(list(NETWORKS))),
    ],
)
def test_every_step_on_the_way_back_is_watched(network, mutation):
    exercise = exercise_of(network)
    derivation = exercise.derivation()
    assert certify(derivation, exercise.givens(), digits=50)
    original, expected = values_of(exercise, derivation), interpreted(exercise)
    seen = 0
    for step in backward_steps(derivation):
        mutant = derivation.replacing(MUTATIONS[mutation](step))
        if not differ(values_of(exercise, mutant), original):
            # What is 0, or not read by what is shown, has no wrong multiple.
            continue
        assert disagreements(mutant, exercise.givens(), expected), step.name
        if leads_to_a_gradient(derivation, step.name):
            with pytest.raises(NotCertified, match=WITNESS):
                certify(mutant, exercise.givens(), digits=50)
            seen += 1
    assert seen >= len(backward_steps(derivation)) // 2


# Mistakes


def without_its_means(n: Any, da: Any, gamma: Any, normalized: Any, deviation: Any) -> Any:
    """Return normalization's gradient as if mean and variance did not depend on the input."""
    scaled = n.multiply(da, gamma)
    return n.map(lambda _, g, d: g / d, scaled, deviation)


def without_the_variance(axis: int) -> Rule:
    """Normalization's gradient as if the variance did not depend on the input."""

    def rule(n: Any, da: Any, gamma: Any, normalized: Any, deviation: Any) -> Any:
        g = n.multiply(da, gamma)
        rows = n.rows(g)
        mean = n.divide_by(n.sum(g, axis), len(rows[0]) if axis else len(rows))
        return n.map(lambda _, g, m, d: (g - m) / d, g, mean, deviation)

    return rule


def unmasked(n: Any, da: Any, mask: Any, rate: Any) -> Any:
    """Return dropout's gradient without the mask."""
    return n.map(lambda _, da, rate: da / (1 - rate), da, rate)


def unscaled(n: Any, da: Any, mask: Any, rate: Any) -> Any:
    """Return dropout's gradient without 1 / (1 − rate)."""
    return n.multiply(da, mask)


def alone(n: Any, incoming: Any, *later: Any) -> Any:
    """Return ∂L/∂h_t without the way through later steps: truncated after one step."""
    return incoming


def through_untransposed_weights(n: Any, incoming: Any, *later: Any) -> Any:
    """Return ∂L/∂h_t with W for Wᵀ."""
    for weights, delta in zip(later[::2], later[1::2], strict=True):
        incoming = n.add(incoming, n.dot(weights, delta))
    return incoming


def without_the_later_cell(n: Any, dh: Any, o: Any, c: Any, *later: Any) -> Any:
    """Return ∂L/∂c_t without f_{t+1} ∘ ∂L/∂c_{t+1}."""
    slope = n.map(lambda n, c: n.sech(c) * n.sech(c), c)
    return n.multiply(n.multiply(dh, o), slope)


def without_tanh(n: Any, dh: Any, o: Any, c: Any, *later: Any) -> Any:
    """Return ∂L/∂c_t without tanh'(c_t)."""
    total = n.multiply(dh, o)
    return n.add(total, n.multiply(*later)) if later else total


def negated(n: Any, dc: Any, other: Any, z: Any) -> Any:
    """Return a gate's δ by σ(1 + σ)."""
    slope = n.map(lambda n, z: n.sigmoid(z) * (1 + n.sigmoid(z)), z)
    return n.multiply(n.multiply(dc, other), slope)


def to_every_entry(n: Any, da: Any, matrix: Any) -> Any:
    """Return the largest δ's sum for each entry of the input: no maximum at all."""
    total = n.sum(da, axis=0)
    return n.add(n.map(lambda _, entry: 0 * entry, matrix), total)


def as_it_is(n: Any, first: Any, *others: Any) -> Any:
    """Return what is given, as if there were no derivative."""
    return first


MISTAKES: list[tuple[str, str, Rule]] = [
    ("batch normalization", "da1", without_its_means),
    ("batch normalization", "da1", without_the_variance(1)),
    ("batch normalization", "dgamma_2", lambda n, da, x: n.sum(da, axis=1)),
    ("batch normalization", "dbeta_2", lambda n, da: n.divide_by(n.sum(da, axis=1), 3)),
    ("layer normalization", "da1", without_its_means),
    ("layer normalization", "da1", without_the_variance(0)),
    ("layer normalization", "dgamma_2", lambda n, da, x: n.sum(x, axis=1)),
    ("dropout", "da1", unmasked),
    ("dropout", "da1", unscaled),
    ("convolution", "dW1", lambda n, delta, x: n.divide_by(n.dot(delta, n.transpose(x)), 4)),
    ("convolution", "delta1", as_it_is),
    ("convolution", "db1", lambda n, delta: n.divide_by(n.sum(delta, axis=1), 4)),
    ("max pooling", "da1", to_every_entry),
    ("recurrent", "dh1_1", alone),
    ("recurrent", "dh2_1", through_untransposed_weights),
    ("recurrent", "delta_at3_1", as_it_is),
    ("lstm", "dh1_1", alone),
    ("lstm", "dc1_1", without_the_later_cell),
    ("lstm", "dc2_1", without_tanh),
    ("lstm", "delta_i1_1", negated),
    ("softmax", "delta1", as_it_is),
    ("root", "da1", lambda n, root, a, y: n.subtract(a, y)),
]


@pytest.mark.parametrize(
    ("network", "name", "rule"),
    [
        pytest.param(*mistake, id=f"{mistake[0]}-{mistake[1]}-{index}")
        for index, mistake in enumerate(MISTAKES)
    ],
)
def test_a_mistake_in_a_layer_is_rejected(network, name, rule):
    exercise = exercise_of(network)
    derivation = exercise.derivation()
    (step,) = (each for each in derivation.steps if str(each.name) == name)
    mutant = derivation.replacing(replace(step, rule=rule, entry=None))
    assert differ(values_of(exercise, mutant), values_of(exercise, derivation))
    assert disagreements(mutant, exercise.givens(), interpreted(exercise))
    with pytest.raises(NotCertified, match=WITNESS):
        certify(mutant, exercise.givens(), digits=50)


def test_a_forward_step_that_its_backward_steps_do_not_know_of_is_rejected():
    exercise = exercise_of("convolution")
    derivation = exercise.derivation()
    z = next(step for step in derivation.steps if str(step.name) == "z1")

    def without_bias(arithmetic: Any, weights: Any, columns: Any, bias: Any) -> Any:
        zeros = arithmetic.map(lambda _, b: 0 * b, bias)
        return z.rule(arithmetic, weights, columns, zeros)

    with pytest.raises(NotCertified, match=r"^the witness disagrees about db1"):
        certify(derivation.replacing(replace(z, rule=without_bias)), exercise.givens(), digits=50)


def test_what_no_gradient_is_made_of_is_seen_by_the_interpreter_alone():
    # Under softmax and cross-entropy δ is not made of ∂L/∂a; see docs/proof.md.
    exercise = exercise_of("softmax")
    derivation = exercise.derivation()
    (step,) = (each for each in derivation.steps if str(each.name) == "da2")
    mutant = derivation.replacing(times(2.0)(step))
    assert not leads_to_a_gradient(derivation, step.name)
    assert certify(mutant, exercise.givens(), digits=50)
    assert disagreements(mutant, exercise.givens(), interpreted(exercise)) == ["da2"]
