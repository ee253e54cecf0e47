"""The students of the course to look at: the same by a seed, and mistaken as students are."""

from collections import Counter
from datetime import timedelta

import pytest

from gradgrade.problems import catalogue, generate, grade
from gradgrade.service.example_course.answers import answers_to
from gradgrade.service.example_course.cohort import ATTEMPTS, attempts, members
from gradgrade.service.example_course.seeding import SETS


def test_thirty_students_and_their_week_follow_from_the_seed():
    people, others = members("0"), members("1")
    assert people == members("0")
    assert len(people) == 30
    assert [each.care for each in people] != [each.care for each in others]
    assert attempts("0", people, SETS) == attempts("0", people, SETS)
    assert attempts("0", people, SETS) != attempts("1", people, SETS)


@pytest.mark.parametrize("seed", ["0", "1", "another"])
def test_a_week_of_work_comes_in_order_within_its_time_and_has_every_kind(seed):
    made = attempts(seed, members(seed), SETS)
    before = [each.before for each in made]
    assert before == sorted(before, reverse=True)
    assert timedelta(days=6) < before[0] <= timedelta(days=7)
    assert {each.kind for each in made} == {"right", "mistaken", "slipped", "unfinished"}
    assert 100 < len(made) < 300
    spent = Counter((each.member.id, each.problem_set, each.exercise) for each in made)
    assert max(spent.values()) <= ATTEMPTS
    for each in made:
        (assigned,) = (one for one in SETS if one.name == each.problem_set)
        assert each.before > -assigned.due  # nothing is handed in to a closed set


def test_mistaken_answers_are_named_as_mistakes_and_right_ones_are_right():
    for assigned in SETS:
        problem_set = catalogue.load(assigned.name)
        for name in assigned.exercises:
            exercise = generate(problem_set, name, student="1", secret=b"0")
            right = grade(exercise, answers_to(exercise, "right", 0.5))
            assert right.outcome == "correct", name
            wrong = grade(exercise, answers_to(exercise, "mistaken", 0.0))
            assert wrong.outcome in ("partial", "incorrect"), name
            assert any(part.misconceptions for part in wrong.parts), name
