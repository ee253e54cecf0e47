"""The doubles that an answer key accepts are those that the exact ends of its intervals reach."""

from random import Random

import pytest

from gradgrade.oracle.accuracy.tolerance import accepted_doubles
from gradgrade.problems import catalogue, solve
from gradgrade.problems.catalogue import load
from gradgrade.problems.generate import ungated
from gradgrade.problems.walks import accepted_answers as at_once
from gradgrade.problems.walks.accepted import accepted_ends
from gradgrade.problems.walks.accepted_answers import accepted_answers
from tests.evidence.draws import KINDS
from tests.examples import spread
from tests.strategies import problem_set

CATALOGUE = [(name, each.name) for name in catalogue.names() for each in load(name).exercises]


def exactly(solution):
    return {
        name: tuple(map(list, zip(*(accepted_doubles(*each) for each in ends), strict=True)))
        for name, ends in accepted_ends(solution).items()
    }


def listed(answers):
    return {name: (low.tolist(), high.tolist()) for name, (low, high) in answers.items()}


def assert_accepts_what_exact_ends_reach(solution, monkeypatch):
    expected = exactly(solution)
    assert listed(accepted_answers(solution)) == expected
    monkeypatch.setattr(at_once, "LEAST_AT_ONCE", 0)
    assert listed(accepted_answers(solution)) == expected


@pytest.mark.parametrize(("problem_set", "exercise"), spread(CATALOGUE))
def test_what_is_accepted_at_once_is_what_exact_ends_reach(problem_set, exercise, monkeypatch):
    solution = solve(ungated(load(problem_set), exercise, student="1", secret=b"0"))
    assert_accepts_what_exact_ends_reach(solution, monkeypatch)


@pytest.mark.parametrize("kind", spread(list(KINDS)))
def test_so_it_is_in_drawn_exercises(kind, monkeypatch):
    drawn = problem_set(**KINDS[kind](Random(f"accepted {kind}")))
    solution = solve(ungated(drawn, "exercise", student="1", secret=b"0"))
    assert_accepts_what_exact_ends_reach(solution, monkeypatch)


def test_what_no_double_tells_is_left_to_exact_numbers(monkeypatch):
    solution = solve(ungated(load("depth"), "8-16-8-4", student="1", secret=b"0"))
    expected = listed(accepted_answers(solution))

    def told_of_none(*arrays):
        low, high, is_told = at_once_many(*arrays)
        return low + 1, high + 1, is_told & False

    at_once_many = at_once.many_accepted
    monkeypatch.setattr(at_once, "many_accepted", told_of_none)
    assert listed(accepted_answers(solution)) == expected
