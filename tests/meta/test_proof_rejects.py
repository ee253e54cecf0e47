"""The proof must reject: wrong derivatives by the witness, wrong arithmetic by the other one.

Every wrong derivative here is one that a hurried programmer writes. It goes through the same walk
as the right one, in balls and in the reference alike, so that only the witness can tell.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flint import arb

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive, evaluate
from gradgrade.oracle.arithmetic.ball import Ball
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES, OUTPUT_PAIRS
from gradgrade.oracle.networks.layers import Flatten, MaxPooling, Windows
from gradgrade.oracle.proof.certify import certify
from gradgrade.oracle.proof.crosscheck import LARGE, check_reference
from gradgrade.oracle.proof.enclose import bits_of, enclose
from gradgrade.oracle.proof.witness import MOST_ENTRIES_ALONE
from gradgrade.oracle.training.penalties import PENALTIES
from gradgrade.problems import Exercise
from tests.agreement import disagreements, interpreted
from tests.strategies import dense, loss_document, optimizer_document, written_exercise

BATCH = 2
WITNESS, REFERENCE = r"^the witness disagrees", r"^the reference disagrees"

Rule = Callable[..., Any]


def certified(exercise: Exercise, derivation: Derivation) -> Any:
    """The proof of a derivation, from the givens of an exercise."""
    return certify(derivation, exercise.givens(), digits=50)


def with_rule(exercise: Exercise, name: Name, rule: Rule) -> Derivation:
    """An exercise's derivation with another rule for one step."""
    derivation = exercise.derivation()
    return derivation.replacing(replace(derivation.by_name[name], rule=rule, entry=None))


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


def pulling_back(derivative: Rule) -> Rule:
    """The rule of δ that a derivative makes."""

    def rule(arithmetic: Any, da: Any, z: Any, *numbers: Any) -> Any:
        return arithmetic.multiply(da, arithmetic.map(derivative, z, *numbers))

    return rule


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


def small(activation: str) -> Exercise:
    """A network whose parameters the witness moves one by one."""
    return written_exercise([dense(3, activation), dense(2)], batch=BATCH)


def large(activation: str) -> Exercise:
    """A network of so many parameters that the witness moves all of them at once."""
    exercise = written_exercise([dense(9, activation), dense(4)], inputs=6, batch=BATCH)
    assert MOST_ENTRIES_ALONE < 9 * 6 + 4 * 9
    return exercise


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


def test_a_gradient_of_the_last_iteration_alone_is_rejected():
    exercise = written_exercise([dense(2, "tanh"), dense(2)], batch=BATCH, iterations=3)
    rule = pulling_back(WRONG_DERIVATIVES["tanh"][0])
    with pytest.raises(NotCertified, match=r"^the witness disagrees about d\w+@3"):
        certified(exercise, with_rule(exercise, Name("z", 1, 3).gradient, rule))


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


# Arithmetic: what is wrong in one of the two is seen by the other.

TINY = 10.0**-40


class WrongReference(Reference):
    """The reference with a tanh that is off by 1e-40 of itself."""

    def tanh(self, z: Any) -> Any:
        return super().tanh(z) * (1 + self._number(TINY))


class DroppingReference(Reference):
    """The reference with a sum that loses its smallest term."""

    def dot(self, left: Any, right: Any) -> Any:
        columns = list(zip(*right, strict=True))
        return [[self._most(row, column) for column in columns] for row in left]

    def _most(self, row: Any, column: Any) -> Any:
        products = sorted((a * b for a, b in zip(row, column, strict=True)), key=abs)
        return self.sum_of(products[1:] if len(products) > 1 else products)


class WrongBall(Ball):
    """Balls with a tanh whose middle is off by 1e-40 of itself."""

    def tanh(self, z: Any) -> Any:
        return super().tanh(z) * (1 + arb(TINY))


class NarrowBall(Ball):
    """Balls with an exponential that loses its last bits and claims to have none lost."""

    def tanh(self, z: Any) -> Any:
        middle = super().tanh(z).mid()
        with Ball(bits=100).active():
            return (middle + 0).mid()


def reference_is_checked(exercise: Exercise) -> None:
    """Walk the balls, and the reference against them."""
    derivation = exercise.derivation()
    enclosure = enclose(derivation, given_rows(derivation, exercise.givens()), bits=bits_of(50))
    check_reference(enclosure, digits=50, full=False)


def of_size(units: int) -> Exercise:
    """A network of tanh units."""
    return written_exercise([dense(units, "tanh"), dense(2)], inputs=20, batch=BATCH)


SAMPLED = 1 + LARGE // 20


@pytest.mark.parametrize("units", [2, SAMPLED])
@pytest.mark.parametrize("wrong", [WrongReference, DroppingReference])
def test_a_wrong_reference_disagrees_with_the_balls(wrong, units, monkeypatch):
    reference_is_checked(of_size(units))
    monkeypatch.setattr("gradgrade.oracle.proof.crosscheck.Reference", wrong)
    with pytest.raises(NotCertified, match=REFERENCE):
        reference_is_checked(of_size(units))
    with pytest.raises(NotCertified, match=REFERENCE):
        certified(of_size(units), of_size(units).derivation())


@pytest.mark.parametrize("units", [2, SAMPLED])
@pytest.mark.parametrize("wrong", [WrongBall, NarrowBall])
def test_wrong_or_too_narrow_balls_disagree_with_the_reference(wrong, units, monkeypatch):
    monkeypatch.setattr("gradgrade.oracle.proof.enclose.Ball", wrong)
    with pytest.raises(NotCertified, match=REFERENCE):
        certified(of_size(units), of_size(units).derivation())


@pytest.mark.parametrize("digits", [1, 5, 30])
def test_a_wrong_reference_is_found_whatever_digits_are_asked(digits, monkeypatch):
    # Doubles are always promised, so a reference that is wrong in their digits must be found.
    class Off(Reference):
        def tanh(self, z: Any) -> Any:
            return super().tanh(z) * (1 + self._number(2.0**-50))

    exercise = of_size(2)
    monkeypatch.setattr("gradgrade.oracle.proof.crosscheck.Reference", Off)
    with pytest.raises(NotCertified, match=REFERENCE):
        certify(exercise.derivation(), exercise.givens(), digits=digits)


def primitives() -> Iterator[Any]:
    """Every function of elements that an activation uses, with an activation that uses it."""
    users = {
        "exp": "sigmoid",
        "expm1": "elu",
        "log1p": "softplus",
        "normal_distribution": "gelu",
        "normal_density": "gelu",
        "tanh": "tanh",
        "sech": "tanh",
        "sigmoid": "silu",
        "softmax": "softmax",
        "positive_part": "relu",
    }
    for name, user in users.items():
        yield pytest.param(name, user, id=name)


@pytest.mark.parametrize(("name", "activation"), list(primitives()))
@pytest.mark.parametrize("base", [Reference, Ball])
def test_every_primitive_is_checked_by_the_other_arithmetic(base, name, activation, monkeypatch):
    original = getattr(base, name)

    def off(self: Any, z: Any) -> Any:
        found = original(self, z)
        if name == "softmax":
            return self.multiply(found, self.matrix([[1 + 2.0**-50]]))
        return found * (1 + (arb if base is Ball else self._number)(2.0**-50))

    wrong = type("Wrong", (base,), {name: off})
    place = {
        Reference: "gradgrade.oracle.proof.crosscheck.Reference",
        Ball: "gradgrade.oracle.proof.enclose.Ball",
    }[base]
    monkeypatch.setattr(place, wrong)
    exercise = small(activation)
    with pytest.raises(NotCertified, match=REFERENCE):
        certified(exercise, exercise.derivation())


def test_without_any_of_this_the_same_exercises_are_proven():
    exercise = of_size(SAMPLED)
    values = certified(exercise, exercise.derivation())
    found = evaluate(exercise.derivation(), exercise.givens(), Reference(digits=60))
    assert list(values) == list(found)


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
