"""A derivation is one object for a structure, and is told from another as an object."""

from dataclasses import replace

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.routes import going_every_route
from gradgrade.oracle.derivation.steps import Step


def derived(units: int = 2) -> Derivation:
    """The derivation of a tanh layer."""
    network = Network(inputs=2, layers=(Dense(units=units, activation="tanh"),))
    return derive(network, Loss(name="squared_error"), Optimizer())


def test_the_same_structure_is_the_same_object():
    assert derived() is derived()
    assert derived() is not derived(3)


def test_derivations_and_steps_are_compared_and_hashed_as_objects():
    derivation = derived()
    for each in (derivation, derivation.steps[0]):
        copy = replace(each)
        assert copy != each
        assert hash(each) == object.__hash__(each)
        assert len({each, copy}) == 2


def test_a_derivation_without_routes_goes_every_route_as_it_is():
    derivation = derived()
    alone = replace(derivation, steps=tuple(replace(step, routes=()) for step in derivation.steps))
    assert going_every_route(alone) is alone
    assert going_every_route(derivation) is going_every_route(derivation)
    assert going_every_route(derivation) is not derivation


def test_a_step_of_which_nothing_more_is_said_is_a_value():
    step = derived().by_name[Name("loss")]
    plain = Step(step.quantity, step.reads, step.rule, step.formula)
    assert type(plain.role).__name__ == "Value"
