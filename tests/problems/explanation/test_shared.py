"""What explanations share is what each would work out alone."""

from collections.abc import Iterator, Mapping

import numpy
import pytest

from gradgrade.oracle.derivation.costs import step_costs
from gradgrade.oracle.derivation.names import Name
from gradgrade.oracle.derivation.walking import rewalk
from gradgrade.problems import Exercise, generate
from gradgrade.problems.catalogue import load
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.explanation.own_work import Continuation, OwnWork
from gradgrade.problems.explanation.work import MOST_WORK, Work
from gradgrade.problems.grade import Grader
from gradgrade.problems.misconceptions import approximations, mistakes
from gradgrade.problems.walks.on_demand import lowest
from gradgrade.problems.walks.stacked import Assessment, alone
from tests.catalogue import CATALOGUE
from tests.evidence.slips import work_with_a_slip
from tests.examples import spread


@pytest.fixture(scope="module", params=spread(CATALOGUE), ids="/".join)
def exercise(request) -> Exercise:
    problem_set, name = request.param
    return generate(load(problem_set), name, student="1", secret=b"shared")


def own_work(assessment: Assessment, answers: Mapping[str, numpy.ndarray]) -> OwnWork:
    known = {
        name: each.shaped(alone(each.value), alone(each.error))
        for name, each in assessment.estimates.items()
    }
    work = Work(step_costs(assessment.derivation), most=MOST_WORK)
    return OwnWork(
        assessment=assessment,
        submitted=answers,
        wrong=frozenset(answers),
        right_walk=lowest(known, assessment.arithmetic, work.take),
    )


def continuations(work: OwnWork, *, fresh: bool) -> Iterator[Continuation | None]:
    """Where every part is led to from a student's values, rightly and by mistakes.

    Whoever is fresh has seen none of it before.
    """

    def going_on() -> OwnWork:
        return own_work(work.assessment, work.submitted) if fresh else work

    right = work.assessment.derivation
    made = spread([each.derivation for each in mistakes(right)])
    for part in work.assessment.exercise.ask:
        rightly = going_on().continuation(part, right)
        yield rightly
        for derivation in made if rightly is not None else ():
            yield going_on().continuation(part, derivation, like=rightly)


def written(found: Continuation | None) -> object:
    return found and (found.values.tobytes(), found.bands.tobytes(), found.way)


def test_what_follows_from_own_values_is_the_same_shared_or_alone(exercise):
    assessment = Explainer(exercise).assessment
    slips = [answers for _, answers in work_with_a_slip(exercise)]
    with numpy.errstate(all="ignore"):
        for answers in slips[:: max(1, len(slips) // 2)]:
            flat = {name: numpy.ravel(each) for name, each in answers.items()}
            work = own_work(assessment, flat)
            shared = [list(map(written, continuations(work, fresh=False))) for _ in range(2)]
            assert shared[0] == shared[1]
            assert shared[0] == list(map(written, continuations(work, fresh=True)))


def test_explained_one_after_another_answers_get_the_verdicts_they_get_alone(exercise):
    together = Grader(exercise)
    slips = [answers for _, answers in work_with_a_slip(exercise)]
    nearly = {name: numpy.multiply(each, 1 + 1e-3) for name, each in slips[0].items()}
    for answers in (*slips[:: max(1, len(slips) // 2)], nearly, nearly):
        alone_graded = Grader(exercise, together.solution).grade(answers)
        assert together.grade(answers).to_json() == alone_graded.to_json()


def test_differences_of_every_width_go_on_by_the_same_copies_and_come_to_their_own_numbers():
    exercise = generate(load("seeds"), "004-two-two-two", student="1", secret=b"0")
    assessment = Explainer(exercise).assessment
    gradient = Name("W", 1).gradient
    found = list(approximations(assessment.derivation))
    steps = [{id(step) for step in each.derivation.steps} for each in found]
    # Of one that is left out, only what nudges and what divides is its own.
    assert len(steps[0] - steps[1]) < len(steps[0] & steps[1])
    right = assessment.estimates[gradient].value
    off = [
        numpy.abs(
            rewalk(
                assessment.derivation, assessment.estimates, each.derivation, assessment.arithmetic
            )[gradient].value
            - right
        ).max()
        for each in found
    ]
    assert [each.place for each in found[:4]] == [f"(h = 1e-{digits})" for digits in (3, 4, 5, 6)]
    # A forward difference is off by a multiple of h, a central one by one of its square.
    assert off[0] == pytest.approx(10 * off[1], rel=0.05)
    assert off[1] == pytest.approx(10 * off[2], rel=0.05)
    assert off[4] < off[0] / 100
