"""An answer key marks as the solution does, and is stored without losing a bit."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.problems import catalogue, generate, solve
from gradgrade.problems.grade import GRADER, Grader
from gradgrade.problems.marking.answer_key import AnswerKey, make_answer_key
from tests.examples import examples

EXERCISES = [
    ("first-steps", "one-neuron"),
    ("first-steps", "relu"),
    ("seeds", "004-two-two-two"),
    ("losses-and-activations", "huber"),
]


@pytest.fixture(scope="module", params=EXERCISES, ids="/".join)
def solved(request):
    name, exercise = request.param
    return solve(generate(catalogue.load(name), exercise, student="1", secret=b"0"))


def right_answers(solution):
    return {part.name: solution[part.name].float64 for part in solution.exercise.ask}


def test_a_stored_key_is_the_same_to_the_bit(solved):
    key = make_answer_key(solved, grader=GRADER)
    again = AnswerKey.from_json(key.to_json())
    assert again.grader == key.grader
    assert again.to_json() == key.to_json()
    for name, ends in key.accepted.items():
        for one, other in zip(ends, again.accepted[name], strict=True):
            assert one.tobytes() == other.tobytes()


@settings(max_examples=examples(20))
@given(factor=st.floats(-2, 2), part=st.integers(0, 20))
def test_a_grader_with_a_key_gives_the_verdict_of_one_without(solved, factor, part):
    answers = right_answers(solved)
    name = list(answers)[part % len(answers)]
    answers[name] = scaled(answers[name], factor)
    key = AnswerKey.from_json(make_answer_key(solved, grader=GRADER).to_json())
    by_key = Grader(solved.exercise, key=key).grade(answers)
    assert by_key == Grader(solved.exercise, solved).grade(answers)


def scaled(value, factor):
    return [scaled(each, factor) for each in value] if isinstance(value, list) else value * factor


def test_a_key_of_another_grader_is_not_used(solved):
    data = json.loads(make_answer_key(solved, grader="0").to_json())
    data["accepted"] = {
        name: [[0.0] * len(low), [0.0] * len(high)]
        for name, (low, high) in data["accepted"].items()
    }
    stale = AnswerKey.from_json(json.dumps(data))
    assert Grader(solved.exercise, key=stale).grade(right_answers(solved)).outcome == "correct"


def test_a_wrong_key_is_noticed(solved):
    data = json.loads(make_answer_key(solved, grader=GRADER).to_json())
    name = solved.exercise.ask[0].name
    low, high = data["accepted"][name]
    data["accepted"][name] = [[each + 1 for each in low], [each + 1 for each in high]]
    wrong = AnswerKey.from_json(json.dumps(data))
    assert Grader(solved.exercise, key=wrong).grade(right_answers(solved)).outcome == "partial"
