"""A wrong derivative must be rejected, by each of two checks that know no derivative rule of ours.

One is the independent interpreter. The other is a central difference of the loss along a random
direction through x and all parameters, over the forward steps alone. A mutation that leaves every
value as it is (identity's missing factor 1) is no wrong derivative, and must be accepted; only
piecewise linear functions have such mutations.
"""

import itertools
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from gradgrade.oracle import Derivation, evaluate
from gradgrade.oracle.arithmetic.reference import Reference
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.functions.losses import LOSSES, OUTPUT_PAIRS
from gradgrade.oracle.nested import build, flatten, shape_of
from gradgrade.problems import Exercise
from tests.agreement import disagreements, exact, interpreted
from tests.strategies import OUTPUTS, dense, written_exercise

BATCH = 3
STEP = Fraction(1, 10**40)
REFERENCE = Reference(digits=120)
# A right gradient misses its central difference by about STEP².
CLOSE = Fraction(1, 10**30)

Rule = Callable[..., Any]


def scaled(factor: Fraction) -> Callable[[Step, Derivation], Step]:
    """A mutation that multiplies what a step makes."""

    def rule(original: Rule, arithmetic: Any, *matrices: Any) -> Any:
        return arithmetic.multiply(original(arithmetic, *matrices), arithmetic.matrix([[factor]]))

    return lambda step, _: replace(step, rule=partial(rule, step.rule))


def without_the_local_derivative(step: Step, _: Derivation) -> Step:
    """Return a mutation of δ that passes ∂L/∂a on as it is."""
    return replace(step, rule=lambda arithmetic, da, *others: da)


def reading_the_wrong_one(step: Step, derivation: Derivation) -> Step:
    """Return the mutation that takes a derivative at a for z, or at z for a."""
    z, a = (Name(text, step.name.layer) for text in "za")
    other = {name: to for name, to in ((z, a), (a, z)) if name in step.reads}
    assert other
    assert all(name in derivation.by_name for name in other.values())
    return replace(step, reads=tuple(other.get(name, name) for name in step.reads))


MUTATIONS: Mapping[str, Callable[[Step, Derivation], Step]] = {
    "a thousandth too large": scaled(Fraction(1001, 1000)),
    "a factor 2": scaled(Fraction(2)),
    "a factor 1/2": scaled(Fraction(1, 2)),
    "without the mean": scaled(Fraction(BATCH)),
    "of the other sign": scaled(Fraction(-1)),
    "at the wrong argument": reading_the_wrong_one,
}
DELTA_MUTATIONS = MUTATIONS | {"without the local derivative": without_the_local_derivative}


@dataclass(frozen=True)
class Subject:
    """An exercise and the step of it whose rule is made wrong."""

    exercise: Exercise
    step: Name

    def mutant(self, mutation: Callable[[Step, Derivation], Step]) -> Derivation:
        derivation = self.exercise.derivation()
        return derivation.replacing(mutation(derivation.by_name[self.step], derivation))


def hidden(activation: str) -> Subject:
    """An activation in a hidden layer, mutated in that layer's δ."""
    layers = [dense(3, activation), dense(2)]
    return Subject(written_exercise(layers, batch=BATCH), Name("z", 1).gradient)


def output(loss: str, activation: str, of: str = "a") -> Subject:
    """A loss, mutated in ∂L/∂a or δ of the output layer."""
    layers = [dense(2, "tanh"), dense(2, activation)]
    exercise = written_exercise(layers, batch=BATCH, loss={"name": loss})
    return Subject(exercise, Name(of, 2).gradient)


def by_interpreter(exercise: Exercise, derivation: Derivation) -> bool:
    """Whether the independent interpreter finds what a derivation finds."""
    try:
        return not disagreements(derivation, exercise.givens(), interpreted(exercise))
    except UndefinedValue:
        return False


def by_central_difference(exercise: Exercise, derivation: Derivation) -> bool:
    """Whether the loss's slope along a random direction is what the gradients say."""
    givens = exercise.givens()
    names = ["x"] + [name for name in givens if f"d{name}" in derivation.results and name != "x"]
    generator = random.Random(0)
    direction = {
        name: [Fraction(generator.randint(-1000, 1000), 1000) for _ in flatten(givens[name])]
        for name in names
    }

    def loss(amount: Fraction) -> Fraction:
        moved = {
            name: build(
                [
                    Fraction(number) + amount * share
                    for number, share in zip(flatten(givens[name]), shares, strict=True)
                ],
                shape_of(givens[name]),
            )
            for name, shares in direction.items()
        }
        values = evaluate(forward_only(derivation), {**givens, **moved}, REFERENCE)
        return exact(values["loss"])

    slope = (loss(STEP) - loss(-STEP)) / (2 * STEP)
    try:
        values = evaluate(derivation, givens, REFERENCE)
    except UndefinedValue:
        return False
    expected = sum(
        exact(gradient) * share
        for name, shares in direction.items()
        for gradient, share in zip(flatten(values[f"d{name}"]), shares, strict=True)
    )
    return abs(slope - expected) <= CLOSE * abs(slope)


def forward_only(derivation: Derivation) -> Derivation:
    """The steps up to the loss."""
    steps = derivation.steps
    end = next(i for i, step in enumerate(steps) if step.quantity.group is Group.LOSS)
    return replace(derivation, steps=steps[: end + 1])


CHECKS = {"interpreter": by_interpreter, "central difference": by_central_difference}


def mutated(names: Collection[str]) -> list[Any]:
    """Every mutation under every check."""
    pairs = itertools.product(names, CHECKS)
    return [pytest.param(*pair, id="-".join(pair)) for pair in pairs]


UNFUSED = [pair for pair in OUTPUTS if (pair[1], pair[0]) not in OUTPUT_PAIRS]
LOSS_CASES = [
    next(pair for pair in UNFUSED if pair[0] == loss and pair[1] != "identity") for loss in LOSSES
]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_an_activations_derivative_is_accepted(activation, check):
    subject = hidden(activation)
    assert CHECKS[check](subject.exercise, subject.exercise.derivation())


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("loss", "activation"), OUTPUTS)
def test_a_losss_derivative_is_accepted(loss, activation, check):
    subject = output(loss, activation)
    assert CHECKS[check](subject.exercise, subject.exercise.derivation())


# Their derivatives do not depend on how large their argument is.
PIECEWISE_LINEAR = {"identity", "relu", "leaky_relu", "absolute_error"}
HARMLESS = {"at the wrong argument", "without the local derivative"}


def is_unchanged(subject: Subject, mutant: Derivation, name: str, mutation: str) -> bool:
    """Whether a mutation leaves every value as it is, which few can."""
    original = found(subject.exercise, subject.exercise.derivation())
    unchanged = found(subject.exercise, mutant) == original
    assert not unchanged or (name in PIECEWISE_LINEAR and mutation in HARMLESS)
    return unchanged


def found(exercise: Exercise, derivation: Derivation) -> dict[str, Any] | None:
    """All values, or None where one is undefined."""
    try:
        return dict(evaluate(derivation, exercise.givens(), REFERENCE))
    except UndefinedValue:
        return None


@pytest.mark.parametrize(("mutation", "check"), mutated(DELTA_MUTATIONS))
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_an_activations_wrong_derivative_is_rejected(activation, mutation, check):
    subject = hidden(activation)
    mutant = subject.mutant(DELTA_MUTATIONS[mutation])
    accepted = CHECKS[check](subject.exercise, mutant)
    assert accepted == is_unchanged(subject, mutant, activation, mutation)


def test_identitys_missing_factor_1_is_no_wrong_derivative():
    subject = hidden("identity")
    mutant = subject.mutant(without_the_local_derivative)
    assert is_unchanged(subject, mutant, "identity", "without the local derivative")


@pytest.mark.parametrize(("mutation", "check"), mutated(MUTATIONS))
@pytest.mark.parametrize(("loss", "activation"), LOSS_CASES)
def test_a_losss_wrong_derivative_is_rejected(loss, activation, mutation, check):
    subject = output(loss, activation)
    mutant = subject.mutant(MUTATIONS[mutation])
    accepted = CHECKS[check](subject.exercise, mutant)
    assert accepted == is_unchanged(subject, mutant, loss, mutation)


@pytest.mark.parametrize(("mutation", "check"), mutated(MUTATIONS))
@pytest.mark.parametrize(("activation", "loss"), sorted(OUTPUT_PAIRS))
def test_a_pairs_wrong_delta_is_rejected(loss, activation, mutation, check):
    subject = output(loss, activation, "z")
    assert not CHECKS[check](subject.exercise, subject.mutant(MUTATIONS[mutation]))


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize(("activation", "loss"), sorted(OUTPUT_PAIRS))
def test_a_pairs_wrong_gradient_of_the_output_is_rejected(loss, activation, mutation):
    # No other step reads it, so only a check of every quantity can tell.
    subject = output(loss, activation)
    assert not by_interpreter(subject.exercise, subject.mutant(MUTATIONS[mutation]))


@pytest.mark.parametrize("check", CHECKS)
def test_the_misconception_of_a_forgotten_sum_over_samples_is_rejected(check):
    exercise = written_exercise([dense(3, "sigmoid"), dense(2)], batch=BATCH)

    def of_the_first_sample(_: Any, delta: Any) -> Any:
        return [[row[0]] for row in delta]

    derivation = exercise.derivation()
    step = replace(derivation.by_name[Name("b", 1).gradient], rule=of_the_first_sample)
    assert not CHECKS[check](exercise, derivation.replacing(step))
