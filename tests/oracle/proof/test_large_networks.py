"""Large networks and programs, proven by samples and directions, hold what the full check finds."""

from dataclasses import replace
from typing import Any

import pytest
from flint import arb, arb_mat

from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.walking import given_rows
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.proof.certify import CertifiedValues, certify
from gradgrade.oracle.proof.crosscheck import LARGE, check_reference
from gradgrade.oracle.proof.enclose import Enclosure, bits_of, enclose
from gradgrade.oracle.proof.witness import check_gradients
from gradgrade.problems import Exercise
from tests.oracle.programs.compared import Program
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


BATCH, WIDTH = 23, 23
PERCEPTRON = Program(
    "z1 = x @ W1 + b1\na1 = tanh(z1)\nz2 = a1 @ W2 + b2\no = sum((sigmoid(z2) - y)**2) / 2",
    {
        "x": (BATCH, WIDTH),
        "W1": (WIDTH, WIDTH),
        "b1": (WIDTH,),
        "W2": (WIDTH, WIDTH),
        "b2": (WIDTH,),
        "y": (BATCH, WIDTH),
    },
)


@pytest.fixture(scope="module")
def perceptron() -> Enclosure:
    """The balls of a large program."""
    given = given_rows(PERCEPTRON.derivation, PERCEPTRON.givens)
    return enclose(PERCEPTRON.derivation, given, bits=bits_of(50))


def of_one_other_entry(enclosure: Enclosure, name: Any, *, by: float = 2**-100) -> Enclosure:
    """Balls of which one entry is elsewhere, by a share of itself."""
    matrix = enclosure.matrices[name]
    rows, columns, entries = matrix.nrows(), matrix.ncols(), matrix.entries()
    with enclosure.ball.active():
        entries[-1] *= 1 + arb(by)
    return replace(
        enclosure, matrices={**enclosure.matrices, name: arb_mat(rows, columns, entries)}
    )


def test_a_large_programs_balls_hold_every_entry_of_the_reference(perceptron):
    check_reference(perceptron, digits=50, full=True)
    check_gradients(perceptron, full=False)


def test_the_reference_compares_all_that_lines_of_a_large_program_make_and_are_passed(perceptron):
    passed_on = [
        step.name
        for step in PERCEPTRON.derivation.steps
        if step.quantity.group in (Group.LINE, Group.LINE_GRADIENT, Group.INTERNAL)
        and step.quantity.matrix_shape == (BATCH, WIDTH)
    ]
    assert len(passed_on) >= 10
    for name in passed_on:
        with pytest.raises(NotCertified, match="the reference disagrees"):
            check_reference(of_one_other_entry(perceptron, name), digits=50, full=False)


def test_of_a_large_parameters_gradient_the_reference_takes_a_sample_alone(perceptron):
    gradient = PERCEPTRON.derivation.results["dW1"].name
    changed = of_one_other_entry(perceptron, gradient)
    check_reference(changed, digits=50, full=False)
    with pytest.raises(NotCertified, match="the reference disagrees"):
        check_reference(changed, digits=50, full=True)


def test_of_a_large_parameters_gradient_the_witness_finds_what_the_sample_leaves_out(perceptron):
    gradient = PERCEPTRON.derivation.results["dW1"].name
    with pytest.raises(NotCertified, match="the witness disagrees"):
        check_gradients(of_one_other_entry(perceptron, gradient, by=2**-20), full=False)
