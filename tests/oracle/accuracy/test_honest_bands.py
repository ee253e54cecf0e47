"""Honest students are within their bands, and what is not honest arithmetic is far outside."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradgrade.oracle import Dense, Loss, Network, Optimizer, derive
from gradgrade.oracle.accuracy.honest_bands import CONSTANT, estimates
from gradgrade.oracle.arithmetic import running_error
from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Route
from gradgrade.oracle.derivation.walking import take, walk
from gradgrade.oracle.errors import UndefinedValue
from gradgrade.oracle.functions.activations import ACTIVATIONS
from gradgrade.oracle.networks.layers import (
    BatchNormalization,
    Layer,
    LayerNormalization,
    Lstm,
    Recurrent,
)
from tests.examples import examples
from tests.oracle.drawn import Case, cases, numbered
from tests.oracle.judge import REFERENCE, Judge
from tests.oracle.students import worked

TYPES = {"binary64": numpy.float64, "binary32": numpy.float32}


@pytest.mark.parametrize("precision", ["binary64", "binary32"])
@given(case=cases(), seed=st.integers(0, 2**32))
@settings(max_examples=examples(25))
def test_honest_students_are_within_their_bands(precision: str, case: Case, seed: int):
    try:
        judge = Judge.of(case, precision=precision)
    except UndefinedValue:
        assume(False)
        raise
    assume(max(abs(entry) for rows in judge.truth.values() for entry in chain(*rows)) < 1e30)
    answers = worked(case.derivation, case.given, seed=seed, precision=TYPES[precision])
    assert {str(name) for name, distance in judge.distances(answers) if distance > 1} == set()


def derivation_of(
    *layers: Layer, inputs: int | tuple[int, ...] = 3, loss: str = "squared_error", **options: Any
) -> Derivation:
    """A derivation for three samples."""
    network = Network(inputs=inputs, layers=layers)
    return derive(network, Loss(name=loss), Optimizer(**options), batch=3)


def two_layers(activation: str, **options: Any) -> Derivation:
    """A derivation of a hidden layer and a linear one."""
    return derivation_of(Dense(units=4, activation=activation), Dense(units=2), **options)


LONG_SUMS = numbered(derivation_of(Dense(units=3, activation="softplus"), inputs=784), scale=0.1)
BATTERY = [
    *(numbered(two_layers(name), seed=seed) for seed, name in enumerate(sorted(ACTIVATIONS))),
    *(numbered(two_layers("tanh"), seed=seed, are_decimals=True) for seed in range(3)),
    numbered(two_layers("sigmoid", name="adam", schedule="cosine")),
    numbered(derivation_of(Dense(units=3, activation="softmax"), loss="cross_entropy")),
    numbered(derivation_of(Lstm(units=2), Recurrent(units=2), inputs=(3, 2))),
    numbered(
        derivation_of(Dense(units=4, bias="none"), BatchNormalization(), LayerNormalization())
    ),
    LONG_SUMS,
]


def furthest(case: Case, *, students: int = 6, among: str = "") -> float:
    """How far the furthest entry of some students is from the true one, in bands."""
    judge = Judge.of(case)
    answers = (worked(case.derivation, case.given, seed=seed) for seed in range(students))
    found = chain.from_iterable(map(judge.distances, answers))
    return max(distance for name, distance in found if among in str(name))


def test_the_bands_are_neither_narrow_nor_idle():
    # Of the 16 roundings that are allowed students use between one half and four.
    assert 0.5 / CONSTANT < max(map(furthest, BATTERY)) < 4 / CONSTANT


@pytest.mark.parametrize("precision", ["binary64", "binary32"])
def test_ordinary_networks_have_bands_everywhere(precision: str):
    for case in BATTERY:
        judge = Judge.of(case, precision=precision)
        assert all(numpy.isfinite(band).all() for band in judge.bands.values())


def test_stacked_variants_have_the_bands_that_each_has_alone():
    derivation = two_layers("gelu", name="adam")
    variants = [numbered(derivation, seed=seed) for seed in range(4)]
    stack = {
        name: numpy.array([each.given[name] for each in variants]) for name in variants[0].given
    }
    stacked = estimates(derivation, stack, givens_are_rounded=False)
    for index, each in enumerate(variants):
        alone = estimates(derivation, each.given, givens_are_rounded=False)
        for name, estimate in alone.items():
            for found, expected in (
                (stacked[name].value, estimate.value),
                (stacked[name].error, estimate.error),
            ):
                whole = numpy.broadcast_to(found, (len(variants), *expected.shape))
                numpy.testing.assert_allclose(whole[index], expected, rtol=1e-12)


def test_every_route_is_walked():
    derivation = two_layers("sigmoid")
    delta = derivation.by_name[Name("z", 1).gradient]
    loud = Route(delta.reads, lambda arithmetic, da, z: arithmetic.multiply(z, da) * 1e9)
    given = numbered(derivation).given
    quiet, louder = (
        estimates(each, given, givens_are_rounded=False)[delta.name].error
        for each in (derivation, derivation.replacing(replace(delta, routes=(loud,))))
    )
    assert (louder > 1e6 * quiet).all()


# In doubles a distribution's sum is a little off 1, and then a − y is not the same.
@given(case=cases(scales=[0.5, 3], are_decimals=[True]))
@settings(max_examples=examples(25))
def test_every_route_finds_what_its_step_finds(case: Case):
    try:
        values = walk(case.derivation, take(case.given, REFERENCE), REFERENCE)
    except UndefinedValue:
        assume(False)
        raise
    for step in case.derivation.steps:
        for route in step.routes:
            found = route.rule(REFERENCE, *(values[name] for name in route.reads))
            entries = zip(chain(*found), chain(*values[step.name]), strict=True)
            assert all(abs(one - other) < 1e-40 * max(1, abs(other)) for one, other in entries)


def test_a_route_that_cannot_be_walked_is_an_error():
    derivation = two_layers("sigmoid")
    delta = derivation.by_name[Name("z", 1).gradient]
    broken = derivation.replacing(replace(delta, routes=(Route((), delta.rule),)))
    with pytest.raises(TypeError):
        estimates(broken, numbered(derivation).given, givens_are_rounded=False)


# What must be rejected, so that the tests above mean something


def test_an_error_that_counts_no_roundings_rejects_honest_students(monkeypatch: Any):
    monkeypatch.setattr(running_error, "_rounding", numpy.zeros_like)
    for case in BATTERY:
        # Decimals are off before anything is computed.
        if not case.are_decimals:
            assert furthest(case, students=1) > 1


def test_an_error_that_does_not_grow_with_the_length_of_sums_rejects_naive_loops(monkeypatch: Any):
    case = replace(LONG_SUMS, given=LONG_SUMS.given | {Name("x"): [[0.7] * 3] * 784})
    case = replace(case, given=case.given | {Name("W", 1): [[0.1] * 784] * 3})
    assert furthest(case, among="z") < 1
    monkeypatch.setattr(running_error, "_weight_of_sum", lambda _: 1.0)
    assert furthest(case, among="z") > 1


def gradients(derivation: Derivation) -> dict[Name, Name]:
    """The names of the gradients, by the parameters that they belong to."""
    steps = derivation.by_name
    return {
        each.name: each.name.gradient for each in derivation.givens if each.name.gradient in steps
    }


def worst_of_each(judge: Judge, answers: Mapping[Name, Any]) -> list[float]:
    """How far the furthest entry of each answer is from the true one, in bands."""
    return [
        max(distance for _, distance in judge.distances({name: answer}))
        for name, answer in answers.items()
    ]


@pytest.mark.parametrize("case", BATTERY)
def test_float32_that_poses_as_float64_is_far_outside(case: Case):
    answers = worked(case.derivation, case.given, seed=0, precision=numpy.float32)
    found = {name: answers[name] for name in gradients(case.derivation).values()}
    assert min(worst_of_each(Judge.of(case), found)) > 1e4


@pytest.mark.parametrize("case", BATTERY)
def test_central_differences_are_outside(case: Case):
    binary64 = Binary64()
    matrices = take(case.given, binary64)

    def loss(parameter: Name, place: tuple[int, ...], change: float) -> float:
        moved = matrices[parameter].copy()
        moved[place] += change
        walked = walk(case.derivation, matrices | {parameter: moved}, binary64)
        return float(walked[Name("loss")][0, 0])

    found = {}
    for parameter, gradient in gradients(case.derivation).items():
        found[gradient] = numpy.zeros_like(matrices[parameter])
        for place in islice(numpy.ndindex(found[gradient].shape), 20):
            change = loss(parameter, place, 1e-5) - loss(parameter, place, -1e-5)
            found[gradient][place] = change / 2e-5
    assert min(worst_of_each(Judge.of(case), found)) > 1
