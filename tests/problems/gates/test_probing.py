"""What most draws tell apart, every variant does; what is listed instead, and why."""

import numpy
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems.catalogue import load
from gradgrade.problems.gates.probing import (
    LEAST_SHARE,
    LEAST_TOGETHER,
    find_rules,
    held_where_most_pass,
)
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import compile_template
from gradgrade.problems.walks.stacked import assess

draws = st.integers(1, 40)


def gated(exposed):
    """Which of some mistakes, a row each, every variant has to show."""
    passing = {str(at): row for at, row in enumerate(exposed)}
    held = held_where_most_pass(passing, numpy.ones(exposed.shape[-1], dtype=bool))
    return numpy.array([str(at) in held for at in range(len(exposed))])


@st.composite
def exposures(draw):
    """Which of some draws expose each of some mistakes, each mistake with a share of its own."""
    count = draw(draws)
    return numpy.array(
        [
            draw(st.lists(st.integers(0, 9).map(share.__gt__), min_size=count, max_size=count))
            for share in draw(st.lists(st.integers(0, 10), min_size=1, max_size=30))
        ]
    )


@given(exposures())
def test_gated_misconceptions_leave_a_third_of_the_draws_however_many_there_are(exposed):
    remaining = exposed[gated(exposed)].all(axis=0)
    assert remaining.mean() >= LEAST_TOGETHER


@given(exposures())
def test_what_most_draws_show_is_gated_unless_too_few_show_it_with_all_the_others(exposed):
    is_gated = gated(exposed)
    shares = exposed.mean(axis=-1)
    together = exposed[is_gated].all(axis=0)
    assert (shares[is_gated] > LEAST_SHARE).all()
    for at in numpy.flatnonzero((shares > LEAST_SHARE) & ~is_gated):
        assert (together & exposed[at]).mean() < LEAST_TOGETHER


def test_what_all_draws_show_is_always_gated():
    exposed = numpy.array([[True] * 8, [False] * 8, [True] * 4 + [False] * 4])
    assert gated(exposed).tolist() == [True, False, False]


def test_a_dead_gradient_is_listed_where_mistakes_show_only_by_units_that_are_off():
    # Of one sample: who forgets ReLU is right wherever all units are on.
    rules = find_rules(compile_template(load("first-steps"), "relu"))
    dead = {each.subject: each for each in rules.findings if each.gate == "dead_gradient"}
    assert set(dead) == {"dW1", "db1", "dW2"}
    assert {each.kind for each in dead.values()} == {"rare"}
    for mistake in ("activation_forgotten", "relu_mask_on_weights"):
        assert ("misconception", mistake) not in rules.told


def test_a_dead_gradient_is_gated_where_most_draws_have_none():
    rules = find_rules(compile_template(load("depth"), "8-16-8-4"))
    assert not any(each.gate == "dead_gradient" for each in rules.findings)


def test_a_mistake_that_few_draws_show_leaves_most_of_them_to_be_issued():
    # Taking ReLU for the output's identity shows only where an output is negative.
    template = compile_template(load("first-steps"), "relu")
    rules = find_rules(template)
    (rare,) = (
        each for each in rules.findings if (each.gate, each.kind) == ("misconception", "rare")
    )
    assert rare.subject == "relu_for_stated"
    assert LEAST_SHARE <= rare.share < 1
    assert "too few draws" in rare.text
    drawn = [template.exercise(bytes(32), template.draw(Stream(b"draws", at))) for at in range(64)]
    reasons = rules.reasons(assess(drawn))
    assert reasons.count(None) > 0.4 * len(reasons)
