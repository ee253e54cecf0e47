"""When work is taken, at what price, and how much is told of its verdict."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.problems import ProblemSet, catalogue, generate, grade
from gradgrade.service.course.errors import Closed
from gradgrade.service.course.sets.feedback import as_told
from gradgrade.service.course.sets.policy import Extension, policy_of

DUE = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)


def problem_set(**fields):
    data = catalogue.load("first-steps").to_data()
    return ProblemSet.from_data(data | fields)


def own(extension=None, **fields):
    stated = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in fields.items()
    }
    return policy_of(problem_set(**stated), extension or Extension())


def test_without_a_date_work_is_never_late():
    assert not own().is_late(DUE + 1000 * WEEK)


def test_the_moment_itself_is_on_time_and_a_second_later_is_not():
    assert not own(due=DUE).is_late(DUE)
    with pytest.raises(Closed, match="2026-12-01T23:59:00"):
        own(due=DUE).is_late(DUE + SECOND)


def test_late_work_is_taken_until_late_until():
    late = own(due=DUE, late_until=DUE + WEEK)
    assert late.is_late(DUE + SECOND)
    assert late.is_late(DUE + WEEK)
    with pytest.raises(Closed):
        late.is_late(DUE + WEEK + SECOND)


def test_an_extension_stands_before_the_set():
    extended = own(Extension(due=DUE + WEEK, attempts=9), due=DUE, attempts=2)
    assert not extended.is_late(DUE + WEEK)
    assert extended.attempts == 9


def test_an_extension_beyond_the_sets_late_until_is_open_to_its_own_end():
    extended = own(Extension(due=DUE + 2 * WEEK), due=DUE, late_until=DUE + WEEK)
    assert not extended.is_late(DUE + 2 * WEEK)
    with pytest.raises(Closed):
        extended.is_late(DUE + 2 * WEEK + SECOND)


@given(score=st.integers(0, 10**6), percent=st.integers(0, 100))
def test_a_penalty_is_exact_and_rounded_down_to_the_hundredth(score, percent):
    late = own(due=DUE, late_until=DUE + WEEK, late_penalty=percent / 100)
    exact = score * (1 - Fraction(percent, 100))
    points = late.points(score, is_late=True)
    assert points <= exact < points + 1
    assert late.points(score, is_late=False) == score


def test_after_due_more_is_told_but_not_while_late_work_is_taken():
    told = own(due=DUE, late_until=DUE + WEEK, feedback="score", after_due="diagnosis")
    assert told.told(DUE) == told.told(DUE + WEEK) == "score"
    assert told.told(DUE + WEEK + SECOND) == "diagnosis"


def test_after_due_follows_a_students_own_extension():
    told = own(Extension(due=DUE + WEEK), due=DUE, feedback="score", after_due="parts")
    assert told.told(DUE + SECOND) == "score"
    assert told.told(DUE + WEEK + SECOND) == "parts"


def test_solutions_are_shown_a_second_after_the_last_moment_that_work_is_taken():
    late = own(due=DUE, late_until=DUE + WEEK, solutions="after_due")
    for moment, shown in ((DUE + SECOND, False), (DUE + WEEK, False), (DUE + WEEK + SECOND, True)):
        assert late.shows_solution(moment, is_solved=False) is shown
        # Full marks alone open nothing here: late work of others is still taken.
        assert late.shows_solution(moment, is_solved=True) is shown


def test_solutions_wait_for_a_students_own_extension():
    for extension in (Extension(due=DUE + WEEK), Extension(late_until=DUE + WEEK)):
        extended = own(extension, due=DUE, solutions="after_due")
        assert not extended.shows_solution(DUE + SECOND, is_solved=False)
        assert not extended.shows_solution(DUE + WEEK, is_solved=False)
        assert extended.shows_solution(DUE + WEEK + SECOND, is_solved=False)
    # Whoever has none is not held up by the others'.
    assert own(due=DUE, solutions="after_due").shows_solution(DUE + SECOND, is_solved=False)


def test_solutions_may_be_shown_from_full_marks_on_and_then_at_the_end():
    early = own(due=DUE, solutions="after_full_marks")
    assert early.shows_solution(DUE - WEEK, is_solved=True)
    assert not early.shows_solution(DUE, is_solved=False)
    assert early.shows_solution(DUE + SECOND, is_solved=False)
    assert own(solutions="after_full_marks").shows_solution(DUE, is_solved=True)
    assert not own(solutions="after_full_marks").shows_solution(DUE + WEEK, is_solved=False)


def test_spent_attempts_open_no_solution():
    spent = own(due=DUE, attempts=1, solutions="after_full_marks")
    assert not spent.shows_solution(DUE, is_solved=False)


def test_no_set_shows_solutions_or_allows_practice_unless_it_says_so():
    assert not own(due=DUE).shows_solution(DUE + WEEK, is_solved=True)
    assert not own().practice
    assert own(practice=True).practice


@pytest.fixture(scope="module")
def verdict():
    exercise = generate(catalogue.load("seeds"), "004-two-two-two", student="1", secret=b"0")
    answers = {part.name: None for part in exercise.ask}
    answers[exercise.ask[0].name] = _filled(exercise.ask[0].shape)
    return grade(exercise, answers).to_data()


def _filled(shape):
    return [_filled(shape[1:])] * shape[0] if shape else 12345.0


def test_a_diagnosis_is_told_whole(verdict):
    assert as_told(verdict, "diagnosis") == verdict


def test_parts_tell_which_is_right_and_no_more(verdict):
    told = as_told(verdict, "parts")
    assert told["first_error"] is None
    for whole, part in zip(verdict["parts"], told["parts"], strict=True):
        assert part["entries"] is None
        assert part["misconceptions"] == []
        assert part["outcome"] == whole["outcome"]
        assert part["score"] == whole["score"]
    assert told["parts"][0]["feedback"] == "This is not right."


def test_a_score_tells_no_part(verdict):
    told = as_told(verdict, "score")
    assert told["parts"] == []
    assert told["first_error"] is None
    assert (told["score"], told["outcome"]) == (verdict["score"], verdict["outcome"])
