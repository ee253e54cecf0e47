"""Large networks, proven by samples and along directions, hold what the full check finds."""

from typing import Any

from gradgrade.oracle.proof.certify import CertifiedValues, certify
from gradgrade.oracle.proof.crosscheck import LARGE, check_reference
from gradgrade.oracle.proof.witness import check_gradients
from gradgrade.problems import Exercise
from tests.strategies import dense, optimizer_document, variant


def wide(inputs: int, units: int, outputs: int, batch: int, iterations: int) -> Exercise:
    """A network with more entries in a parameter than are compared one by one."""
    exercise = variant(
        inputs=inputs,
        layers=[dense(units, "tanh"), dense(outputs, "softmax")],
        batch=batch,
        iterations=iterations,
        loss={"name": "cross_entropy"},
        regularization={"l2": 0.01},
        optimizer=optimizer_document("adam", "inverse_time"),
        ask=["loss"],
    )
    assert inputs * units > LARGE
    return exercise


def shown(values: CertifiedValues) -> dict[str, Any]:
    """The digits of all quantities."""
    return {name: value.digits(20) for name, value in values.items()}


def test_a_large_network_checked_by_samples_has_the_values_that_the_full_check_finds():
    exercise = wide(26, 20, 3, 1, 2)
    derivation, givens = exercise.derivation(), exercise.givens()
    sampled = certify(derivation, givens, digits=50)
    assert shown(sampled) == shown(certify(derivation, givens, digits=50, full=True))


def test_a_larger_networks_balls_hold_every_entry_of_the_reference():
    exercise = wide(40, 60, 10, 3, 3)
    values = certify(exercise.derivation(), exercise.givens(), digits=50)
    check_reference(values.enclosure, digits=50, full=True)


def test_a_large_networks_direction_agrees_with_every_iterations_gradients():
    exercise = wide(40, 60, 10, 3, 2)
    values = certify(exercise.derivation(), exercise.givens(), digits=20)
    check_gradients(values.enclosure, full=False)
