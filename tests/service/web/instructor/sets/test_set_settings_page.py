"""What holds for everybody in a set, changed in boxes."""

import pytest

from tests.service.course_api.classroom import NAME
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database

PLACE = f"/sets/{NAME}/-/settings"


def stands(room):
    return room.instructor.get(f"/problem-sets/{NAME}").json


def test_policies_are_changed_without_the_document(published, staff):
    before = stands(published)
    page = staff.get(PLACE)
    check_page(page)
    changes = {
        "due": "2031-12-01T23:59",
        "late_until": "2031-12-03T23:59:30",
        "late_penalty": "0,2",
        "attempts": "5",
        "feedback": "parts",
        "after_due": "diagnosis",
    }
    sent = staff.fill_in(PLACE, **{"practice": ""}, **changes)
    assert (sent.status, sent.location) == (303, f"{PLACE}?kept=yes")
    assert stands(published) == before | {
        "due": "2031-12-01T23:59:00+00:00",
        "late_until": "2031-12-03T23:59:30+00:00",
        "late_penalty": 0.2,
        "attempts": 5,
        "feedback": "parts",
        "after_due": "diagnosis",
    }
    page = staff.get(sent.location)
    assert "It is version 2 of the set" in page.text
    assert page.fields["due"] == "2031-12-01T23:59"
    assert page.fields["late_penalty"] == "0.2"
    student = Visitor.of(published.students["s001"].asker)
    assert "late until 2031-12-03 23:59 UTC" in student.get(f"/sets/{NAME}").text


def test_what_is_emptied_no_longer_holds_and_a_zone_is_kept(classroom):
    classroom.publish(due="2031-12-01T23:59:00+01:00", attempts=3)
    staff = Visitor.of(classroom.instructor)
    page = staff.get(PLACE)
    assert page.fields["due"] == "2031-12-01T22:59"
    assert "Due 2031-12-01 22:59 UTC" in staff.get(f"/sets/{NAME}/-/overview").text
    staff.fill_in(PLACE, attempts="", feedback="diagnosis", practice="")
    assert "attempts" not in stands(classroom)
    assert stands(classroom)["due"] == "2031-12-01T23:59:00+01:00"
    # As a script shows it, and says so.
    zoned = {"due": "2031-12-02T00:59", "due_offset": "+02:00"}
    staff.fill_in(PLACE, feedback="diagnosis", practice="", **zoned)
    assert stands(classroom)["due"] == "2031-12-01T23:59:00+01:00"
    zoned = {"due": "2031-12-02T00:58", "due_offset": "+02:00"}
    staff.fill_in(PLACE, feedback="diagnosis", practice="", **zoned)
    assert stands(classroom)["due"] == "2031-12-01T22:58:00+00:00"


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"attempts": "0"}, "attempts", "at least 1"),
        ({"attempts": "many"}, "attempts", "many"),
        ({"late_penalty": "20"}, "late_penalty", "it must be from 0 to 1"),
        ({"late_penalty": "x"}, "late_penalty", "x"),
        ({"due": "soon"}, "due", "write it such as 2026-12-01T23:59:00Z"),
        ({"late_until": "2031-12-01T00:00"}, "late_until", "there is no due"),
        ({"solutions": "after_due"}, "solutions", "write due too"),
    ],
)
def test_what_is_wrong_is_told_beside_its_box_and_nothing_changes(
    published, staff, changes, field, said
):
    before = stands(published)
    page = staff.fill_in(PLACE, **{"feedback": "diagnosis", "practice": ""} | changes)
    assert page.status == 422
    assert page.all("title")[0].text.startswith("Error:")
    (fault,) = (each for each in page.elements if each.attributes.get("id") == f"{field}-fault")
    assert said in fault.text
    check_page(page)
    assert stands(published) == before


def test_a_change_of_a_version_that_no_longer_stands_is_refused(published, staff):
    fields = staff.get(PLACE).fields | {"feedback": "score", "practice": ""}
    staff.fill_in(PLACE, attempts="7", feedback="score", practice="")
    late = staff.post(PLACE, fields | {"attempts": "2"})
    assert late.status == 422
    assert "The set was changed meanwhile." in late.text
    assert stands(published)["attempts"] == 7


def test_settings_are_an_instructors_alone(published, assistant):
    student = Visitor.of(published.students["s001"].asker)
    for visitor in (assistant, student):
        assert visitor.get(PLACE).status == 403
