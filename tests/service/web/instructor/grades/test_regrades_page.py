"""A regrade in a browser: looked at, carried out or left, taken back."""

import pytest

from gradgrade.service.course.backend import Backend
from gradgrade.service.course.people.authentication import authenticate
from gradgrade.service.course.regrades import running
from tests.service.course_api.classroom import NAME, exercise, problem_set, right
from tests.service.course_api.live import SECRET
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database

PLACE = f"/sets/{NAME}/-/regrades"


@pytest.fixture
def worth_more(published):
    """A student has full marks in an exercise that is worth more by now, and another has none."""
    student, other = published.students["s001"], published.students["s002"]
    assert student.submit().status == 201
    assert other.submit({"loss": -1.0}).status == 201
    published.instructor.put(
        f"/problem-sets/{NAME}",
        problem_set(exercises=[exercise("one-layer", points=20), problem_set()["exercises"][1]]),
    )
    return published


def points(room, student):
    told = room.instructor.get(f"/problem-sets/{NAME}/submissions?student={student}").json
    return [each["score"] for each in told]


def begun(staff, **fields):
    """The page of a regrade that was begun and graded."""
    sent = staff.post(PLACE, {"csrf_token": staff.get(PLACE).fields["csrf_token"]} | fields)
    assert sent.status == 303, sent.source
    return sent.location


def act(staff, location, what):
    """Press a button of a regrade's page."""
    path = f"{location.partition('?')[0]}/{what}"
    return staff.post(path, staff.get(location).fields)


def test_what_would_change_is_seen_before_anything_does(worth_more, staff):
    location = begun(staff)
    page = staff.get(location)
    check_page(page)
    assert "What would change" in page.text
    assert "2 submissions graded" in page.text
    assert "1 changed" in page.text
    assert "▲ 10 higher" in page.text
    assert points(worth_more, "s001") == [10]
    assert "1 higher" in page.text
    assert "0 lower" in page.text


def test_it_is_carried_out_and_taken_back(worth_more, staff):
    location = begun(staff)
    assert act(staff, location, "application").status == 303
    assert points(worth_more, "s001") == [20]
    page = staff.get(location)
    assert "Carried out" in page.text
    check_page(page)
    assert "✓ carried out" in staff.get(PLACE).text
    assert act(staff, location, "reversal").status == 303
    assert points(worth_more, "s001") == [10]
    assert "– taken back" in staff.get(PLACE).text
    actions = [each["action"] for each in worth_more.instructor.get("/audit-log").json]
    assert actions[-3:] == ["regrade.begun", "regrade.applied", "regrade.reversed"]


def test_who_leaves_it_has_changed_nothing(worth_more, staff):
    location = begun(staff)
    assert act(staff, location, "leave").status == 303
    assert points(worth_more, "s001") == [10]
    assert staff.get(location).status == 404
    assert "There is none." in staff.get(PLACE).text
    assert "left a regrade of" in staff.get("/audit-log").text
    assert act(staff, begun(staff), "application").status == 303
    assert points(worth_more, "s001") == [20]


def test_what_would_fall_stays_where_that_is_asked(worth_more, staff):
    worth_less = problem_set(exercises=[exercise("one-layer", points=2)])
    worth_more.instructor.put(f"/problem-sets/{NAME}", worth_less)
    location = begun(staff, never_lower="yes")
    assert "No points and no outcome are other ones." in staff.get(location).text
    act(staff, location, "leave")
    assert "▼ 8 lower" in staff.get(begun(staff)).text


def test_one_that_was_interrupted_shows_how_far_it_is_and_goes_on(worth_more, staff):
    backend = Backend(store=worth_more.live.store, secret=SECRET.encode())
    actor = authenticate(backend, worth_more.instructor.token)
    started = running.begin(backend, actor, NAME, never_lower=False)
    page = staff.get(PLACE)
    assert "A regrade was begun and is not carried out." in page.text
    location = f"{PLACE}/{started.id}"
    page = staff.get(location)
    check_page(page)
    assert "Being graded 0 of 2 submissions" in page.text
    assert "Carry it out" not in page.text
    sent = act(staff, location, "application")
    assert sent.status == 303
    assert points(worth_more, "s001") == [10]
    sent = act(staff, location, "step")
    assert "What would change" in staff.get(sent.location).text
    assert act(staff, sent.location, "application").status == 303
    assert points(worth_more, "s001") == [20]


def test_a_set_that_was_replaced_meanwhile_begins_anew(worth_more, staff):
    location = begun(staff)
    again = problem_set(exercises=[exercise("one-layer", points=30), problem_set()["exercises"][1]])
    worth_more.instructor.put(f"/problem-sets/{NAME}", again)
    page = staff.get(location)
    assert "The set was replaced since." in page.text
    check_page(page)
    assert act(staff, location, "application").status == 409
    assert points(worth_more, "s001") == [10]
    location = staff.post(PLACE, staff.get(location).fields).location
    assert "▲ 20 higher" in staff.get(location).text


def test_assistants_regrade_and_students_do_not(worth_more, assistant):
    location = begun(assistant)
    assert act(assistant, location, "application").status == 303
    student = Visitor.of(worth_more.students["s001"].asker)
    assert student.get(PLACE).status == 403
    assert student.get(location).status == 403


def test_a_regrade_of_another_set_is_not_found(worth_more, staff):
    worth_more.publish(name="week-2")
    location = begun(staff)
    assert staff.get(location.replace(NAME, "week-2")).status == 404
    assert staff.get(f"{PLACE}/nothing").status == 404
    assert staff.get(f"{location.partition('?')[0]}?tried=x").status == 400


def test_what_is_handed_in_meanwhile_is_graded_with_it(worth_more, staff):
    location = begun(staff)
    student = worth_more.students["s002"]
    assert student.submit(right(student.exercise())).status == 201
    assert act(staff, location, "application").status == 303
    assert points(worth_more, "s002") == [0, 20]
