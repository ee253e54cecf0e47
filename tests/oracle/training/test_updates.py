"""Updates for whatever has parameters and gradients: names, order, roles, what is frozen."""

from typing import Any

import numpy
import pytest

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group, Layout, Quantity
from gradgrade.oracle.derivation.roles import Frozen, State, Update
from gradgrade.oracle.derivation.walking import walk_steps
from gradgrade.oracle.training.optimizers import OPTIMIZERS
from gradgrade.oracle.training.updates import Correction, Optimizer, ScheduledRate, Updates

CHOSEN = (Name("embedding"), Name("beta"))


def updates(*frozen: Name, iterations: int = 1, **options: Any) -> Updates:
    """The updates of two parameters of chosen names, which belong to no layer."""
    return Updates(
        optimizer=Optimizer(**options),
        parameters=tuple(Quantity(name, (2, 1), Layout.FIXED, Group.GIVEN) for name in CHOSEN),
        frozen=frozenset(frozen),
        iterations=iterations,
    )


def names(updates: Updates, count: int = 1) -> list[str]:
    """What the steps of an iteration make."""
    steps = (*updates.parameters_of_iteration(count), *updates.of_iteration(count))
    return [str(step.name) for step in steps]


def test_parameters_of_any_name_are_updated():
    assert names(updates()) == ["embedding_new", "beta_new"]
    assert names(updates(CHOSEN[1], name="momentum")) == [
        *("initial_vembedding", "vembedding", "embedding_new")
    ]


def test_with_several_iterations_a_parameter_in_use_is_what_the_iteration_before_made():
    two = updates(CHOSEN[1], iterations=2, name="momentum")
    assert names(two, 2) == ["embedding@2", "beta@2", "vembedding@2", "embedding_new@2"]
    moved, kept = two.parameters_of_iteration(2)
    assert list(map(str, (*moved.reads, *kept.reads))) == ["embedding_new@1", "beta@1"]
    velocity, _ = two.of_iteration(2)
    assert next(map(str, velocity.reads)) == "vembedding@1"


def test_a_frozen_parameter_says_what_would_have_moved_it():
    two = updates(CHOSEN[1], iterations=2, schedule="exponential")
    _, kept = two.parameters_of_iteration(2)
    assert isinstance(kept.role, Frozen)
    read = {symbol: str(name) for symbol, name in kept.role.symbols.items()}
    assert read["W"] == "beta@1"
    assert read["g"] == "dbeta@1"
    assert read["learning_rate"] == "scheduled_learning_rate@1"


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_the_symbols_of_a_role_are_what_the_rule_reads(optimizer):
    two = updates(iterations=2, name=optimizer, schedule="step")
    for count in (1, 2):
        rules = {rule.makes: rule for rule in OPTIMIZERS[optimizer].updates}
        for step in two.of_iteration(count):
            match step.role:
                case Update(symbols=symbols):
                    makes = "W"
                case State(symbols=symbols, letter=makes) if step.reads:
                    pass
                case _:
                    continue
            assert step.role.optimizer == optimizer
            assert step.reads == tuple(symbols[symbol] for symbol in rules[makes].reads)


def test_rates_and_corrections_know_their_iteration():
    steps = list(updates(iterations=3, name="adam", schedule="step", every=2).of_iteration(3))
    rate, *corrections = (step.role for step in steps[:3])
    assert rate == ScheduledRate(schedule="step", every=2, iteration=3)
    assert corrections == [Correction(iteration=3)] * 2


def test_what_they_make_is_plain_descent_for_sgd():
    (step, _) = updates().of_iteration(1)
    known = {CHOSEN[0]: numpy.array([[1.0], [2.0]]), Name("learning_rate"): numpy.array([[0.5]])}
    known[CHOSEN[0].gradient] = numpy.array([[4.0], [-2.0]])
    found = walk_steps([step], known, Binary64())[CHOSEN[0].updated]
    assert found.tolist() == [[-1.0], [3.0]]
