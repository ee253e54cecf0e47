"""Variants proven together, checked fast or both: what each has that is proven alone."""

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from flint import arb
from hypothesis import given, settings

from gradgrade.oracle.arithmetic.stacked_ball import Stack, StackedBall
from gradgrade.oracle.derivation.walking import given_rows, walk
from gradgrade.oracle.errors import OracleError
from gradgrade.oracle.proof import stacked, witness
from gradgrade.oracle.proof.certify import certify
from gradgrade.oracle.proof.stacked import certify_together
from gradgrade.oracle.proof.witness import agreeing
from gradgrade.problems import Exercise, ExerciseError, ProblemSet
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.solution import Check
from gradgrade.problems.documents.strict_json import dumps, loads
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.gates.rules import Rules
from gradgrade.problems.generate import generate
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.variants.rosters import Chunk, Made, make
from tests.catalogue import CATALOGUE
from tests.examples import examples, spread
from tests.problems.ungated import Ungated
from tests.strategies import problem_sets

GENERATING = import_module("gradgrade.problems.generate")
CHECKS: tuple[Check, ...] = ("full", "fast")


def made(of: ProblemSet, exercise: str, check: Check, rules: Rules) -> tuple[Made, ...]:
    """Four students' variants: all but the first are proven together."""
    chunk = Chunk(
        problem_set=of,
        exercise=exercise,
        students=("1", "2", "3", "4"),
        rules=rules,
        secret=b"0",
        check=check,
    )
    return make(chunk)


def outcome(of: ProblemSet, exercise: str, check: Check, rules: Rules) -> tuple[Made, ...] | str:
    """The variants, or why there are none; what no gate looked at may be too small to write."""
    try:
        return made(of, exercise, check, rules)
    except (ExerciseError, OracleError) as error:
        return str(error)


def none_together(_: Any, givens: list[Any], **__: Any) -> list[None]:
    """Leave all to be proven alone."""
    return [None] * len(givens)


def assert_same_however_proven(of: ProblemSet, exercise: str, rules: Rules) -> None:
    full, fast = (outcome(of, exercise, check, rules) for check in CHECKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GENERATING, "certify_together", none_together)
        # As text: of what leaves the range of doubles the accuracy is no number, nor itself.
        assert repr(outcome(of, exercise, "full", rules)) == repr(full)
        assert repr(outcome(of, exercise, "fast", rules)) == repr(fast)
    if isinstance(full, str) or isinstance(fast, str):
        assert full == fast
        return
    for one, other in zip(full, fast, strict=True):
        assert repr(replace(other, solution=one.solution)) == repr(one)
        assert "check" not in loads(one.solution)
        assert other.solution == dumps({**loads(one.solution), "check": "fast"})


@pytest.mark.parametrize(("name", "exercise"), spread(CATALOGUE))
def test_the_catalogue_has_the_same_documents_however_they_are_proven(name, exercise):
    of = load(name)
    assert_same_however_proven(of, exercise, rules_of(compile_template(of, exercise)))


@settings(max_examples=examples(80, in_full=2_000))
@given(problem_sets())
def test_drawn_structures_have_the_same_documents_however_they_are_proven(drawn):
    # Nearly all of the time goes to what is proven, and none of it to draws that gates reject.
    assert_same_however_proven(drawn, "exercise", Ungated())


def variants(count: int) -> list[Exercise]:
    """Some students' variants of a network of the catalogue."""
    of = load("first-steps")
    names = map(str, range(count))
    return [generate(of, "sigmoid-batch", student=name, secret=b"1") for name in names]


def proven(exercises: list[Exercise]) -> list[Any]:
    """What is proven of some variants together, after one of them alone."""
    derivation = exercises[0].derivation()
    givens = [each.givens() for each in exercises]
    certify(derivation, givens[0], digits=50)
    bands = [None] * len(givens)
    return certify_together(derivation, givens, digits=50, bands=bands)


def test_small_networks_are_proven_together():
    exercises = variants(3)
    for exercise, found in zip(exercises, proven(exercises), strict=True):
        alone = certify(exercise.derivation(), exercise.givens(), digits=50)
        assert {name: each.digits(50) for name, each in found.items()} == {
            name: each.digits(50) for name, each in alone.items()
        }


def test_a_gradient_that_is_off_in_one_variant_is_told_of_that_one():
    exercises = variants(3)
    derivation = exercises[0].derivation()
    assert all(proven(exercises))
    ball = StackedBall(bits=192, count=3)
    given = [given_rows(derivation, each.givens()) for each in exercises]
    with ball.active():
        known = {name: ball.taken([each[name] for each in given]) for name in given[0]}
    walked = walk(derivation, known, ball)
    assert agreeing(derivation, ball, walked) == [True, True, True]
    name = derivation.results["dW1"].name
    entries = list(walked[name].entries)
    with ball.active():
        entries[len(entries) // 3] *= 1 + arb(1e-20)  # the first of the second variant
    wrong = {**walked, name: Stack(walked[name].shape, entries)}
    assert agreeing(derivation, ball, wrong) == [True, False, True]


def test_balls_that_the_reference_does_not_have_are_left_to_the_proof_of_one(monkeypatch):
    exercises = variants(3)
    right = StackedBall.sigmoid
    monkeypatch.setattr(StackedBall, "sigmoid", lambda *each: right(*each) * (1 + arb(1e-30)))
    monkeypatch.setattr(stacked, "agreeing", lambda *_: [True] * 3)
    assert proven(exercises) == [None, None, None]


def test_no_variant_is_proven_with_others_before_one_was_proven_alone():
    exercises = variants(3)
    derivation = exercises[0].derivation()
    for each in witness.iterations(derivation):
        each.were_alone.clear()
    givens = [each.givens() for each in exercises]
    assert certify_together(derivation, givens, digits=50, bands=[None] * 3) == [None] * 3
