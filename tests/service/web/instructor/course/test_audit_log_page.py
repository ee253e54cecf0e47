"""The log of a course's changes."""

import re

import pytest

from tests.service.course_api.classroom import EXERCISES, NAME, new_classroom, problem_set
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database


@pytest.fixture
def changed(published):
    """A course in which something of every kind was changed."""
    asker, path = published.instructor, f"/problem-sets/{NAME}"
    asker.put(path, problem_set(title="Another title"))
    asker.put(f"{path}/students/s001/extension", {"due": "2031-01-02T03:04:00Z", "attempts": 7})
    asker.put(f"{path}/students/s001/extension", {})
    override = f"{path}/students/s002/exercises/{EXERCISES[0]}/override"
    asker.put(override, {"points": 7, "comment": "<b>seen</b>"})
    asker.put(override, {"points": 8, "comment": "seen again"})
    asker.delete(override)
    asker.post(f"{path}/students/s001/token")
    asker.post(f"{path}/variants")
    asker.post(f"{path}/regrades", {"dry_run": False})
    made = asker.post("/tokens", {"role": "assistant"}).json
    asker.delete(f"/tokens/{made['id']}")
    published.publish(name="week-2")
    asker.delete("/problem-sets/week-2")
    return published


def told(page) -> list[str]:
    """What the rows of the log say, the latest first."""
    rows = re.findall(r"<tr><td>.*?</td><td>(.*?)</td><td>(.*?)</td></tr>", page.source)
    return [re.sub("<.*?>", "", what) for _, what in rows]


def test_every_change_is_a_sentence(changed, staff):
    page = staff.get("/audit-log")
    check_page(page)
    said = told(page)
    assert said[:2] == ["removed the set week-2", "published the set week-2"]
    for each in (
        "changed the set week-1, to version 2",
        "extended week-1 for s001: due 2031-01-02 03:04 UTC; attempts: 7",
        "let what week-1 says hold for s001 again",
        "stated 7 points for s002 in one-layer of week-1: “&lt;b&gt;seen&lt;/b&gt;”",
        "stated 8 points, in place of the 7 stated before, for s002 in one-layer of week-1: "
        "“seen again”",
        "withdrew the 8 points that were stated for s002 in one-layer of week-1",
        "put 2 students on the roster of week-1: s001, s002",
        "drew 4 variants for the students on the roster of week-1",
        "applied a regrade of week-1: 0 of 0 verdicts changed",
    ):
        assert each in said
    assert sum("gave s001 a new token" in each for each in said) == 1
    assert "{" not in page.text


def test_links_lead_to_what_is_still_there(changed, staff):
    page = staff.get("/audit-log")
    links = {each.attributes["href"] for each in page.all("a") if each.text in (NAME, "s001")}
    assert links == {f"/sets/{NAME}", f"/sets/{NAME}/-/students/s001", "/audit-log?student=s001"}
    assert "/sets/week-2" not in page.source
    for each in links:
        assert staff.get(each).status == 200


def test_it_is_filtered_by_set_student_what_and_who(changed, staff):
    of_student = told(staff.get("/audit-log?student=s002"))
    assert of_student[0].startswith("withdrew the 8 points")
    assert of_student[-1].startswith("made token") or of_student[-1].startswith("put 2 students")
    assert not any("s001:" in each or "s001 a new" in each for each in of_student)
    assert told(staff.get("/audit-log?student=s00")) == []
    assert told(staff.get("/audit-log?student=S002")) == []
    assert told(staff.get("/audit-log?set=week-2")) == [
        "removed the set week-2",
        "published the set week-2",
    ]
    assert len(told(staff.get("/audit-log?what=score.overridden"))) == 2
    assert len(told(staff.get(f"/audit-log?what=score.overridden&student=s002&set={NAME}"))) == 2
    assert told(staff.get("/audit-log?what=score.overridden&student=s001")) == []
    by_command = told(staff.get("/audit-log?who=command-line"))
    assert by_command
    assert all(each.startswith("made token") for each in by_command)
    number = changed.instructor.get("/audit-log").json[-1]["token"]
    by_token = told(staff.get(f"/audit-log?who={number}"))
    assert len(by_token) + len(by_command) == len(changed.instructor.get("/audit-log").json)
    page = staff.get("/audit-log?student=s002&what=score.overridden")
    chosen = [each.text for each in page.all("option") if "selected" in each.attributes]
    assert "points were stated" in chosen


def test_it_comes_in_pages_that_keep_what_is_asked(changed, staff):
    path = f"/problem-sets/{NAME}/students/s001/extension"
    for attempts in range(1, 61):
        changed.instructor.put(path, {"attempts": attempts})
    asked = "/audit-log?what=student.extended&student=s001"
    first = staff.get(asked)
    assert len(told(first)) == 50
    assert told(first)[0].endswith("attempts: 60")
    (link,) = [each for each in first.all("a") if each.text == "Earlier changes"]
    second = staff.get(link.attributes["href"])
    check_page(second)
    assert told(second)[0].endswith("attempts: 10")
    assert len(told(second)) == 12
    assert "Earlier changes" not in second.text
    (back,) = [each for each in second.all("a") if each.text == "The latest"]
    assert told(staff.get(back.attributes["href"])) == told(first)


@pytest.mark.parametrize("query", ["before=x", "who=9999999999999999999999", "what=nothing", "x=1"])
def test_a_query_that_means_nothing_asks_for_nothing(changed, staff, query):
    assert told(staff.get(f"/audit-log?{query}")) == told(staff.get("/audit-log"))


def test_another_courses_log_is_not_told(changed, server):
    other = Visitor.of(new_classroom(server).instructor)
    page = other.get("/audit-log?student=s001")
    assert told(page) == []
    assert NAME not in other.get("/audit-log").text


def test_it_is_an_instructors_alone(published):
    for visitor in (published.assistant, published.students["s001"].asker):
        assert Visitor.of(visitor).get("/audit-log").status == 403
