"""The oracle against an interpreter of exercises that shares no line with it."""

from itertools import product

import pytest
from hypothesis import given, settings

from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.schedules import SCHEDULES
from gradgrade.problems import Exercise, solve
from tests.agreement import assert_same_as_interpreter, interpreted, same
from tests.examples import examples, spread
from tests.strategies import (
    ARITHMETICS,
    BIASES,
    CONVENTIONS,
    OBJECTIVES,
    OUTPUTS,
    WITHOUT_ZERO,
    dense,
    exercises,
    loss_document,
    optimizer_document,
    variant,
    written_exercise,
)

CASES = [
    pytest.param(loss, activation, reduction, id=f"{loss}-{activation}-{reduction}")
    for loss, activation in OUTPUTS
    for reduction in OBJECTIVES[loss]
]


@pytest.mark.parametrize(("loss", "activation", "reduction"), CASES)
def test_every_loss_activation_and_reduction_has_the_interpreters_values(
    loss, activation, reduction
):
    for convention, bias in spread(list(product(CONVENTIONS, BIASES))):
        exercise = written_exercise(
            [dense(3, activation, bias), dense(2, activation, bias)],
            loss=loss_document(loss, reduction),
            convention=convention,
        )
        assert_same_as_interpreter(exercise)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("regularization", [{"l1": 0.1}, {"l2": 0.3}, {"l1": 0.1, "l2": 0.3}])
def test_penalties_freezing_and_iterations_have_the_interpreters_values(arithmetic, regularization):
    exercise = variant(
        layers=[dense(3, "tanh"), dense(2, bias="shared")],
        batch=3,
        regularization=regularization,
        freeze=["W1", "b2"],
        iterations=3,
        arithmetic=arithmetic,
        draw={"weights": WITHOUT_ZERO},
    )
    assert_same_as_interpreter(exercise)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_every_optimizer_and_schedule_has_the_interpreters_values(optimizer, schedule, arithmetic):
    exercise = written_exercise(
        [dense(2, "tanh"), dense(2)],
        optimizer=optimizer_document(optimizer, schedule),
        iterations=4,
        freeze=["b2"],
        arithmetic=arithmetic,
    )
    assert_same_as_interpreter(exercise)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_an_optimizers_defaults_are_the_interpreters(optimizer):
    exercise = written_exercise(
        [dense(2, "tanh")], optimizer={"name": optimizer, "learning_rate": 0.2}, iterations=2
    )
    assert_same_as_interpreter(exercise)


@given(exercises())
@settings(max_examples=examples(30))
def test_any_exercise_has_the_interpreters_values(exercise: Exercise):
    assert_same_as_interpreter(exercise)


@given(exercises(most_iterations=2))
@settings(max_examples=examples(20))
def test_solutions_show_the_interpreters_values(exercise: Exercise):
    expected, solution = interpreted(exercise), solve(exercise, digits=50)
    assert [name for name in solution if not same(solution[name].value, expected[name])] == []
    assert set(solution) == set(expected)
