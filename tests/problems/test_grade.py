"""Verdicts: each way to be right, wrong, missing, malformed or refused."""

import json
import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle.nested import build, flatten, shape_of
from gradgrade.problems import Answers, DocumentError, Exercise, grade, solve
from gradgrade.problems.documents.verdict import PartVerdict, Verdict
from tests.examples import examples
from tests.strategies import dense, exercises, variant

EXERCISE = variant(
    inputs=3,
    layers=[dense(2, "tanh"), dense(2)],
    batch=2,
    points=10,
    ask=["loss", "dW1", "db2"],
    tolerance={"decimals": 4},
)
RIGHT = {part.name: solve(EXERCISE)[part.name].float64 for part in EXERCISE.ask}
POINTS = {part.name: part.points.text for part in EXERCISE.ask}


def graded(**changes: Any) -> Verdict:
    return grade(EXERCISE, RIGHT | changes)


def part(verdict: Verdict, name: str) -> PartVerdict:
    return next(each for each in verdict.parts if each.name == name)


def off(answer: Any, place: int, amount: float) -> Any:
    entries = list(flatten(answer))
    entries[place] += amount
    return build(entries, shape_of(answer))


def test_right_answers_get_full_marks():
    verdict = graded()
    assert verdict.outcome == "correct"
    assert verdict.score == verdict.max_score
    assert verdict.score == 10
    assert verdict.first_error is None
    assert [each.outcome for each in verdict.parts] == ["correct"] * 3
    assert part(verdict, "loss").entries == "ok"
    assert part(verdict, "dW1").entries == [["ok"] * 3] * 2
    assert part(verdict, "dW1").feedback == "Right."
    assert verdict.exercise == EXERCISE.id


@pytest.mark.parametrize("place", range(6))
def test_one_wrong_entry_makes_its_part_wrong_and_no_other(place):
    verdict = graded(dW1=off(RIGHT["dW1"], place, 2e-4))
    assert verdict.outcome == "partial"
    wrong = part(verdict, "dW1")
    assert (wrong.outcome, wrong.score, wrong.note) == ("incorrect", 0, "wrong_entries")
    codes = list(flatten(wrong.entries))
    assert codes[place] != "ok"
    assert codes.count("ok") == 5
    assert wrong.feedback.startswith("1 of 6 entries")
    assert verdict.first_error == "dW1"
    assert Fraction(str(verdict.score)) == 10 - Fraction(POINTS["dW1"])


def test_all_wrong_is_incorrect_with_no_points_and_names_the_first():
    verdict = grade(
        EXERCISE, {name: off(answer, 0, 1.0) for name, answer in reversed(RIGHT.items())}
    )
    assert (verdict.outcome, verdict.score) == ("incorrect", 0)
    assert verdict.first_error == "loss"


def test_an_answer_within_its_tolerance_is_right():
    verdict = graded(loss=RIGHT["loss"] + 0.99e-4, dW1=off(RIGHT["dW1"], 3, -0.99e-4))
    assert verdict.outcome == "correct"


def test_answers_rounded_or_truncated_to_the_asked_decimals_are_right():
    rounded = {name: numpy.round(answer, 4).tolist() for name, answer in RIGHT.items()}
    truncated = {
        name: (numpy.trunc(numpy.array(answer) * 1e4) / 1e4).tolist()
        for name, answer in RIGHT.items()
    }
    assert grade(EXERCISE, rounded).outcome == "correct"
    assert grade(EXERCISE, truncated).outcome == "correct"


@pytest.mark.parametrize("absent", [{}, {"dW1": None}])
def test_a_part_left_out_is_missing_and_the_rest_is_graded(absent):
    answers = {name: answer for name, answer in RIGHT.items() if name != "dW1"} | absent
    verdict = grade(EXERCISE, answers)
    missing = part(verdict, "dW1")
    assert (missing.outcome, missing.note, missing.score) == ("missing", "missing", 0)
    assert missing.entries is None
    assert verdict.outcome == "partial"
    assert verdict.first_error is None


@pytest.mark.parametrize("answers", [{}, {"loss": None, "dW1": None}])
def test_nothing_answered_is_incorrect(answers):
    verdict = grade(EXERCISE, answers)
    assert (verdict.outcome, verdict.score) == ("incorrect", 0)


def test_an_array_of_nothing_is_missing():
    verdict = graded(dW1=[[None] * 3] * 2)
    assert part(verdict, "dW1").outcome == "missing"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("loss", [RIGHT["loss"]]),
        ("loss", [[RIGHT["loss"]]]),
        ("dW1", numpy.array(RIGHT["dW1"]).T.tolist()),
        ("dW1", [RIGHT["dW1"]]),
        ("dW1", list(flatten(RIGHT["dW1"]))),
        ("dW1", RIGHT["dW1"][:1]),
        ("dW1", [[1.0]]),
        ("dW1", 1.0),
        ("db2", RIGHT["db2"][0]),
        ("db2", [[entry] for entry in RIGHT["db2"]]),
        ("db2", [RIGHT["db2"]]),
    ],
)
def test_a_wrong_shape_is_invalid_and_so_is_the_whole(name, answer):
    verdict = graded(**{name: answer})
    invalid = part(verdict, name)
    assert (invalid.outcome, invalid.note, invalid.entries) == ("invalid", "wrong_shape", None)
    shape = shape_of(answer)
    assert (str(list(shape)) if shape else "a number alone, without brackets") in invalid.feedback
    assert "[]" not in invalid.feedback
    assert (verdict.outcome, verdict.score) == ("invalid", 0)
    assert verdict.max_score == 10
    assert verdict.first_error == name


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_invalid(value):
    for changes in ({"loss": value}, {"dW1": off(RIGHT["dW1"], 2, value)}):
        verdict = graded(**changes)
        (name,) = changes
        assert part(verdict, name).note == "not_finite"
        assert (verdict.outcome, verdict.score) == ("invalid", 0)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"dW2": [[1]]}, "'dW2' is not asked; asked are loss, dW1, db2"),
        ({"W1": [[1]]}, "'W1' is not asked"),
        ({"x": 1}, "'x' is not asked"),
        ({"dW1@2": [[1]]}, "'dW1@2' is not asked"),
        ({"Loss": 1}, "'Loss' is not asked"),
        ({"": 1}, "'' is not asked"),
        (
            {"l\u043ess": 1},
            "'l\u043ess' is not asked, with \u043e (U+043E) in it: write 'loss' in ASCII "
            "characters; asked are loss",
        ),
        ({"\u043edd": 1}, "'\u043edd' is not asked; asked are loss"),
        ({"loss": 1, "loss@1": 1}, "'loss' is answered twice"),
        ({"loss": "1"}, "loss"),
        ({"loss": True}, "loss"),
        ({"loss": 1j}, "loss"),
        ({"loss": []}, "loss"),
        ({"dW1": [[1, 2], [3]]}, "dW1"),
        ({"dW1": [[1, None, 2], [3, 4, 5]]}, "dW1"),
        ({"dW1": numpy.array([[True, False]])}, "dW1"),
        ({"dW1": numpy.zeros((0, 3))}, "dW1"),
        ({1: 2}, "1"),
    ],
)
def test_answers_that_are_refused_whole_say_why_in_one_line(answers, message):
    with pytest.raises(DocumentError) as refusal:
        grade(EXERCISE, answers)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_answers_to_another_exercise_are_refused():
    answers = {"exercise": "0" * 16, "answers": RIGHT}
    with pytest.raises(DocumentError, match=f"'{'0' * 16}', not '{EXERCISE.id}'"):
        grade(EXERCISE, answers)


def test_with_one_iteration_a_name_at_1_is_the_name():
    verdict = grade(EXERCISE, {f"{name}@1": answer for name, answer in RIGHT.items()})
    assert verdict.outcome == "correct"
    assert [each.name for each in verdict.parts] == ["loss", "dW1", "db2"]


def test_with_several_iterations_a_bare_name_is_the_last_iterations():
    exercise = variant(layers=[dense(2, "tanh")], iterations=2, ask=["loss", "dW1@1", "W1_new"])
    solution = solve(exercise)
    answers = {
        "loss@2": solution["loss"].float64,
        "dW1@1": solution["dW1@1"].float64,
        "W1_new": solution["W1_new@2"].float64,
    }
    assert grade(exercise, answers).outcome == "correct"
    with pytest.raises(DocumentError, match="'dW1' is not asked"):
        grade(exercise, answers | {"dW1": solution["dW1"].float64})


@pytest.mark.parametrize(
    "form",
    [
        lambda answers: answers,
        lambda answers: {"answers": answers},
        lambda answers: {"schema": "gradgrade/answers/1", "answers": answers},
        lambda answers: {"exercise": EXERCISE.id, "answers": answers},
        lambda answers: Answers.of(answers),
        lambda answers: Answers.from_json(json.dumps(answers)),
        lambda answers: Answers.from_json(json.dumps({"answers": answers})),
        lambda answers: {name: numpy.array(answer) for name, answer in answers.items()},
        lambda answers: {
            name: tuple(map(tuple, answer)) if name == "dW1" else answer
            for name, answer in answers.items()
        },
    ],
    ids=["map", "nested", "schema", "id", "document", "JSON map", "JSON", "numpy", "tuples"],
)
def test_answers_are_taken_in_all_their_forms(form):
    assert grade(EXERCISE, form(RIGHT)) == graded()


def test_whole_numbers_and_numpy_scalars_are_numbers():
    zeros = {"loss": numpy.float64(0.0), "dW1": numpy.zeros((2, 3), dtype=int), "db2": [0, 0]}
    assert grade(EXERCISE, zeros).outcome == "incorrect"


def test_a_verdict_tells_no_expected_value():
    verdict = grade(EXERCISE, {name: off(answer, 0, 1.0) for name, answer in RIGHT.items()})
    text = verdict.to_json()
    digits = [f"{abs(entry):.12f}"[2:8] for answer in RIGHT.values() for entry in flatten(answer)]
    assert not any(each in text for each in digits)


def test_the_same_wrong_answer_above_and_below_gets_the_same_verdict():
    above, below = (graded(dW1=off(RIGHT["dW1"], 1, amount)) for amount in (0.01, -0.01))
    assert above == below


@given(exercises(most_iterations=2), st.data())
@settings(max_examples=examples(12))
def test_scores_add_up_whatever_is_right(exercise: Exercise, data: st.DataObject):
    solution, answers, expected = solve(exercise), {}, Fraction(0)
    for each in exercise.ask:
        value = solution[each.name].float64
        kind = data.draw(st.sampled_from(["right", "wrong", "missing"]))
        if kind == "right":
            answers[each.name] = value
            expected += Fraction(each.points.text)
        elif kind == "wrong":
            wrong = [2 * entry + 1 for entry in flatten(value)]
            answers[each.name] = build(wrong, shape_of(value))
            if wrong == list(flatten(value)):
                expected += Fraction(each.points.text)
    verdict = grade(exercise, answers)
    # Where a step copies, one wrong answer follows rightly from another.
    carried = (each.score for each in verdict.parts if each.outcome == "carried_forward")
    expected += sum(Fraction(str(score)) for score in carried)
    assert Fraction(str(verdict.score)) == expected
    assert expected == sum(Fraction(str(each.score)) for each in verdict.parts)
    assert Fraction(str(verdict.max_score)) == Fraction(exercise.points.text)
    outcomes = {each.outcome for each in verdict.parts}
    assert (verdict.outcome == "correct") == (outcomes == {"correct"})
