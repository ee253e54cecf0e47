"""Derivations walked together come to what each comes to alone, and take no step twice."""

import numpy
import pytest

from gradgrade.oracle.arithmetic.binary64 import Binary64
from gradgrade.oracle.derivation.walking import anew, given_rows, rewalk, take, walk
from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.walks.differing import bits, difference, places
from gradgrade.problems.walks.together import WalkTogether

EXERCISES = (
    ("depth", "three-kinds-of-bias"),
    ("convolution-and-sequences", "max-pooling"),
    ("convolution-and-sequences", "recurrent"),
    ("regularization-and-normalization", "batch-normalization"),
)


@pytest.fixture(autouse=True)
def _mistakes_may_overflow():
    with numpy.errstate(all="ignore"):
        yield


@pytest.fixture(scope="module", params=EXERCISES, ids="/".join)
def exercise(request) -> Exercise:
    problem_set, name = request.param
    return generate(load(problem_set), name, student="1", secret=b"0")


def test_each_comes_to_what_it_comes_to_alone(exercise):
    derivation, arithmetic = exercise.derivation(), Binary64()
    known = walk(
        derivation, take(given_rows(derivation, exercise.givens()), arithmetic), arithmetic
    )
    others = [each.derivation for each in mistakes(derivation)]
    taken = list[int]()
    together = WalkTogether(
        derivation,
        known,
        [difference(derivation, each) for each in others],
        arithmetic=arithmetic,
        taking=lambda _, count: taken.append(count),
    )
    alone = [rewalk(derivation, known, each, arithmetic) for each in others]
    for name in derivation.by_name:
        rows = together.reaching(name)
        for row, made in zip(bits(rows), together.made(name, rows) if rows else (), strict=True):
            numpy.testing.assert_allclose(made, alone[row][name], rtol=1e-9, atol=1e-12)
    assert sum(taken) <= sum(len(anew(derivation, each)) for each in others)
    assert len(taken) < sum(taken) / 2


def test_a_difference_is_what_a_walk_takes_anew(exercise):
    derivation = exercise.derivation()
    for mistake in mistakes(derivation):
        found = anew(derivation, mistake.derivation)
        told = difference(derivation, mistake.derivation)
        assert told.steps(derivation) == found
        assert told.reached == places(derivation, found)
