"""By how much mistakes miss, told by walking no further than it takes, is what whole walks tell."""

from random import Random

import numpy
import pytest

from gradgrade.oracle.accuracy.honest_bands import honest_bands
from gradgrade.oracle.derivation.walking import rewalk
from gradgrade.problems.catalogue import load
from gradgrade.problems.gates import GATES
from gradgrade.problems.gates.base import Array, Candidates
from gradgrade.problems.gates.misconceptions import MISCONCEPTION, bands_missed, bands_missed_alone
from gradgrade.problems.gates.probing import rules_of
from gradgrade.problems.misconceptions import Mistake, mistakes
from gradgrade.problems.templates.streams import Stream
from gradgrade.problems.templates.template import Template, compile_template
from gradgrade.problems.walks.stacked import assess
from tests.catalogue import CATALOGUE
from tests.evidence.draws import KINDS
from tests.examples import spread
from tests.strategies import problem_set

DRAWS = 4


def by_whole_walks(candidates: Candidates, mistake: Mistake) -> Array:
    """What the mistake comes to in every part, each step of it walked."""
    assessment = candidates.assessment
    precision = assessment.exercise.precision
    walked = rewalk(
        assessment.derivation, assessment.estimates, mistake.derivation, assessment.arithmetic
    )
    missed = [numpy.zeros(len(candidates))]
    for name, quantity in candidates.quantities.items():
        if walked[quantity.name] is not assessment.estimates[quantity.name]:
            answer = candidates.entries(quantity, walked[quantity.name].value)
            distance = numpy.abs(answer - candidates.values[name])
            made = honest_bands(walked[quantity.name], precision=precision)
            rounding = candidates.entries(quantity, made + candidates.honest(quantity.name))
            is_no_miss = (distance <= rounding) | candidates.known_zeros(name)
            bands = numpy.where(is_no_miss, 0.0, distance / candidates.bands[name])
            missed.append(numpy.where(numpy.isnan(bands), numpy.inf, bands).max(axis=-1))
    return numpy.max(missed, axis=0)


def assert_missed_by_what_whole_walks_tell(template: Template) -> None:
    streams = (Stream(b"missed", attempt) for attempt in range(DRAWS))
    drawn = [template.exercise(bytes(32), template.draw(stream)) for stream in streams]
    candidates = Candidates(assess(drawn), rules_of(template).zeros)
    with numpy.errstate(all="ignore"):
        for mistake in mistakes(candidates.derivation):
            whole = by_whole_walks(candidates, mistake)
            assert numpy.array_equal(bands_missed(candidates, mistake), whole)
            for enough in (2, candidates.margin):
                found = bands_missed(candidates, mistake, enough=enough)
                assert (found <= whole).all()
                assert numpy.array_equal(found < enough, whole < enough)
    assert_alone_as_one_by_one(Candidates(assess(drawn[:1]), candidates.zeros))


def assert_alone_as_one_by_one(candidates: Candidates) -> None:
    """Of a lone variant all mistakes are walked together, which sums in another order at most."""
    known = mistakes(candidates.derivation)
    if not known:
        return
    with numpy.errstate(all="ignore"):
        alone = bands_missed_alone(candidates, known)
        each = numpy.concatenate([bands_missed(candidates, mistake) for mistake in known])
        enough = candidates.margin
        found = bands_missed_alone(candidates, known, enough=enough)
    numpy.testing.assert_allclose(alone, each, rtol=1e-6)
    assert numpy.array_equal(found < enough, each < enough)


@pytest.mark.parametrize(("name", "exercise"), spread(CATALOGUE))
def test_mistakes_in_the_catalogue_miss_by_what_whole_walks_tell(name, exercise):
    assert_missed_by_what_whole_walks_tell(compile_template(load(name), exercise))


@pytest.mark.parametrize("kind", spread(list(KINDS)))
def test_mistakes_in_drawn_exercises_miss_by_what_whole_walks_tell(kind):
    definition = KINDS[kind](Random(f"missed {kind}"))
    assert_missed_by_what_whole_walks_tell(compile_template(problem_set(**definition), "exercise"))


def test_a_mistake_that_is_not_gated_is_asked_of_no_variant():
    template = compile_template(load("layers-backward"), "layer-normalization-backward")
    rules, stream = rules_of(template), Stream(b"missed", 0)
    drawn = Candidates(assess([template.exercise(bytes(32), template.draw(stream))]), rules.zeros)
    gated, ungated = (
        {each.subject for each in mistakes(template.derivation) if each.is_gated is is_gated}
        for is_gated in (True, False)
    )
    assert {"unbiased_variance", "factor_left_out in dxhat"} <= ungated
    assert set(MISCONCEPTION.faults(drawn)) == gated
    assert ungated.isdisjoint(each.subject for each in rules.findings)


def test_a_mistake_that_is_told_to_the_instructor_is_looked_for_in_no_variant():
    template = compile_template(load("optimizers"), "adam")
    rules, stream = rules_of(template), Stream(b"missed", 0)
    assessment = assess([template.exercise(bytes(32), template.draw(stream))])
    told = {subject for gate, subject in rules.told if gate == MISCONCEPTION.code}
    found = {
        known: set(MISCONCEPTION.faults(candidates))
        for known, candidates in (
            (False, Candidates(assessment, rules.zeros)),
            (True, rules.candidates(assessment)),
        )
    }
    assert told
    assert found[True] == found[False] - told


def test_a_draw_is_rejected_for_a_misconception_where_it_fails_nothing_else():
    template = compile_template(load("depth"), "8-16-8-4")
    rules = rules_of(template)
    streams = (Stream(b"missed", attempt) for attempt in range(32))
    drawn = [template.exercise(bytes(32), template.draw(stream)) for stream in streams]
    assessment = assess(drawn)
    candidates = rules.candidates(assessment)
    faulty = {
        gate.code: numpy.any(
            [
                faults.any(axis=-1)
                for subject, faults in gate.faults(candidates).items()
                if (gate.code, subject) not in rules.told
            ]
            or [numpy.zeros(len(drawn), dtype=bool)],
            axis=0,
        )
        for gate in GATES
    }
    by_all = numpy.any(list(faulty.values()), axis=0)
    reasons = rules.reasons(assessment)
    assert [each is not None for each in reasons] == by_all.tolist()
    assert 0 < by_all.sum() < len(drawn)
    for place, each in enumerate(reasons):
        others = [code for code in faulty if code != MISCONCEPTION.code and faulty[code][place]]
        if others:
            assert each in others
        elif each is not None:
            assert each.startswith(f"{MISCONCEPTION.code}:")
