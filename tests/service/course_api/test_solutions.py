"""Worked solutions: withheld until the set's policy shows them, and then one's own alone."""

from datetime import UTC, datetime, timedelta

import pytest

from gradgrade.problems import Exercise, solve
from tests.service.course_api.classroom import EXERCISES, NAME, problem_set, right
from tests.service.course_api.test_canaries import canaries, digits

DUE = datetime(2031, 3, 1, 12, tzinfo=UTC)
LATE_UNTIL = DUE + timedelta(days=2)
SECOND = timedelta(seconds=1)

PATH = f"/problem-sets/{NAME}/exercises/{EXERCISES[0]}/solution"


@pytest.fixture
def room(classroom):
    classroom.live.set_clock(DUE - timedelta(days=7))
    return classroom


def opened(room, **fields):
    """Publish a set with two students who have their numbers; return the first."""
    room.publish(**fields)
    for student in room.enrol("s001", "s002"):
        student.exercise()
    return room.students["s001"]


def at(room, student, moment):
    room.live.set_clock(moment)
    return student.asker.get(PATH)


def check_withheld(reply, document, status=403):
    assert reply.status == status
    text = digits(reply.body.decode())
    assert not any(each in text for each in canaries(document))


def check_shown(reply, document):
    assert reply.status == 200
    assert reply.json["schema"] == "gradgrade/solution/1"
    assert reply.json["exercise"] == Exercise.from_json(document).id
    assert reply.body.decode() == solve(Exercise.from_json(document)).to_json()
    text = digits(reply.body.decode())
    assert any(each in text for each in canaries(document))


def test_a_set_that_says_nothing_never_shows_a_solution(room):
    student = opened(room, due=DUE.isoformat())
    student.submit()
    check_withheld(at(room, student, LATE_UNTIL), student.exercise(), status=404)


def test_after_due_it_is_shown_a_second_after_the_last_moment(room):
    student = opened(
        room, due=DUE.isoformat(), late_until=LATE_UNTIL.isoformat(), solutions="after_due"
    )
    document = student.exercise()
    for moment in (DUE, DUE + SECOND, LATE_UNTIL):
        withheld = at(room, student, moment)
        check_withheld(withheld, document)
        assert LATE_UNTIL.isoformat() in withheld.detail
    check_shown(at(room, student, LATE_UNTIL + SECOND), document)


def test_an_extension_withholds_it_from_its_student_alone(room):
    student = opened(room, due=DUE.isoformat(), solutions="after_due")
    later = DUE + timedelta(days=9)
    path = f"/problem-sets/{NAME}/students/s001/extension"
    room.instructor.put(path, {"due": later.isoformat()})
    check_withheld(at(room, student, DUE + SECOND), student.exercise())
    other = room.students["s002"]
    check_shown(at(room, other, DUE + SECOND), other.exercise())
    check_withheld(at(room, student, later), student.exercise())
    check_shown(at(room, student, later + SECOND), student.exercise())


def test_after_full_marks_it_is_shown_to_whoever_has_them(room):
    student = opened(room, due=DUE.isoformat(), solutions="after_full_marks")
    document = student.exercise()
    answers = right(document)
    student.submit({"loss": answers["loss"]})
    check_withheld(at(room, student, DUE), document)
    student.submit(answers)
    check_shown(at(room, student, DUE), document)
    # Full marks in one exercise open no other.
    other = PATH.replace(EXERCISES[0], EXERCISES[1])
    assert student.asker.get(other).status == 403
    # Nor does somebody else's.
    check_withheld(at(room, room.students["s002"], DUE), room.students["s002"].exercise())


def test_late_work_that_is_right_counts_as_full_marks_whatever_being_late_costs(room):
    student = opened(
        room,
        due=DUE.isoformat(),
        late_until=LATE_UNTIL.isoformat(),
        late_penalty=1,
        solutions="after_full_marks",
    )
    document = student.exercise()
    room.live.set_clock(DUE + SECOND)
    assert student.submit().json["score"] == 0
    check_shown(at(room, student, DUE + SECOND), document)


def test_nobody_sees_the_solution_of_another_but_staff_who_see_all(room):
    student = opened(room, due=DUE.isoformat(), solutions="after_due")
    room.live.set_clock(DUE + SECOND)
    assert student.asker.get(f"{PATH}?student=s002").status == 404
    assert room.ci().get(PATH).status == 404
    room.live.set_clock(DUE)
    for asker in (room.instructor, room.assistant):
        check_shown(asker.get(f"{PATH}?student=s001"), student.exercise())
        assert asker.get(PATH).status == 422
        assert asker.get(f"{PATH}?student=none").status == 404


def test_a_set_whose_solutions_would_never_be_shown_is_refused(room):
    refused = room.instructor.post("/problem-sets", problem_set(solutions="after_due"))
    assert refused.status == 422
    assert "write due too" in refused.detail
