"""Consistency is earned: one slip keeps all that rightly follows, and inventions earn nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy
import pytest

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.walking import given_rows, take, walk_steps
from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.grade import Grader
from tests.catalogue import CATALOGUE
from tests.evidence.slips import graded_slips
from tests.examples import spread
from tests.strategies import dense, variant

GRADIENTS = {Group.ACTIVATION_GRADIENT, Group.DELTA, Group.INPUT_GRADIENT, Group.GRADIENT}


EXERCISE = variant(
    inputs=3,
    layers=[dense(3, "tanh"), dense(2)],
    batch=2,
    points=11,
    ask=["z1", "a1", "z2", "loss", "delta2", "dW2", "db2", "delta1", "dW1", "W2_new", "W1_new"],
)


def answers(exercise: Exercise, invented: set[str], *, seed: int = 0) -> dict[str, Any]:
    """What somebody hands in who invents some parts and rightly goes on from those."""
    derivation, arithmetic, chance = (
        exercise.derivation(),
        Binary64(),
        numpy.random.default_rng(seed),
    )
    targets = {_target(derivation, name) for name in invented}

    def invent(name: Name, value: Any) -> Any:
        value = numpy.array(value, dtype=float)
        if name not in targets:
            return value
        size = numpy.abs(value).max() or 1.0
        return size * chance.choice([-1, 1], value.shape) * chance.uniform(0.2, 1.7, value.shape)

    known = take(given_rows(derivation, exercise.givens()), arithmetic)
    values = walk_steps(derivation.steps, known, arithmetic, amend=invent)
    return dict(_documents(exercise, derivation, values))


def _documents(
    exercise: Exercise, derivation: Derivation, values: Mapping[Name, Any]
) -> Iterator[tuple[str, Any]]:
    for part in exercise.ask:
        quantity = derivation.find(part.name)
        assert quantity is not None
        rows = numpy.array(values[quantity.name], dtype=float).tolist()
        yield part.name, quantity.to_document(rows, exercise.convention)


def _target(derivation: Derivation, name: str) -> Name:
    quantity = derivation.find(name)
    assert quantity is not None
    return quantity.name


def outcomes(exercise: Exercise, handed_in: Mapping[str, Any]) -> dict[str, str]:
    return {part.name: part.outcome for part in Grader(exercise).grade(handed_in).parts}


@pytest.mark.parametrize(("problem_set", "name"), spread(CATALOGUE))
def test_a_right_forward_pass_with_invented_gradients_earns_the_forward_pass(problem_set, name):
    exercise = generate(load(problem_set), name, student="1", secret=b"0")
    derivation = exercise.derivation()
    gradients = {
        part.name
        for part in exercise.ask
        if (found := derivation.find(part.name)) is not None and found.group in GRADIENTS
    }
    verdict = Grader(exercise).grade(answers(exercise, gradients))
    earned = {part.name: part.outcome for part in verdict.parts if part.score}
    assert set(earned.values()) <= {"correct"}
    assert gradients.isdisjoint(earned)


def test_one_invention_is_gone_on_from_and_what_needs_a_second_is_not():
    one = outcomes(EXERCISE, answers(EXERCISE, {"delta2"}))
    assert [name for name, outcome in one.items() if outcome == "incorrect"] == ["delta2"]
    two = outcomes(EXERCISE, answers(EXERCISE, {"delta2", "delta1"}))
    assert two["dW2"] == two["W2_new"] == "carried_forward"
    assert two["dW1"] == two["W1_new"] == "incorrect"


def test_a_known_mistake_is_no_invention():
    slipped = answers(EXERCISE, {"z2"})
    # The slip in z2 alone is gone on from; what became of db2 is seen, and takes nothing away.
    mixed = {**slipped, "db2": (-numpy.array(slipped["db2"])).tolist()}
    found = outcomes(EXERCISE, mixed)
    assert found["db2"] == "incorrect"
    assert {found[each] for each in ("delta1", "dW1", "W1_new")} == {"carried_forward"}


def test_updates_alone_earn_no_more_than_the_backward_pass_shows():
    exercise = variant(
        inputs=2,
        layers=[dense(2, "sigmoid"), dense(2)],
        points=8,
        ask=["loss", "dW2", "W2_new", "db2", "b2_new", "dW1", "db1", "W1_new"],
    )
    only_invented = outcomes(exercise, answers(exercise, {"dW2", "db2", "dW1", "db1"}))
    assert set(only_invented.values()) == {"correct", "incorrect"}
    one_slip = outcomes(exercise, answers(exercise, {"dW2"}))
    assert one_slip["W2_new"] == "carried_forward"


@pytest.mark.parametrize(
    ("problem_set", "name"),
    [("first-steps", "relu"), ("optimizers", "nesterov"), ("depth", "three-layers")],
)
def test_an_honest_slip_keeps_all_that_follows_from_it(problem_set, name):
    found = graded_slips(generate(load(problem_set), name, student="1", secret=b"0"))
    assert found.followed > found.made > 0
    assert found.not_carried == []
