"""Practice over HTTP: what the page allows, to whom it does, and nothing of it is kept."""

import json

import pytest

from gradgrade.problems import Exercise
from gradgrade.service.store.schema import submissions, variants, verdicts
from tests.service.course_api.classroom import EXERCISES, NAME, exercise, right

PATH = f"/problem-sets/{NAME}/exercises/{EXERCISES[0]}/practice"
FIXED = {"W1": [[0.3, -0.2], [0.5, 0.4]], "b1": [0.1, 0.2], "y": [[0.5], [0.9]]}
GRID = {"low": 0.5, "high": 2, "step": 0.5}
FEW = exercise("one-layer", given=FIXED, draw={"inputs": GRID}, batch=1)
"""Sixteen variants in all."""


@pytest.fixture
def room(classroom):
    classroom.live.set_clock(None)
    return classroom


def opened(room, **fields):
    """Publish a set with two students who have their numbers; return the first."""
    room.publish(**{"practice": True, **fields})
    for student in room.enrol("s001", "s002"):
        student.exercise()
    return room.students["s001"].asker


def rows(room):
    with room.live.store.reading() as connection:
        return [
            sorted(map(str, connection.execute(each.select())))
            for each in (variants, submissions, verdicts)
        ]


def test_other_numbers_are_ones_own_and_each_seeds_and_are_graded(room):
    student, other = opened(room), room.students["s002"].asker
    made = student.get(f"{PATH}?seed=a")
    assert made.status == 200
    assert made.body == student.get(f"{PATH}?seed=a").body
    found = [
        Exercise.from_json(each.body)
        for each in (made, student.get(f"{PATH}?seed=b"), student.get(PATH), other.get(PATH))
    ]
    assert len({str(each.given) for each in found}) == len({each.id for each in found}) == 4
    request = {"seed": "a", "answers": right(made.body)}
    verdict = student.post(PATH, request).json
    assert (verdict["outcome"], verdict["exercise"]) == ("correct", found[0].id)
    assert student.post(PATH, request | {"seed": "b"}).json["outcome"] != "correct"


def test_numbers_of_no_seed_are_those_of_the_empty_one(room):
    student = opened(room)
    answers = right(student.get(PATH).body)
    assert student.post(PATH, {"answers": answers}).json["outcome"] == "correct"
    assert student.get(f"{PATH}?seed=").body == student.get(PATH).body


def test_a_verdict_has_its_diagnosis_whatever_the_set_tells_and_is_kept_nowhere(room):
    student = opened(room, feedback="score", attempts=1)
    answers = right(student.get(PATH).body)
    before = rows(room)
    halved = [[entry / 2 for entry in row] for row in answers["dW1"]]
    verdict = student.post(PATH, {"answers": answers | {"dW1": halved}}).json
    assert verdict["first_error"] == "dW1"
    assert verdict["parts"][-1]["entries"] == [["scale", "scale"], ["scale", "scale"]]
    assert student.post(PATH, {"answers": {"loss": [0.5]}}).json["outcome"] == "invalid"
    assert rows(room) == before


def test_there_is_none_where_the_set_allows_none_or_for_anybody_else(room):
    student = opened(room, practice=False)
    body = {"answers": {"loss": 0.5}}
    assert [student.get(PATH).status, student.post(PATH, body).status] == [404, 404]
    document = room.instructor.get(f"/problem-sets/{NAME}").json
    room.instructor.put(f"/problem-sets/{NAME}", document | {"practice": True})
    assert [student.get(PATH).status, student.post(PATH, body).status] == [200, 200]
    for asker in (room.instructor, room.assistant, room.ci()):
        assert [asker.get(PATH).status, asker.post(PATH, body).status] == [404, 404]


def test_an_exercise_with_the_same_numbers_for_everybody_has_none(room):
    given = FIXED | {"x": [[0.5], [1]]}
    student = opened(room, exercises=[exercise("one-layer", given=given)])
    assert student.get(PATH).status == 404


def test_answers_to_what_a_student_holds_are_never_judged(room):
    student = opened(room, exercises=[FEW])
    held = [room.students[each].exercise() for each in ("s001", "s002")]
    numbers = {str(Exercise.from_json(each).given) for each in held}
    for seed in map(str, range(8)):
        drawn = student.get(f"{PATH}?seed={seed}").body
        assert str(Exercise.from_json(drawn).given) not in numbers
        for each in held:
            reply = student.post(PATH, {"seed": seed, "answers": right(each)})
            # The same numbers in another order are refused before they are judged.
            assert reply.status == 409 or reply.json["outcome"] != "correct"


def test_nor_are_those_to_the_numbers_of_another_exercise_that_is_open(room):
    # Of so many variants hardly any other is held by somebody.
    many = exercise("one-layer", given=FIXED, draw={"inputs": GRID | {"step": 0.01}}, batch=1)
    student = opened(room, exercises=[many])
    seeds = {}
    for seed in map(str, range(8)):
        seeds.setdefault(json.dumps(student.get(f"{PATH}?seed={seed}").json["given"]), seed)
    first, seed = next(iter(seeds.items()))
    room.publish(name="week-2", exercises=[exercise("same", given=json.loads(first))])
    room.enrol("s002", of="week-2")
    room.students["s002"].exercise("same", of="week-2")
    answers = right(student.get(f"{PATH}?seed={seed}").body)
    refused = student.post(PATH, {"seed": seed, "answers": answers})
    assert refused.status == 409
    assert "not closed yet" in refused.detail
    assert {
        student.post(PATH, {"seed": each, "answers": answers}).status for each in seeds.values()
    } == {
        200,
        409,
    }


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"dW9": 0.5}, "dW9"),
        ({"loss": "0.5"}, "loss"),
        ({"exercise": "0" * 16, "answers": {"loss": 0.5}}, "0000000000000000"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_name(room, answers, said):
    student = opened(room)
    refused = student.post(PATH, {"answers": answers})
    assert refused.status == 422
    assert said in refused.detail


def test_a_body_that_is_longer_than_any_answers_is_not_read(room):
    student = opened(room)
    refused = student.post(PATH, b" " * 20_000 + b"{}")
    assert refused.status == 413
