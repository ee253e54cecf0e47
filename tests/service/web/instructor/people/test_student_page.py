"""A student's page: what they did, and what an instructor states for them."""

import pytest

from tests.service.course_api.classroom import EXERCISES, NAME
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database

SET = f"/sets/{NAME}"
PAGE = f"{SET}/-/students/s001"
EXERCISE = EXERCISES[0]
STATED = {"exercise": EXERCISE, "points": "7,25", "comment": "Read <b>by hand</b>"}


@pytest.fixture
def staff(published):
    return Visitor.of(published.instructor)


@pytest.fixture
def assistant(published):
    return Visitor.of(published.assistant)


def token(visitor):
    return {"csrf_token": visitor.get(PAGE).fields["csrf_token"]}


def score(room, name: str = EXERCISE):
    (student, _) = room.instructor.get(f"/problem-sets/{NAME}/gradebook").json["students"]
    return student["exercises"][name]


def test_it_tells_who_it_is_and_what_they_handed_in(published, staff):
    people = [{"id": "s001", "name": "Ada <i>Lovelace</i>", "email": "ada@example.org"}]
    published.instructor.post(f"/problem-sets/{NAME}/students", people)
    first = published.students["s001"].submit({"loss": 0.5}).json["submission"]
    last = published.students["s001"].submit().json["submission"]
    page = staff.get(PAGE)
    assert page.status == 200
    check_page(page)
    assert "<i>Lovelace" not in page.source
    assert "Ada <i>Lovelace</i> s001" in page.all("h1")[0].text
    assert 'href="mailto:ada@example.org"' in page.source
    assert page.source.index(last) < page.source.index(first)
    assert "10 of 14 points" in page.text
    assert f'href="{SET}/{EXERCISE}?student=s001"' in page.source
    assert f"{EXERCISES[1]}?student" not in page.source
    assert "not opened" in page.text


def test_looking_draws_no_numbers(published, staff):
    assert staff.get(PAGE).status == 200
    progress = published.instructor.get(f"/problem-sets/{NAME}/progress").json["students"][0]
    assert {each["state"] for each in progress["exercises"].values()} == {"not_opened"}


def test_an_assistant_sees_it_and_changes_nothing(published, assistant):
    published.instructor.put(f"/problem-sets/{NAME}/students/s001/extension", {"attempts": 7})
    page = assistant.get(PAGE)
    assert page.status == 200
    check_page(page)
    assert "0 of 7" in page.text
    assert not page.all("textarea")
    assert {each.attributes.get("name") for each in page.all("input")} == {"csrf_token"}
    sent = {"csrf_token": page.fields["csrf_token"]}
    assert assistant.post(f"{PAGE}/override", sent | STATED).status == 403
    assert assistant.post(f"{PAGE}/extension", sent | {"attempts": "9"}).status == 403
    assert score(published) is None


def test_a_student_is_shown_no_such_page(published):
    student = Visitor.of(published.students["s001"].asker)
    page = student.get(PAGE)
    assert page.status == 403
    check_page(page)
    sent = {"csrf_token": page.fields["csrf_token"]}
    assert student.post(f"{PAGE}/override", sent | STATED).status == 403
    assert student.post(f"{PAGE}/extension", sent | {"attempts": "9"}).status == 403


@pytest.mark.parametrize("path", [PAGE.replace("s001", "s999"), PAGE.replace(NAME, "absent")])
def test_who_is_not_there_has_no_page(published, staff, path):
    assert staff.get(path).status == 404
    assert staff.post(f"{path}/override", token(staff) | STATED).status == 404
    assert staff.post(f"{path}/extension", token(staff)).status == 404


def test_points_are_stated_shown_and_withdrawn(published, staff):
    published.students["s001"].submit({"loss": 0.5})
    sent = staff.post(f"{PAGE}/override", token(staff) | STATED)
    assert (sent.status, sent.location) == (303, PAGE)
    assert score(published)["score"] == 7.25
    page = staff.get(PAGE)
    check_page(page)
    assert "7.25 points stated by hand" in page.text
    assert "“Read <b>by hand</b>”" in page.text
    assert "<b>by hand" not in page.source
    assert "Graded: 0.00." in page.text
    assert "stated 7.25 points for s001 in one-layer of week-1" in page.text
    assert "7.25 ◐" in staff.get(SET).text.replace("  ", " ")
    withdrawn = token(staff) | {"exercise": EXERCISE, "action": "withdraw"}
    assert staff.post(f"{PAGE}/override", withdrawn).status == 303
    assert score(published)["score"] == 0
    assert "by hand, " not in staff.get(PAGE).text
    assert staff.post(f"{PAGE}/override", withdrawn).status == 404


@pytest.mark.parametrize(
    ("change", "said", "field"),
    [
        ({"points": "10.01"}, "'one-layer' is worth 10", "points"),
        ({"points": "many"}, "points: ", "points"),
        ({"points": "1.005"}, "more than two decimals", "points"),
        ({"points": ""}, "points: ", "points"),
        ({"comment": " "}, "comment: it is empty", "comment"),
    ],
)
def test_what_cannot_be_stated_is_told_and_kept(published, staff, change, said, field):
    page = staff.post(f"{PAGE}/override", token(staff) | STATED | change)
    assert page.status == 422
    check_page(page)
    assert page.all("title")[0].text.startswith("Error:")
    assert said in page.text
    fields = {each.attributes.get("name"): each.attributes for each in page.all("input")}
    assert fields[field]["aria-invalid"] == "true"
    typed = STATED | change
    assert fields["points"]["value"] == typed["points"]
    assert fields["comment"]["value"] == typed["comment"]
    assert score(published) is None


def test_an_extension_is_stated_in_utc_and_taken_back(published, staff):
    stated = {"due": "2031-01-02T03:04", "late_until": "2031-01-03T03:04", "attempts": "7"}
    assert staff.post(f"{PAGE}/extension", token(staff) | stated).status == 303
    (student, _) = published.instructor.get(f"/problem-sets/{NAME}/students").json
    assert student["due"] == "2031-01-02T03:04:00+00:00"
    assert (student["late_until"], student["attempts"]) == ("2031-01-03T03:04:00+00:00", 7)
    page = staff.get(PAGE)
    assert stated.items() <= page.fields.items()
    assert "extended week-1 for s001: due 2031-01-02 03:04 UTC" in page.text
    blank = dict.fromkeys(stated, "")
    assert staff.post(f"{PAGE}/extension", token(staff) | blank).status == 303
    (student, _) = published.instructor.get(f"/problem-sets/{NAME}/students").json
    assert (student["due"], student["late_until"], student["attempts"]) == (None, None, None)


def test_what_is_stated_in_the_readers_zone_is_meant_so_and_comes_back_in_utc(published, staff):
    zoned = {"due": "2031-01-02T00:04", "due_offset": "+01:00"}
    assert staff.post(f"{PAGE}/extension", token(staff) | zoned).status == 303
    (student, _) = published.instructor.get(f"/problem-sets/{NAME}/students").json
    assert student["due"] == "2031-01-01T23:04:00+00:00"
    page = staff.get(PAGE)
    assert page.fields["due"] == "2031-01-01T23:04"
    assert page.fields["due_offset"] == "+00:00"
    refused = staff.post(f"{PAGE}/extension", token(staff) | zoned | {"attempts": "many"})
    assert refused.fields["due"] == "2031-01-01T23:04"
    assert "Due (UTC)" in " ".join(refused.text.split())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"due": "soon"}, "due: 'soon' is no date and time"),
        ({"due": "9999-01-01T00:00"}, "due: '9999-01-01T00:00' is no date and time"),
        ({"attempts": "0"}, "attempts: '0' is no number of attempts"),
        ({"attempts": "1000001"}, "attempts: '1000001' is no number of attempts"),
        ({"attempts": "many"}, "attempts: 'many' is no number of attempts"),
        ({"due": "2031-01-02T03:04", "late_until": "2031-01-01T03:04"}, "late_until: "),
    ],
)
def test_what_is_no_extension_is_told_and_kept(published, staff, typed, said):
    page = staff.post(f"{PAGE}/extension", token(staff) | typed)
    assert page.status == 422
    check_page(page)
    assert said in page.text
    assert typed.items() <= page.fields.items()
    (student, _) = published.instructor.get(f"/problem-sets/{NAME}/students").json
    assert (student["due"], student["attempts"]) == (None, None)


def test_the_other_sets_of_a_student_are_a_step_away(published, staff):
    published.publish(name="week-2")
    published.enrol("s001", of="week-2")
    page = staff.get(PAGE)
    assert 'href="/sets/week-2/-/students/s001"' in page.source
    assert "week-2" not in staff.get(PAGE.replace("s001", "s002")).source


def test_every_page_of_the_set_holds_where_points_are_stated_and_nothing_is_handed_in(
    published, staff
):
    assert staff.post(f"{PAGE}/override", token(staff) | STATED).status == 303
    for tab in ("", "/-/roster", "/-/gradebook", "/-/statistics", "/-/regrades"):
        page = staff.get(SET + tab)
        assert page.status == 200
        assert "/submissions/None" not in page.source
    assert "7.25" in staff.get(f"{SET}/-/gradebook").text
    assert "7.25" in staff.get("/gradebook").text
