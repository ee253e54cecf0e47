"""Large networks and programs, proven by samples and directions, hold what the full check finds."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy
import pytest
from flint import arb, arb_mat

from gradgrade.oracle import Dense, Derivation, Loss, Network, Optimizer, derive
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.quantities import Group
from gradgrade.oracle.derivation.walking import evaluate, given_rows
from gradgrade.oracle.errors import NotCertified
from gradgrade.oracle.programs.deriving import derive_program
from gradgrade.oracle.programs.graph import ArrayType, graph_of
from gradgrade.oracle.programs.reading import read_program
from gradgrade.oracle.proof.certify import CertifiedValues, certify
from gradgrade.oracle.proof.crosscheck import LARGE, check_reference
from gradgrade.oracle.proof.enclose import Enclosure, bits_of, enclose
from gradgrade.oracle.proof.joined import joined
from gradgrade.oracle.proof.witness import check_gradients
from gradgrade.oracle.training.stopping import stopping, stopping_early
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


PERCEPTRON = Program(
    "z1 = x @ W1 + b1\na1 = tanh(z1)\nz2 = a1 @ W2 + a1 @ V\n"
    "o = sum((sigmoid(z2) - y)**2) / 2 + sum(W1 @ v) + sum(W2 * W2)",
    {
        "x": (19, 27),
        "W1": (27, 30),
        "b1": (30,),
        "W2": (30, 28),
        "V": (30, 28),
        "v": (30,),
        "y": (19, 28),
    },
)
"""More rows than columns and fewer; a line that is read twice, and weights that are."""


@pytest.fixture(scope="module")
def perceptron() -> Enclosure:
    """The balls of a large program."""
    return enclosed(PERCEPTRON.derivation, PERCEPTRON.givens)


def enclosed(derivation: Derivation, givens: Mapping[str, Any]) -> Enclosure:
    """The balls of a derivation."""
    return enclose(derivation, given_rows(derivation, givens), bits=bits_of(50))


def of_half_as_much_again(enclosure: Enclosure, name: Any) -> Enclosure:
    """Balls of which those of one quantity are elsewhere."""
    matrix = enclosure.matrices[name]
    with enclosure.ball.active():
        matrices = {**enclosure.matrices, name: matrix * arb(1.5)}
    return replace(enclosure, matrices=matrices, joined=joined(matrices, enclosure.joined.names))


def is_noticed(enclosure: Enclosure) -> bool:
    """Whether the reference or the witness disagrees."""
    try:
        check_reference(enclosure, digits=50, full=False)
        check_gradients(enclosure, full=False)
    except NotCertified:
        return True
    return False


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


@pytest.mark.slow
def test_the_reference_compares_all_that_lines_of_a_large_program_make_and_are_passed(perceptron):
    passed_on = [
        step.name
        for step in PERCEPTRON.derivation.steps
        if (step.quantity.group in (Group.LINE, Group.LINE_GRADIENT) or "through" in str(step.name))
        and prod(step.quantity.matrix_shape) > LARGE
    ]
    assert {"z1", "a1", "z2", "dz1", "da1", "dz2"} < set(map(str, passed_on))
    for name in passed_on:
        with pytest.raises(NotCertified, match="the reference disagrees"):
            check_reference(of_one_other_entry(perceptron, name), digits=50, full=False)


def test_of_a_large_parameters_gradient_the_reference_takes_a_sample_alone(perceptron):
    gradient = PERCEPTRON.derivation.results["dV"].name
    changed = of_one_other_entry(perceptron, gradient)
    check_reference(changed, digits=50, full=False)
    with pytest.raises(NotCertified, match="the reference disagrees"):
        check_reference(changed, digits=50, full=True)


@pytest.mark.parametrize("text", ["dW1", "dW2", "dV", "dx"])
def test_of_a_large_gradient_the_witness_finds_what_a_sample_leaves_out(text, perceptron):
    gradient = PERCEPTRON.derivation.results[text].name
    with pytest.raises(NotCertified, match="the witness disagrees"):
        check_gradients(of_one_other_entry(perceptron, gradient, by=2**-20), full=False)


def test_of_a_vectors_large_gradient_a_sample_is_taken():
    program = Program("o = sum((x @ v)**2)", {"x": (2, 600), "v": (600,)})
    enclosure = enclosed(program.derivation, program.givens)
    check_reference(enclosure, digits=50, full=False)
    changed = of_one_other_entry(enclosure, program.derivation.results["dv"].name)
    check_reference(changed, digits=50, full=False)
    with pytest.raises(NotCertified, match="the reference disagrees about dv"):
        check_reference(changed, digits=50, full=True)


WIDTH, SAMPLES, ITERATIONS = 23, 2, 2


def of_a_program() -> Derivation:
    """Two updates of a large layer, of a program."""
    shapes = {
        **{"x": (SAMPLES, WIDTH), "W": (WIDTH, WIDTH), "b": (WIDTH,), "y": (SAMPLES, WIDTH)},
        "xv": (SAMPLES, WIDTH),
    }
    graph = graph_of(
        read_program("z = x @ W + b\na = tanh(z)\nL = sum((a - y)**2)"),
        {name: ArrayType(shape=shape) for name, shape in shapes.items()},
    )
    return derive_program(
        graph,
        differentiate="L",
        parameters=["W", "b"],
        optimizer=Optimizer(name="momentum"),
        iterations=ITERATIONS,
    )


def of_a_network() -> Derivation:
    """The same of a network."""
    network = Network(inputs=WIDTH, layers=(Dense(units=WIDTH, activation="tanh"),))
    loss, optimizer = Loss(name="squared_error", reduction="sum"), Optimizer(name="momentum")
    return derive(network, loss, optimizer, batch=SAMPLES, iterations=ITERATIONS)


def drawn(derivation: Derivation) -> dict[str, Any]:
    """Numbers for all that is given; training holds on until the second iteration."""
    numbers = numpy.random.default_rng(1)
    given: dict[str, Any] = {
        str(each.name): numbers.uniform(-0.5, 0.5, each.document_shape("column")).tolist()
        for each in derivation.givens
    }
    given |= {"learning_rate": 0.05, "momentum": 0.5}
    if "xv" in given:
        given["xv"] = (-numpy.array(given["x"])).tolist()  # on which what is learned is wrong
    for bound, measured in (("loss_below", LOSSES), ("gradient_norm_below", ("gradient_norm",))):
        if bound in derivation.given:
            values = evaluate(derivation, given | {bound: 1e9}, Binary64()).matrices
            named = {str(step.name): values[step.name] for step in derivation.steps}
            found = [
                named[f"{text}@{at}"].item()
                for text in measured
                for at in (1, 2)
                if f"{text}@1" in named
            ]
            given[bound] = sum(found) / 2
    return given


LOSSES = ("L", "loss")


@pytest.mark.slow
@pytest.mark.parametrize(
    "derivation",
    [
        stopping(of_a_program(), "loss_below"),
        stopping(of_a_program(), "gradient_norm_below"),
        stopping_early(of_a_program(), 1, ((Name("x"), Name("xv")),)),
        stopping(of_a_network(), "gradient_norm_below"),
    ],
    ids=["program, loss", "program, norm", "program, patience", "network, norm"],
)
def test_whatever_is_wrong_where_large_training_stops_is_noticed(derivation):
    enclosure = enclosed(derivation, drawn(derivation))
    assert not is_noticed(enclosure)
    unnoticed = [
        str(step.name)
        for step in derivation.steps
        if not all(entry.is_zero() for entry in enclosure.matrices[step.name].entries())
        and not is_noticed(of_half_as_much_again(enclosure, step.name))
    ]
    assert unnoticed == []
