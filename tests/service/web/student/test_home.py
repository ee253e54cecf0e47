"""The home of a student, and of staff: what is due, what is done, what was earned."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from gradgrade.service.course.backend import Backend
from gradgrade.service.course.grades.standing import read_all_standings
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.sets.policy import own_policies
from gradgrade.service.course.sets.problem_sets import list_problem_sets
from tests.service.course_api.classroom import EXERCISES, NAME, right
from tests.service.course_api.live import SECRET
from tests.service.web.visitor import Visitor, one_database

NOW = datetime(2031, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def room(classroom):
    """A course whose sets are due at several times, published in another order."""
    classroom.live.set_clock(NOW)
    for name, title, fields in (
        ("never", "No hurry", {}),
        ("later", "Due later", {"due": (NOW + 5 * DAY).isoformat()}),
        ("soon", "Due soon", {"due": (NOW + DAY).isoformat(), "attempts": 2}),
        (
            "late",
            "Late already",
            {"due": (NOW - DAY).isoformat(), "late_until": (NOW + 3 * DAY).isoformat()},
        ),
        ("over", "Closed already", {"due": (NOW - DAY).isoformat()}),
    ):
        classroom.publish(name=name, title=title, **fields)
        classroom.enrol("s001", "s002", of=name)
    return classroom


def home(room, student="s001"):
    return Visitor.of(room.students[student].asker).get("/")


def test_what_is_due_first_stands_first_and_what_never_is_last(room):
    page = home(room)
    to_do = page.text.partition("To do")[2].partition("Done")[0]
    places = [to_do.index(title) for title in ("Late already", "Due soon", "Due later", "No hurry")]
    assert places == sorted(places)
    assert "Closed already" not in to_do
    assert "late" in to_do


def test_what_is_closed_is_done_and_says_so(room):
    done = home(room).text.partition("Done")[2]
    assert "Closed already" in done
    assert "closed" in done
    assert "not handed in" in done
    assert "Due soon" not in done


def test_what_was_earned_is_told_by_exercise_and_in_all(room):
    student = room.students["s001"]
    student.submit(of="soon")
    answers = right(student.exercise(EXERCISES[1], of="soon"))
    student.submit({"loss": answers["loss"]}, EXERCISES[1], of="soon")
    page = home(room)
    assert "11.34 of 70 points" in page.text  # 10 of 10, and a third of 4, of five sets of 14
    to_do, done = page.text.partition("To do")[2].split("Done")
    assert "in progress" in to_do
    assert "1 attempt left" in to_do
    assert "full marks" in done
    assert "11.34 of 14 points" in done


def test_what_has_no_attempt_left_is_done_whatever_was_reached(room):
    student = room.students["s001"]
    for _ in range(2):
        student.submit({"loss": 0.5}, of="soon")
    done = home(room).text.partition("Done")[2]
    assert "2 of 2" in done
    assert "not right" in done


def test_an_extension_opens_again_what_was_closed(room):
    path = "/problem-sets/over/students/s001/extension"
    room.instructor.put(path, {"due": (NOW + DAY).isoformat()})
    assert "Closed already" in home(room).text.partition("To do")[2].partition("Done")[0]
    theirs = home(room, "s002").text.partition("To do")[2].partition("Done")[0]
    assert "Closed already" not in theirs


def test_nothing_of_other_students_is_at_home(room):
    other = room.students["s002"]
    other.submit(of="soon")
    page = home(room)
    assert "0 of 70 points" in page.text
    assert "s002" not in page.source
    assert "full marks" not in page.text


def test_a_first_day_says_that_there_is_nothing_to_do(classroom):
    classroom.publish()
    classroom.enrol("s001")
    assert classroom.instructor.delete(f"/problem-sets/{NAME}").status == 204
    page = Visitor.of(classroom.students["s001"].asker).get("/")
    assert "There is nothing to do yet." in page.text
    assert "To do" not in page.text


def test_staff_see_how_many_handed_in(room):
    room.students["s001"].submit(of="soon")
    room.students["s001"].submit({"loss": 0.5}, of="soon")
    for asker in (room.instructor, room.assistant):
        page = Visitor.of(asker).get("/")
        rows = [each.text for each in page.all("tr")]
        (soon,) = (each for each in rows if "Due soon" in each)
        (later,) = (each for each in rows if "Due later" in each)
        assert "1 of 2 students" in soon
        assert "0 of 2 students" in later
        assert "2031-03-02" in soon


def test_a_set_without_students_says_so(classroom):
    classroom.publish()
    assert "no students yet" in Visitor.of(classroom.instructor).get("/").text


@one_database
def test_home_reads_as_often_for_many_sets_as_for_one(room):
    """Statements are counted where a home is made, on the same database."""
    backend = Backend(store=room.live.store, secret=SECRET.encode())
    student = authenticate(backend, room.students["s001"].asker.token)
    seen = []
    with room.live.store.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *told: seen.append(told[2]))
        found = list_problem_sets(connection, student, after=0, limit=100)
        own_policies(connection, student, found)
        standings = read_all_standings(connection, student.student.row)
    assert len(found) == 5
    assert len(seen) == 4
    assert standings == {}


@one_database
def test_a_set_shows_where_its_student_stands_in_each_exercise(room):
    student = room.students["s001"]
    student.submit(of="soon")
    page = Visitor.of(student.asker).get("/sets/soon")
    rows = [" ".join(each.text.split()) for each in page.all("tr")]
    assert "The exercise one-layer ✓ full marks 1 of 2 10 10" in rows
    assert "The exercise two-layers – not begun 0 of 2 – 4" in rows
    assert "10 of 14 points" in page.text
