"""Exercises that ask no updates need no optimizer, and those of the forward pass alone no loss."""

from typing import Any

import pytest

from gradgrade.problems import DocumentError, Exercise, ProblemSet, generate, grade, solve
from gradgrade.problems.documents import strict_json
from gradgrade.problems.drawing.draw import draw_alone
from gradgrade.problems.exports.moodle import write_moodle
from gradgrade.problems.exports.notebook import answers_notebook
from gradgrade.problems.worksheet.formats.text import worked_solution
from tests.strategies import definition, dense

FORWARD, BACKWARD = ("loss", "optimizer"), ("optimizer",)


def set_without(*fields: str, **exercise: Any) -> ProblemSet:
    """A set of one exercise that lacks some fields."""
    layers = [dense(3, "sigmoid"), dense(2)]
    document = definition(layers=layers, batch=2, **exercise)
    for field in fields:
        del document[field]
    data = {"schema": "gradgrade/problem-set/1", "name": "set", "exercises": [document]}
    return ProblemSet.from_json(strict_json.dumps(data))


def variant_without(*fields: str, **exercise: Any) -> Exercise:
    return generate(set_without(*fields, **exercise), "exercise", student="1", secret=b"0")


@pytest.fixture(
    scope="module",
    params=[(FORWARD, ["z1", "a2"]), (BACKWARD, ["loss", "gradients"])],
    ids=["forward", "backward"],
)
def exercise(request: pytest.FixtureRequest) -> Exercise:
    missing, ask = request.param
    return variant_without(*missing, ask=ask)


def test_it_is_issued_and_read_back_as_it_was(exercise):
    assert exercise.optimizer is None
    assert ("y" in exercise.given) == (exercise.loss is not None)
    assert Exercise.from_json(exercise.to_json()) == exercise


def test_right_answers_are_right_and_wrong_ones_are_not(exercise):
    solution = solve(exercise)
    answers = {part.name: solution[part.name].float64 for part in exercise.ask}
    assert grade(exercise, answers).outcome == "correct"
    last = exercise.ask[-1].name
    verdict = grade(exercise, answers | {last: _shifted(answers[last])})
    assert (verdict.outcome, verdict.first_error) == ("partial", last)


def _shifted(array: Any) -> Any:
    return [_shifted(each) for each in array] if isinstance(array, list) else array + 1


def test_every_form_of_it_can_be_written(exercise):
    text = worked_solution(exercise)
    assert "Optimizer" not in text
    assert ("½" in text) == (exercise.loss is not None)
    assert "ptimizer" not in write_moodle([exercise])
    answers_notebook(exercise)
    draw_alone(exercise)


@pytest.mark.parametrize(
    ("missing", "ask", "field", "dependent"),
    [
        (FORWARD, ["z1", "loss"], "loss", '"loss"'),
        (FORWARD, ["all"], "loss", '"all"'),
        (FORWARD, ["delta1"], "loss", '"delta1"'),
        (FORWARD, ["gradients"], "loss", '"gradients"'),
        (BACKWARD, ["loss", "W1_new"], "optimizer", '"W1_new"'),
        (BACKWARD, ["all"], "optimizer", '"all"'),
        (BACKWARD, ["updates"], "optimizer", '"updates"'),
        (("loss",), ["updates"], "loss", '"updates"'),
    ],
)
def test_what_depends_on_what_is_missing_is_refused_by_name(missing, ask, field, dependent):
    with pytest.raises(DocumentError) as refused:
        variant_without(*missing, ask=ask)
    said = f"{field}: this field is missing, and {dependent} depends on it"
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("missing", "fields", "field"),
    [
        (BACKWARD, {"iterations": 2}, "optimizer"),
        (FORWARD, {"iterations": 2}, "loss"),
        (FORWARD, {"regularization": {"l2": 0.1}}, "loss"),
        (FORWARD, {"stochastic": True}, "loss"),
    ],
)
def test_fields_that_need_what_is_missing_are_refused(missing, fields, field):
    with pytest.raises(DocumentError, match=f"{field}: this field is missing, and"):
        set_without(*missing, ask=["z1"], **fields)


def test_targets_without_a_loss_are_refused():
    with pytest.raises(DocumentError, match=r"given\.y: there is no such array"):
        variant_without(*FORWARD, ask=["z1"], given={"y": [[0, 0], [0, 0]]})
