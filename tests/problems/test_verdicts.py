"""Verdicts that teach: which mistake it was, where it began, what follows rightly from it."""

from fractions import Fraction
from functools import partial
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.oracle.nested import build, flatten
from gradgrade.problems import Exercise, generate, solve
from gradgrade.problems.catalogue import load
from gradgrade.problems.documents.number import Number
from gradgrade.problems.documents.verdict import PartVerdict, Verdict
from gradgrade.problems.explanation.explain import Explainer
from gradgrade.problems.grade import Grader
from tests.problems.programs import set_of
from tests.strategies import dense, variant

EXERCISE = variant(
    inputs=3,
    layers=[dense(4, "sigmoid"), dense(2, "tanh")],
    loss={"name": "squared_error"},
    batch=3,
    points=8,
    ask=["a1", "loss", "delta2", "delta1", "dW2", "dW1", "W1_new", "W2_new"],
    tolerance="auto",
)
GRADER = Grader(EXERCISE)
RIGHT = {part.name: GRADER.solution[part.name].float64 for part in EXERCISE.ask}


def by_mistake(exercise: Exercise, code: str, place: str = "") -> dict[str, Any]:
    """What a student answers who makes a mistake and everything else right."""
    predictions = Explainer(exercise).assessment.predictions
    made = next(
        each
        for each in predictions
        if (each.mistake.misconception.code, each.mistake.place) == (code, place)
    )
    return {
        part.name: build(made.values[part.name][0].tolist(), tuple(part.shape))
        for part in exercise.ask
    }


def part(verdict: Verdict, name: str) -> PartVerdict:
    return next(each for each in verdict.parts if each.name == name)


def named(part: PartVerdict) -> list[str]:
    return [each.code for each in part.misconceptions]


def scaled(answer: Any, factor: float) -> Any:
    return (numpy.array(answer) * factor).tolist()


def test_the_mistake_is_named_with_its_layer_where_it_began_and_paid_for_what_follows():
    answers = by_mistake(EXERCISE, "activation_derivative_missing", "in layer 1")
    verdict = GRADER.grade(answers)
    wrong = part(verdict, "delta1")
    assert verdict.first_error == "delta1"
    assert named(wrong) == ["activation_derivative_missing"]
    assert wrong.misconceptions[0].title.endswith("in layer 1")
    assert wrong.misconceptions[0].share == 1
    assert wrong.misconceptions[0].explanation
    assert part(verdict, "dW1").outcome == part(verdict, "W1_new").outcome == "carried_forward"
    assert part(verdict, "dW1").score == 0.8
    assert verdict.outcome == "partial"
    assert verdict.score == 5 + 2 * 0.8


def test_the_first_error_is_the_first_of_the_derivation_not_of_the_list():
    exercise = variant(ask=["W1_new", "dW1", "delta1"], tolerance="auto", inputs=3, batch=2)
    answers = by_mistake(exercise, "residual_sign")
    assert Grader(exercise).grade(answers).first_error == "delta1"


def test_the_instructor_sets_the_share_of_what_is_carried_forward():
    exercise = variant(
        ask=["delta1", "dW1"], points=3, carried_forward=0.5, tolerance="auto", batch=2
    )
    verdict = Grader(exercise).grade(by_mistake(exercise, "residual_sign"))
    assert [each.outcome for each in verdict.parts] == ["incorrect", "carried_forward"]
    assert [each.score for each in verdict.parts] == [0, 0.75]


@pytest.mark.parametrize(
    "delta",
    [
        scaled(RIGHT["delta2"], 0),
        numpy.ones_like(RIGHT["delta2"]).tolist(),
        scaled(RIGHT["delta2"], 1e6),
        scaled(RIGHT["delta2"], 1e-6),
        scaled(RIGHT["delta2"], 1e300),
    ],
    ids=["zeros", "ones", "too large", "too small", "saturated"],
)
def test_nothing_is_carried_from_an_earlier_answer_that_makes_the_later_one_trivial(delta):
    a1 = numpy.array(RIGHT["a1"])
    followed = (numpy.array(delta) @ a1.T).tolist()
    verdict = GRADER.grade(RIGHT | {"delta2": delta, "dW2": followed})
    assert part(verdict, "dW2").outcome == "incorrect"
    assert part(verdict, "dW2").score == 0
    assert named(part(verdict, "dW2")) == []


def test_an_update_that_echoes_the_weights_is_not_carried_from_a_gradient_of_almost_zero():
    exercise = variant(inputs=3, ask=["dW1", "W1_new"], tolerance="auto", batch=2)
    tiny = scaled(solve(exercise)["dW1"].float64, 1e-17)
    echo = [[float(entry.text) for entry in row] for row in exercise.given["W1"]]
    verdict = Grader(exercise).grade({"dW1": tiny, "W1_new": echo})
    assert part(verdict, "W1_new").outcome == "incorrect"


def test_a_slip_of_the_student_s_own_is_carried_forward_and_named_nothing():
    delta = numpy.array(RIGHT["delta2"])
    delta[0, 1] += 0.3125
    followed = (delta @ numpy.array(RIGHT["a1"]).T).tolist()
    verdict = GRADER.grade(RIGHT | {"delta2": delta.tolist(), "dW2": followed})
    assert part(verdict, "delta2").outcome == "incorrect"
    assert named(part(verdict, "delta2")) == []
    assert part(verdict, "dW2").outcome == "carried_forward"
    assert verdict.first_error == "delta2"


def test_a_mistake_on_top_of_a_slip_is_found_from_the_student_s_own_values():
    weights = numpy.array(RIGHT["dW2"])
    weights[1, 1] += 0.25
    given = numpy.array([[float(entry.text) for entry in row] for row in EXERCISE.given["W2"]])
    ascended = (given + 0.1 * weights).tolist()
    verdict = GRADER.grade(RIGHT | {"dW2": weights.tolist(), "W2_new": ascended})
    assert named(part(verdict, "dW2")) == []
    assert named(part(verdict, "W2_new")) == ["gradient_ascent"]


def test_two_mistakes_together_are_found_where_one_alone_is_not_enough():
    exercise = variant(
        inputs=3,
        layers=[dense(4, "sigmoid"), dense(2)],
        loss={"name": "squared_error"},
        batch=3,
        ask=["loss", "dW1"],
        tolerance="auto",
    )
    codes = {"activation_derivative_missing", "residual_sign"}
    right = numpy.array(by_mistake(exercise, "activation_derivative_missing")["dW1"])
    answers = {"loss": solve(exercise)["loss"].float64, "dW1": (-right).tolist()}
    wrong = part(Grader(exercise).grade(answers), "dW1")
    assert codes <= set(named(wrong))
    assert "together with" in wrong.feedback


def test_mistakes_that_give_the_same_numbers_are_said_to_be_indistinguishable():
    exercise = variant(
        loss={"name": "squared_error"}, inputs=3, batch=2, ask=["dW1"], tolerance="auto"
    )
    wrong = part(Grader(exercise).grade({"dW1": scaled(solve(exercise)["dW1"].float64, 2)}), "dW1")
    assert len(named(wrong)) > 1
    assert len({each.share for each in wrong.misconceptions}) == 1
    assert "cannot be told apart" in wrong.feedback


def test_random_wrong_answers_are_called_nothing_but_wrong():
    numbers = numpy.random.default_rng(7)
    answers = {
        name: numbers.normal(size=numpy.shape(answer)).tolist() for name, answer in RIGHT.items()
    }
    verdict = GRADER.grade(answers)
    assert verdict.outcome == "incorrect"
    assert not any(each.misconceptions for each in verdict.parts)


def test_entries_are_told_by_sign_scale_and_transposition():
    negative = GRADER.grade(RIGHT | {"delta2": scaled(RIGHT["delta2"], -1)})
    assert set(flatten(part(negative, "delta2").entries)) == {"sign"}
    tripled = GRADER.grade(RIGHT | {"delta2": scaled(RIGHT["delta2"], 3)})
    assert set(flatten(part(tripled, "delta2").entries)) == {"scale"}
    square = variant(inputs=2, layers=[dense(2, "tanh")], batch=3, ask=["dW1"], tolerance="auto")
    across = numpy.array(solve(square)["dW1"].float64).T.tolist()
    codes = part(Grader(square).grade({"dW1": across}), "dW1").entries
    assert codes == [["ok", "transposed"], ["transposed", "ok"]]


SEED_002 = {
    "z1": [[-0.063], [-0.306]],
    "a1": [[0.484], [0.424]],
    "a2": [[0.63]],
    "dW2": [[0.5663, 0.4961]],
}


@pytest.mark.parametrize("allowed", [None, {"decimals": 3}])
def test_what_seed_002_prints_is_right_but_rounded_too_early_and_right_where_that_is_allowed(
    allowed,
):
    seed = load("seeds").exercise("002-house-price")
    names = ["a1", "a2", "dW2"]
    document = seed.model_dump(exclude_defaults=True) | {
        "ask": names,
        "tolerance": "auto",
        "rounding": allowed,
    }
    definition = type(seed).model_validate(document)
    problem_set = load("seeds").model_copy(update={"exercises": [definition]})
    exercise = generate(problem_set, "002-house-price", student="1", secret=b"0")
    verdict = Grader(exercise).grade({name: SEED_002[name] for name in names})
    if allowed:
        assert verdict.outcome == "correct"
    else:
        # a1 is right to the digits that are printed; dW2 was worked out from such digits.
        assert part(verdict, "a1").note == "rounded_at_the_end"
        assert set(flatten(part(verdict, "a1").entries)) == {"rounding"}
        assert part(verdict, "dW2").note == "rounded_early"
        assert not any(each.misconceptions for each in verdict.parts)


SEED_004 = {
    "a1": [[0.60108], [0.61538]],
    "a2": [[0.73492], [0.77955]],
    "loss": 0.24908,
    "W2_new": [[0.45187, 0.55073], [0.71056, 0.81081]],
    "W1_new": [[0.09933, 0.29667], [0.19919, 0.39597]],
}


@pytest.mark.parametrize("allowed", [None, {"decimals": 5}])
def test_what_seed_004_prints_is_truncated_and_right_where_that_is_allowed(allowed):
    seed = load("seeds").exercise("004-two-two-two")
    document = seed.model_dump(exclude_defaults=True) | {
        "ask": list(SEED_004),
        "tolerance": "auto",
        "rounding": allowed,
    }
    definition = type(seed).model_validate(document)
    problem_set = load("seeds").model_copy(update={"exercises": [definition]})
    exercise = generate(problem_set, "004-two-two-two", student="1", secret=b"0")
    answers = SEED_004 | {
        name: numpy.array(SEED_004[name]).reshape(part.shape).tolist()
        for part in exercise.ask
        for name in [part.name]
    }
    verdict = Grader(exercise).grade(answers)
    if allowed:
        assert verdict.outcome == "correct"
    else:
        notes = {each.note for each in verdict.parts}
        assert notes <= {"rounded_early", "rounded_at_the_end", "carried_forward"}
        assert not any(each.misconceptions for each in verdict.parts)


@pytest.mark.parametrize(
    "shorten",
    [
        *(partial(round, ndigits=decimals) for decimals in range(3, 13)),
        lambda v: int(v * 1e5) / 1e5,
        lambda v: int(v * 1e11) / 1e11,
    ],
)
def test_digits_dropped_at_the_end_are_not_called_rounded_too_early(shorten):
    answers = {
        name: build(list(map(shorten, flatten(answer))), numpy.shape(answer))
        for name, answer in RIGHT.items()
    }
    verdict = GRADER.grade(answers)
    assert {each.note for each in verdict.parts} == {"rounded_at_the_end"}
    assert "write more" in verdict.parts[0].feedback


@given(
    st.sampled_from(sorted(RIGHT)),
    st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5, 1 / 3, 1 + 1e-9, 1 - 1e-13]),
)
@settings(deadline=None)
def test_no_verdict_tells_an_expected_number(name, factor):
    verdict = GRADER.grade(RIGHT | {name: scaled(RIGHT[name], factor)})
    text = verdict.to_json()
    for answer in RIGHT.values():
        for entry in flatten(answer):
            assert repr(abs(entry))[:8] not in text


def test_scores_of_carried_parts_are_whole_hundredths():
    exercise = variant(ask=["delta1", "dW1"], points=Fraction(1) and 1, carried_forward=0.333)
    verdict = Grader(exercise).grade(by_mistake(exercise, "residual_sign"))
    assert part(verdict, "dW1").score == 0.16


@pytest.mark.parametrize("huge", [1e200, 1.7e308, -1e305])
def test_numbers_that_overflow_on_the_way_are_wrong_and_no_fault(huge):
    exercise = variant(
        inputs=1,
        layers=[dense(1, "tanh"), dense(1)],
        arithmetic="decimal",
        ask=["a2", "loss", "delta2"],
        tolerance="auto",
        rounding={"decimals": 4},
    )
    verdict = Grader(exercise).grade({"a2": [[huge]], "loss": 0.123, "delta2": [[huge]]})
    assert verdict.outcome == "incorrect"


def test_nothing_is_carried_from_right_answers_alone():
    loss = RIGHT["loss"] * (1 + 1e-9)
    verdict = GRADER.grade(RIGHT | {"loss": loss})
    assert part(verdict, "loss").outcome == "incorrect"


def test_what_is_carried_tells_the_size_of_a_right_answer_and_no_more():
    outcomes = [
        part(
            GRADER.grade(
                RIGHT
                | {
                    "delta2": scaled(RIGHT["delta2"], factor),
                    "dW2": scaled(RIGHT["dW2"], factor),
                }
            ),
            "dW2",
        ).outcome
        for factor in (1.5, 70.0, 1e5, 1e-5)
    ]
    assert outcomes == ["carried_forward", "carried_forward", "incorrect", "incorrect"]


BY_HAND = """
arrays = { w = [2], x = [2], b = [] }
program = '''
z = w @ x + b
a = sigmoid(z)
'''
upstream = "a"
rounding = { decimals = 4 }
given = { w = [-1.4, -1.7], x = [-0.4, 1.3], b = -1.3 }
ask = ["z", "a", "dz"]
"""


def test_by_hand_in_another_order_nobody_is_told_to_write_more_digits_than_are_asked():
    exercise = generate(set_of(BY_HAND), "program", student="1", secret=b"0")
    exercise = exercise.model_copy(update={"given": {**exercise.given, "da": Number("0.1")}})
    verdict = Grader(exercise).grade({"z": -2.95, "a": 0.0497, "dz": 0.0048})
    told = part(verdict, "dz")
    assert (told.outcome, told.note) == ("incorrect", "rounded_early")
    assert "keep more digits on the way" in told.feedback
    assert "in another order" in told.feedback


def test_by_hand_too_few_digits_are_told_as_that():
    text = BY_HAND.replace("decimals = 4", "decimals = 7")
    exercise = generate(set_of(text), "program", student="1", secret=b"0")
    right = {each.name: float(solve(exercise)[each.name].float64) for each in exercise.ask}
    verdict = Grader(exercise).grade(right | {"a": round(right["a"], 4)})
    assert part(verdict, "a").note == "rounded_at_the_end"
    assert "write more" in part(verdict, "a").feedback
