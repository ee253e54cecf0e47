"""Which steps lead where, as bits: the same as sought backward from where they lead to."""

from random import Random

import pytest

from gradgrade.oracle.derivation.derivation import Derivation
from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.misconceptions import mistakes
from gradgrade.problems.walks.differing import (
    bits,
    difference,
    leading_from,
    leading_here,
    places,
)

EXERCISES = (("seeds", "004-two-two-two"), ("convolution-and-sequences", "recurrent"))


@pytest.fixture(scope="module", params=EXERCISES, ids="/".join)
def derivation(request) -> Derivation:
    problem_set, name = request.param
    return generate(load(problem_set), name, student="1", secret=b"0").derivation()


@pytest.mark.parametrize("share", [0, 1 / 2, 1 / 3])
def test_steps_lead_from_what_is_known_as_they_are_needed_from_there(derivation, share):
    names = list(derivation.by_name)
    known = Random(0).sample(names, int(share * len(names)))
    leading = leading_from(known, derivation)
    for target in derivation.by_name:
        needed = derivation.needed_for(target, from_names={*known} - {target})
        assert leading[target] == places(derivation, [step.name for step in needed])
        if not known:
            assert leading_here(derivation)[target] == leading[target]


def test_what_a_mistake_replaces_is_among_what_it_reaches(derivation):
    for mistake in mistakes(derivation):
        found = difference(derivation, mistake.derivation)
        replaced = {derivation.steps[place].name for place in bits(found.replaced)}
        assert replaced == found.changed.keys() & derivation.by_name.keys()
        assert found.replaced & ~found.reached == 0
