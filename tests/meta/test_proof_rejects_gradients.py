"""The witness must reject wrong gradients, also those that are wrong on one side of a branch alone.

It does not see wrong updates, as docs/proof.md says; the interpreter does.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.networks.layers import Flatten, MaxPooling, Windows
from gradgrade.oracle.proof.certify import certify
from tests.agreement import disagreements, interpreted
from tests.meta.proving import BATCH, WITNESS, Rule, certified, large, small, with_rule
from tests.strategies import dense, optimizer_document, written_exercise

# Gradients of weights, biases and input

WRONG_GRADIENTS: Mapping[str, list[Rule]] = {
    "dW1": [
        lambda n, delta, a: n.divide_by(n.dot(delta, n.transpose(a)), BATCH),
        lambda n, delta, a: n.dot(n.rows(delta) and n.multiply(delta, delta), n.transpose(a)),
    ],
    "db1": [
        lambda n, delta: n.divide_by(n.sum(delta, axis=1), BATCH),
        lambda n, delta: n.add(n.zeros(len(n.rows(delta)), 1), n.sum(delta)),
    ],
    "da1": [
        lambda n, weights, delta: n.dot(n.transpose(n.multiply(weights, weights)), delta),
        lambda n, weights, delta: n.subtract(n.zeros(1, 1), n.dot(n.transpose(weights), delta)),
    ],
    "dx": [
        lambda n, weights, delta: n.divide_by(n.dot(n.transpose(weights), delta), BATCH),
        lambda n, weights, delta: n.zeros(2, BATCH),
    ],
}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        pytest.param(name, rule, id=f"{name}-{index}")
        for name, rules in WRONG_GRADIENTS.items()
        for index, rule in enumerate(rules, start=1)
    ],
)
def test_a_wrong_gradient_of_a_dense_layer_is_rejected(name, rule):
    exercise = small("tanh")
    derivation = exercise.derivation()
    (step,) = (each for each in derivation.steps if str(each.name) == name)
    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, with_rule(exercise, step.name, rule))


@pytest.mark.parametrize("power", [20, 12, 6])
@pytest.mark.parametrize("size", [small, large])
def test_a_gradient_off_by_a_hair_is_rejected(size, power):
    exercise = size("sigmoid")
    original = exercise.derivation().by_name[Name("z", 1).gradient].rule

    def rule(arithmetic: Any, *matrices: Any) -> Any:
        factor = arithmetic.matrix([[1 + 2.0**-power]])
        return arithmetic.multiply(original(arithmetic, *matrices), factor)

    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, with_rule(exercise, Name("z", 1).gradient, rule))


@pytest.mark.parametrize("size", [1.0, 1e-20, 1e-26, 1e-200, 5e-324])
def test_a_gradient_that_a_double_shows_is_rejected_where_it_is_taken_for_0(size):
    derivation = derive(
        Network(inputs=2, layers=(Dense(units=1, bias="none"),)),
        Loss(name="half_squared_error"),
        Optimizer(),
    )
    (step,) = (each for each in derivation.steps if str(each.name) == "dW1")

    def nothing(numbers: Any, *reads: Any) -> Any:
        return numbers.multiply(numbers.constant(0), step.rule(numbers, *reads))

    wrong = replace(
        derivation,
        steps=tuple(
            replace(each, rule=nothing) if each is step else each for each in derivation.steps
        ),
    )
    givens = {"x": [[size], [2 * size]], "y": [[0.5]], "W1": [[3, 4]], "learning_rate": 1}
    certify(derivation, givens, digits=50)
    with pytest.raises(NotCertified, match=WITNESS):
        certify(wrong, givens, digits=50)


def test_one_wrong_entry_of_a_gradient_is_rejected():
    exercise = large("tanh")
    original = exercise.derivation().by_name[Name("W", 1).gradient].rule

    def rule(arithmetic: Any, delta: Any, a: Any) -> Any:
        right = original(arithmetic, delta, a)
        off = [[0] * 6 for _ in range(9)]
        off[4][3] = 2.0**-40
        return arithmetic.add(right, arithmetic.matrix(off))

    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, with_rule(exercise, Name("W", 1).gradient, rule))


def test_a_gradient_at_other_weights_than_the_loss_is_rejected():
    exercise = written_exercise([dense(2, "tanh"), dense(2)], batch=BATCH, iterations=2)
    derivation = exercise.derivation()
    step = derivation.by_name[Name("a", 1, 2).gradient]
    stale = {Name("W", 2, 2): Name("W", 2, 1)}
    reads = tuple(stale.get(name, name) for name in step.reads)
    assert reads != step.reads
    with pytest.raises(NotCertified, match=WITNESS):
        certified(exercise, derivation.replacing(replace(step, reads=reads)))


# Updates: the witness does not see them, as docs/proof.md says; the interpreter does.

UPDATED: Mapping[str, dict[str, Any]] = {
    "one iteration": {},
    "two iterations": {"iterations": 2},
}


def scaled(step: Step) -> Step:
    """The same step with its result a thousandth too large."""

    def rule(original: Rule, arithmetic: Any, *matrices: Any) -> Any:
        return arithmetic.multiply(original(arithmetic, *matrices), arithmetic.matrix([[1.001]]))

    return replace(step, rule=partial(rule, step.rule), entry=None)


@pytest.mark.parametrize("made", ["updated", "mean", "squares"])
@pytest.mark.parametrize("case", UPDATED)
def test_a_wrong_update_is_seen_by_the_interpreter_alone(case, made):
    exercise = written_exercise(
        [dense(2, "tanh"), dense(2)], optimizer=optimizer_document("adam"), **UPDATED[case]
    )
    derivation = exercise.derivation()
    weights = Name("W", 1, 1 if exercise.iterations > 1 else 0)
    names = {"updated": weights.updated, "mean": weights.state("m"), "squares": weights.state("s")}
    mutant = derivation.replacing(scaled(derivation.by_name[names[made]]))
    assert certified(exercise, mutant)
    assert disagreements(derivation, exercise.givens(), interpreted(exercise)) == []
    assert disagreements(mutant, exercise.givens(), interpreted(exercise)) != []


# Branches: a rule that is wrong on one side alone, where a variant on the other side was proven.


def passing_to_the_first(arithmetic: Any, gradient: Any, matrix: Any, rule: Rule) -> Any:
    """Pass a gradient through a pooling as if the first entry were always the largest."""
    rows, _ = arithmetic.shape(matrix)
    return rule(arithmetic, gradient, arithmetic.matrix([[-row] for row in range(rows)]))


POOLED = Network(inputs=(1, 2, 2), layers=(MaxPooling(windows=Windows((2, 2), (2, 2))), Flatten()))
SQUARED = Loss(name="squared_error")

# network, loss, wrong step, its rule, x where it is right and x where it is wrong.
BRANCHES: Mapping[str, tuple[Network, Loss, Name, Rule, list[Any], list[Any]]] = {
    "relu, 1 where z < 0 too": (
        Network(inputs=2, layers=(Dense(units=1, activation="relu"), Dense(units=1))),
        *(SQUARED, Name("z", 1).gradient, lambda right, arithmetic, da, z: da),
        *([[0.5], [0.25]], [[-0.5], [-0.25]]),
    ),
    "huber, never clipped": (
        Network(inputs=2, layers=(Dense(units=1),)),
        *(Loss(name="huber"), Name("a", 1).gradient),
        lambda right, arithmetic, a, y, threshold: arithmetic.subtract(a, y),
        *([[0.5], [0.25]], [[50], [25]]),
    ),
    "pooling, always of the first": (
        *(POOLED, SQUARED, Name("x").gradient),
        lambda right, arithmetic, da, x: passing_to_the_first(arithmetic, da, x, right),
        *([[[[0.75], [0.5]], [[0.25], [0]]]], [[[[0.5], [0.75]], [[0.25], [0]]]]),
    ),
}


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_rule_that_is_wrong_on_one_side_is_rejected_after_variants_on_the_other(branch):
    network, loss, name, wrong, harmless, telling = BRANCHES[branch]
    right = derive(network, loss, Optimizer())
    step = right.by_name[name]
    derivation = right.replacing(replace(step, rule=partial(wrong, step.rule), entry=None))
    numbers = {"y": [[0.125]], "learning_rate": 0.1, "threshold": 1}
    numbers |= {"W1": [[1, 0.5]], "b1": [0.0625], "W2": [[1.5]], "b2": [0.25]}
    given = {each: numbers[each] for each in derivation.given if each != "x"}
    for x in (harmless, harmless):
        assert certify(derivation, given | {"x": x}, digits=50)
    with pytest.raises(NotCertified, match=WITNESS):
        certify(derivation, given | {"x": telling}, digits=50)
    assert certify(right, given | {"x": telling}, digits=50)
