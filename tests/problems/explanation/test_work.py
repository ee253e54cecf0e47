"""Looking for mistakes ends when a budget is spent; what is carried forward does not."""

from collections.abc import Mapping
from typing import Any

import numpy
import pytest

from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.verdict import Verdict
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.explanation.work import MOST_WORK, Work
from gradgrade.problems.grade import Grader
from tests.problems.test_verdicts import by_mistake, named


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return generate(load("depth"), "three-layers", student="1", secret=b"0")


@pytest.fixture(scope="module")
def wrong(exercise: Exercise) -> Mapping[str, Any]:
    return by_mistake(exercise, "residual_sign")


def verdict(
    exercise: Exercise, answers: Mapping[str, Any], *, most_work: int = MOST_WORK
) -> Verdict:
    grader = Grader(exercise)
    explainer = Explainer(exercise, most_work=most_work)
    return grader.marker.verdict(answers, explainer.explained)


def outcomes(found: Verdict) -> list[str]:
    return [part.outcome for part in found.parts]


def test_without_a_budget_nothing_is_named_and_the_same_is_carried_forward(exercise, wrong):
    with_one, without = verdict(exercise, wrong), verdict(exercise, wrong, most_work=0)
    assert any(map(named, with_one.parts))
    assert not any(map(named, without.parts))
    assert outcomes(with_one) == outcomes(without)
    assert "carried_forward" in outcomes(without)


def test_a_verdict_does_not_depend_on_what_was_explained_before(exercise, wrong):
    fresh = Grader(exercise)
    used = Grader(exercise)
    for code in ("weights_missing_backward", "gradient_ascent", "bias_left_out"):
        used.grade(by_mistake(exercise, code))
    assert used.grade(wrong) == fresh.grade(wrong) == used.grade(wrong)


@pytest.mark.parametrize("seed", range(3))
def test_chance_answers_take_no_more_than_the_budget_and_one_mistake(exercise, seed, monkeypatch):
    spent = []

    class Told(Work):
        def __init__(self, costs, *, most: int) -> None:
            super().__init__(costs, most=most)
            spent.append(self)

    monkeypatch.setattr("gradgrade.problems.explanation.explain.Work", Told)
    chance = numpy.random.default_rng(seed)
    answers = {part.name: chance.uniform(-1, 1, part.shape).tolist() for part in exercise.ask}
    verdict(exercise, answers)
    whole = 2 * sum(spent[0].costs.values())
    assert -whole <= spent[0].left < MOST_WORK
