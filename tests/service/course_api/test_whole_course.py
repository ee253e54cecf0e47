"""A whole course, through HTTP alone: two sets, thirty students, and whoever runs it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest

from tests.service.course_api.classroom import (
    EXERCISES,
    NAME,
    Student,
    exercise,
    problem_set,
    right,
)

NOW = datetime(2032, 9, 6, 9, tzinfo=UTC)
DUE = NOW + timedelta(days=7)
LATE_UNTIL = DUE + timedelta(days=3)
LATE = DUE + timedelta(days=1)
STUDENTS = tuple(f"s{number:02}" for number in range(1, 31))
SECOND = "week-2"

PUNCTUAL, LATE_ONES, WRONG, ABSENT = STUDENTS[:15], STUDENTS[15:20], STUDENTS[20:27], STUDENTS[27:]
EXTENDED = STUDENTS[19]

ATTEMPTS = 2
PENALTY = Decimal("0.25")


def first_set(**fields):
    return problem_set(
        due=DUE.isoformat(),
        late_until=LATE_UNTIL.isoformat(),
        late_penalty=float(PENALTY),
        attempts=ATTEMPTS,
        feedback="parts",
        after_due="diagnosis",
        **fields,
    )


def second_set():
    return {**problem_set(feedback="score"), "name": SECOND, "title": "The second week"}


def flipped(answers):
    """Answers whose gradient has the wrong sign."""
    return {name: negative(value) if name == "dW1" else value for name, value in answers.items()}


def negative(value):
    return [negative(each) for each in value] if isinstance(value, list) else -value


@pytest.fixture
def course(classroom):
    """The course after its first set has closed."""
    live, staff = classroom.live, classroom.instructor
    live.set_clock(NOW)
    assert staff.post("/previews?students=5", first_set()).status == 200
    for document in (first_set(), second_set()):
        assert staff.post("/problem-sets", document).status == 201
    roster = [{"id": each, "name": f"Name of {each}"} for each in STUDENTS]
    enrolled = staff.post(f"/problem-sets/{NAME}/students", roster)
    assert [each["id"] for each in enrolled.json] == list(STUDENTS)
    for each in enrolled.json:
        classroom.students[each["id"]] = Student(each["id"], live.asker(each["token"]))
    again = staff.post(f"/problem-sets/{SECOND}/students", roster).json
    assert {each["token"] for each in again} == {None}

    for each in PUNCTUAL:
        assert hand_in(classroom, each).json["verdict"]["outcome"] == "correct"
    for each in WRONG:
        for attempt in (1, 2):
            told = hand_in(classroom, each, wrong=True)
            assert told.status == 201
            assert told.json["attempts_left"] == ATTEMPTS - attempt
        spent = hand_in(classroom, each)
        assert (spent.status, "attempts" in spent.detail) == (409, True)
    extension = {"due": (LATE + timedelta(days=1)).isoformat()}
    path = f"/problem-sets/{NAME}/students/{EXTENDED}/extension"
    assert staff.put(path, extension).status == 200

    live.set_clock(LATE)
    for each in LATE_ONES:
        told = hand_in(classroom, each).json
        assert told["late"] is (each != EXTENDED)
    live.set_clock(LATE_UNTIL + timedelta(seconds=1))
    for each in ABSENT:
        assert hand_in(classroom, each).status == 409
    return classroom


def hand_in(classroom, student, *, wrong=False, of=NAME):
    who = classroom.students[student]
    answers = right(who.exercise(of=of))
    return who.submit(flipped(answers) if wrong else answers, of=of)


def scores(classroom, of=NAME):
    book = classroom.assistant.get(f"/problem-sets/{of}/gradebook?format=json").json
    return {each["id"]: each["score"] for each in book["students"]}


def test_a_whole_course(course):
    check_scores(course, wrong=Decimal(10) * 2 / 3)
    check_feedback_after_due(course)
    check_statistics(course)
    check_every_gradebook_format(course)
    check_regrade(course)
    check_that_sets_are_apart(course)
    check_audit_log(course)


def check_scores(course, *, wrong):
    found = scores(course)
    assert all(found[each] == 10 for each in PUNCTUAL)
    assert found[EXTENDED] == 10
    late = [found[each] for each in LATE_ONES if each != EXTENDED]
    assert late == [float(10 * (1 - PENALTY))] * 4
    # One of three parts is wrong; the points are split to the hundredth.
    assert all(abs(Decimal(str(found[each])) - wrong) < Decimal("0.02") for each in WRONG)
    assert all(found[each] in (None, 0) for each in ABSENT)


def check_feedback_after_due(course):
    who = course.students[WRONG[0]].asker
    listed = who.get(f"/problem-sets/{NAME}/submissions").json
    assert [each["attempt"] for each in listed] == [1, 2]
    verdict = who.get(f"/submissions/{listed[0]['submission']}").json["verdict"]
    assert verdict["first_error"] == "dW1"
    assert verdict["parts"][2]["entries"] is not None
    other = course.students[PUNCTUAL[0]].asker
    assert other.get(f"/submissions/{listed[0]['submission']}").status == 404


def check_statistics(course):
    told = course.assistant.get(f"/problem-sets/{NAME}/statistics")
    assert told.status == 200
    assert "dW1" in told.body.decode()
    assert course.students[PUNCTUAL[0]].asker.get(f"/problem-sets/{NAME}/statistics").status == 404


def check_every_gradebook_format(course):
    def read(form):
        reply = course.instructor.get(f"/problem-sets/{NAME}/gradebook?format={form}")
        assert reply.status == 200, reply.body
        return reply

    canvas = list(csv.reader(io.StringIO(read("canvas").body.decode("utf-8-sig"))))
    assert canvas[0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert "Points Possible" in canvas[1][0]
    assert Decimal(canvas[1][5]) == 14
    by_student = {row[2]: row[5] for row in canvas[2:]}
    assert Decimal(by_student[PUNCTUAL[0]]) == 10
    assert by_student[ABSENT[0]] == ""

    plain = list(csv.DictReader(io.StringIO(read("csv").body.decode("utf-8-sig"))))
    assert [row["id"] for row in plain] == list(STUDENTS)
    moodle = list(csv.reader(io.StringIO(read("moodle").body.decode("utf-8-sig"))))
    assert len(moodle) == 1 + len(STUDENTS) - len(ABSENT)
    sheet = openpyxl.load_workbook(io.BytesIO(read("xlsx").body)).worksheets[0]
    assert sheet.max_row >= 1 + len(STUDENTS)
    assert read("json").json["schema"] == "gradgrade/gradebook/1"


def check_regrade(course):
    """The third part was too strict: it is no longer asked, and its points go to the others."""
    before = scores(course)
    fixed = first_set()
    fixed["exercises"][0] = exercise(EXERCISES[0], ask=["loss", "delta1"])
    published = course.instructor.put(f"/problem-sets/{NAME}", fixed).json
    assert published["version"] == 2
    assert {each["student"] for each in published["holders"]} == set(STUDENTS)
    assert scores(course) == before

    path = f"/problem-sets/{NAME}/regrades"
    tried = course.assistant.post(path, {"dry_run": True})
    assert tried.status == 200
    assert tried.json["changed"] == 2 * len(WRONG)
    assert scores(course) == before

    applied = course.assistant.post(path, {"dry_run": False})
    assert applied.status == 201
    after = scores(course)
    assert {each for each in STUDENTS if after[each] != before[each]} == set(WRONG)
    assert all(after[each] == 10 for each in WRONG)

    reversal = course.instructor.post(f"/regrades/{applied.json['regrade']}/reversal")
    assert reversal.status == 200
    assert scores(course) == before


def check_that_sets_are_apart(course):
    told = hand_in(course, ABSENT[0], of=SECOND)
    assert told.status == 201
    assert told.json["attempts_left"] is None
    assert told.json["verdict"]["parts"] == []
    assert scores(course, SECOND)[ABSENT[0]] == 10
    assert scores(course)[ABSENT[0]] in (None, 0)


def check_audit_log(course):
    actions = {each["action"] for each in course.instructor.get("/audit-log?limit=1000").json}
    assert {
        *("problem_set.published", "problem_set.replaced"),
        *("students.enrolled", "student.extended"),
    } <= actions
    assert any(action.startswith("regrade") for action in actions)
