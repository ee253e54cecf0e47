from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

import pytest

from tests.service.course_api.classroom import NAME, right

DUE = datetime(2031, 3, 1, 12, tzinfo=UTC)
LATE_UNTIL = DUE + timedelta(days=2)
INSTANT = timedelta(microseconds=1)

PATH = f"/problem-sets/{NAME}"


@pytest.fixture
def room(classroom):
    classroom.live.set_clock(DUE - timedelta(days=7))
    classroom.publish(
        due=DUE.isoformat(), late_until=LATE_UNTIL.isoformat(), late_penalty=0.15, attempts=20
    )
    classroom.enrol("s001", "s002")
    return classroom


def submit_at(room, student, moment, answers=None, **headers):
    room.students[student].exercise()
    room.live.set_clock(moment)
    return room.students[student].submit(answers, **headers)


@pytest.mark.parametrize(
    ("moment", "is_late"),
    [
        (DUE - INSTANT, False),
        (DUE, False),
        (DUE + INSTANT, True),
        (LATE_UNTIL, True),
    ],
)
def test_work_is_late_from_the_moment_after_it_is_due(room, moment, is_late):
    told = submit_at(room, "s001", moment).json
    assert told["late"] is is_late
    assert told["score"] == (8.5 if is_late else 10)
    assert told["verdict"]["score"] == 10
    assert told["received_at"] == moment.isoformat()


def test_after_the_last_moment_nothing_is_taken(room):
    refused = submit_at(room, "s001", LATE_UNTIL + INSTANT)
    assert refused.status == 409
    assert refused.detail == f"this problem set closed at {LATE_UNTIL.isoformat()}"
    assert room.instructor.get(f"{PATH}/submissions").json == []
    assert room.students["s001"].exercise()


def test_without_a_time_for_late_work_the_deadline_is_the_end(classroom):
    classroom.publish(due=DUE.isoformat(), late_penalty=0.5)
    classroom.enrol("s001")
    assert submit_at(classroom, "s001", DUE).json["late"] is False
    assert submit_at(classroom, "s001", DUE + INSTANT).status == 409


def test_what_was_taken_is_answered_alike_after_the_end(room):
    answers = {"loss": 0.5}
    first = submit_at(room, "s001", DUE, answers, Idempotency_Key="k")
    again = submit_at(room, "s001", LATE_UNTIL + INSTANT, answers, Idempotency_Key="k")
    assert (again.status, again.body) == (201, first.body)


@pytest.mark.parametrize("penalty", ["0", "0.1", "0.15", "0.333", "0.29", "1"])
def test_a_penalty_is_exact_to_the_hundredth_and_rounds_down(classroom, penalty):
    classroom.publish(
        due=DUE.isoformat(), late_until=LATE_UNTIL.isoformat(), late_penalty=float(penalty)
    )
    (student,) = classroom.enrol("s001")
    answers = right(student.exercise())
    for kept in (["loss"], ["dW1"], ["loss", "dW1"], list(answers)):
        part = {name: answers[name] for name in kept}
        told = submit_at(classroom, "s001", LATE_UNTIL, part).json
        full = Decimal(str(told["verdict"]["score"]))
        left = (full * (1 - Decimal(penalty))).quantize(Decimal("0.01"), ROUND_FLOOR)
        assert Decimal(str(told["score"])) == left
        kept = student.asker.get(f"/submissions/{told['submission']}").json
        assert (kept["score"], kept["verdict"]["score"]) == (told["score"], float(full))


def test_an_extension_moves_one_students_deadlines_alone(room):
    later = DUE + timedelta(days=30)
    stated = {"due": later.isoformat(), "late_until": (later + timedelta(days=1)).isoformat()}
    room.instructor.put(f"{PATH}/students/s001/extension", stated)
    assert submit_at(room, "s001", later).json["late"] is False
    assert submit_at(room, "s001", later + INSTANT).json["late"] is True
    assert submit_at(room, "s002", later).status == 409
    assert submit_at(room, "s001", later + timedelta(days=1) + INSTANT).status == 409
    room.instructor.put(f"{PATH}/students/s001/extension", {})
    assert submit_at(room, "s001", later).status == 409


def test_the_best_attempt_counts_late_or_not(room):
    answers = right(room.students["s001"].exercise())
    submit_at(room, "s001", DUE, {"loss": answers["loss"]})
    assert submit_at(room, "s001", LATE_UNTIL).json["score"] == 8.5
    submit_at(room, "s001", LATE_UNTIL, {"loss": 0.5})
    book = room.instructor.get(f"{PATH}/gradebook").json
    (row,) = (each for each in book["students"] if each["id"] == "s001")
    cell = row["exercises"]["one-layer"]
    assert (row["score"], cell["score"], cell["attempts"], cell["late"]) == (8.5, 8.5, 3, True)
