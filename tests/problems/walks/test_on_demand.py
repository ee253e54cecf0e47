"""A walk on demand comes to what a whole walk comes to, and takes no step twice."""

from collections import Counter

import numpy
import pytest

from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.steps import Step
from gradgrade.oracle.derivation.walking import anew, walk_steps
from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.walks.on_demand import WalkOnDemand, led_to, lowest
from gradgrade.problems.walks.stacked import Assessment, assess

EXERCISES = (
    ("depth", "three-layers"),
    ("convolution-and-sequences", "recurrent"),
    ("optimizers", "nesterov"),
)


@pytest.fixture(autouse=True)
def _mistakes_may_overflow():
    with numpy.errstate(all="ignore"):
        yield


@pytest.fixture(scope="module", params=EXERCISES, ids="/".join)
def assessment(request) -> Assessment:
    problem_set, name = request.param
    return assess([generate(load(problem_set), name, student="1", secret=b"0")])


def right_walk(assessment: Assessment, taken: list[Step]) -> WalkOnDemand:
    return lowest(assessment.estimates, assessment.arithmetic, taken.append)


def test_what_a_mistake_leads_to_is_the_same_as_in_a_whole_walk(assessment):
    for mistake in mistakes(assessment.derivation):
        predicted = assessment.predict(mistake)
        walk = right_walk(assessment, []).upon(anew(assessment.derivation, mistake.derivation))
        for part in assessment.exercise.ask:
            quantity = assessment.quantities[part.name]
            found = assessment.entries(quantity, walk.made(quantity.name).value)
            assert numpy.array_equal(found, predicted.values[part.name], equal_nan=True)


def test_no_step_is_taken_twice_and_none_that_is_not_asked_for(assessment):
    for mistake in mistakes(assessment.derivation):
        taken: list[Step] = []
        steps = anew(assessment.derivation, mistake.derivation)
        walk = right_walk(assessment, taken).upon(steps)
        for part in assessment.exercise.ask:
            target = assessment.quantities[part.name].name
            way = walk.way(target)
            before = len(taken)
            walk.made(target)
            assert {step.name for step in taken[before:]} <= way.made
        assert max(Counter(taken).values(), default=1) == 1
        assert {step.name for step in taken} <= steps.keys()


def test_a_walk_upon_another_shares_what_both_have(assessment):
    first, second = mistakes(assessment.derivation)[:2]
    taken: list[Step] = []
    below = right_walk(assessment, taken).upon(anew(assessment.derivation, first.derivation))
    above = below.upon(anew(first.derivation, second.derivation))
    for part in assessment.exercise.ask:
        above.made(assessment.quantities[part.name].name)
    count = len(taken)
    for part in assessment.exercise.ask:
        above.read(assessment.quantities[part.name].name)
    assert len(taken) == count


def test_values_of_one_s_own_are_gone_on_from_and_not_made(assessment):
    derivation = assessment.derivation
    asked = [assessment.quantities[part.name].name for part in assessment.exercise.ask]
    own = {name: 2 * assessment.estimates[name] for name in asked}
    walk = right_walk(assessment, []).upon(led_to(derivation, own), own=own)
    known: dict[Name, object] = {**assessment.estimates, **own}
    for name in asked:
        way = walk.way(name)
        # The steps between their own values and this one, walked in a row.
        steps = [step for step in derivation.steps if step in way.steps]
        expected = walk_steps(steps, known, assessment.arithmetic)[name]
        found = walk.made(name).value if way.own else assessment.estimates[name].value
        if way.own:
            assert numpy.array_equal(found, expected.value, equal_nan=True)
        assert way.own <= own.keys() - {name}
        assert walk.read(name) is own[name]
