"""An instructor runs a course in a browser: sets, roster, progress, gradebook, statistics."""

import json
import re

import pytest

from tests.service.course_api.classroom import NAME, problem_set, right
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database

PLACE = f"/sets/{NAME}"
TABS = (
    *("", "/-/roster", "/-/gradebook", "/-/statistics", "/-/regrades", "/-/settings"),
    *("/-/overview", "/-/document"),
)


def form(visitor, path):
    """What a browser would send with the form of a page."""
    return {"csrf_token": visitor.get(path).fields["csrf_token"]}


def test_every_page_of_a_set_is_well_made_and_leads_to_the_others(published, staff):
    published.students["s001"].submit({"loss": -1.0})
    for tab in TABS:
        page = staff.get(PLACE + tab)
        assert page.status == 200
        check_page(page)
        if tab != "/-/document":
            links = {each.attributes.get("href") for each in page.all("a")}
            assert links >= {PLACE + each for each in TABS}


def test_progress_has_every_student_and_leads_to_their_work(published, staff):
    student = published.students["s001"]
    assert student.submit(right(student.exercise())).status == 201
    reply = published.students["s002"].submit({"loss": 0.5})
    page = staff.get(PLACE)
    assert "10.00 ✓full marks" in page.text
    assert page.source.count("not opened</span>") == 2
    # Only what fell short is a link, and so are the names.
    assert page.source.count("/submissions/") == 1
    assert f"/submissions/{reply.json['submission']}" in page.source
    for each in ("s001", "s002"):
        assert f'<a href="{PLACE}/-/students/{each}">{each}</a>' in page.source
    assert "Handed in 2 0" in page.text


@pytest.mark.parametrize("path", [f"{PLACE}{tab}" for tab in TABS[1:]] + ["/new-set"])
def test_a_student_is_shown_none_of_it(student, path):
    page = student.get(path)
    assert page.status == 403
    check_page(page)
    token = student.get(PLACE).fields["csrf_token"]
    for forms in (f"{PLACE}/-/roster", f"{PLACE}/-/roster/s002/token", "/new-set"):
        assert student.post(forms, {"csrf_token": token}).status == 403


def test_an_assistant_reads_and_changes_nothing(assistant):
    assert assistant.get(f"{PLACE}/-/roster").status == 200
    assert "Put students on it" not in assistant.get(f"{PLACE}/-/roster").text
    token = form(assistant, PLACE)
    for path in (f"{PLACE}/-/roster", f"{PLACE}/-/roster/s001/token", f"{PLACE}/-/document"):
        assert assistant.post(path, token).status == 403
    assert assistant.get(f"{PLACE}/-/document").status == 403


def test_students_are_pasted_and_each_row_has_its_result(published, server, staff):
    path = f"{PLACE}/-/roster"
    pasted = "ID;Name\r\ns007;Ann <b>Lee</b>\r\n1.23457E+11;Bob\r\ns001;Known\r\n"
    page = staff.post(path, form(staff, path) | {"text": pasted})
    check_page(page)
    assert page.status == 200
    assert "<b>Lee" not in page.source
    assert "row 3, column ID: Excel has turned the id into 1.23457E+11" in page.text
    assert "has a token already" in page.text
    (link,) = re.findall(r"http://[^<]*/sign-in#(gg_[\w-]+)", page.source)
    assert Visitor(server.port).sign_in(link).status == 303
    assert {
        each["id"] for each in published.instructor.get(f"/problem-sets/{NAME}/students").json
    } == {
        "s001",
        "s002",
        "s007",
    }


@pytest.mark.parametrize("text", ["", "  \n", "%PDF-1.7 nonsense", "Points,Name\n1,2\n"])
def test_what_is_no_roster_is_refused_and_kept(published, staff, text):
    path = f"{PLACE}/-/roster"
    page = staff.post(path, form(staff, path) | {"text": text})
    assert page.status == 422
    assert "Nobody was put on the roster." in page.text
    check_page(page)
    assert len(published.instructor.get(f"/problem-sets/{NAME}/students").json) == 2


def test_a_new_token_ends_the_old_one(published, server, staff):
    old = published.students["s001"].asker.token
    path = f"{PLACE}/-/roster"
    page = staff.post(f"{path}/s001/token", form(staff, path))
    (new,) = re.findall(r"/sign-in#(gg_[\w-]+)", page.source)
    assert Visitor(server.port).sign_in(old).status == 401
    assert Visitor(server.port).sign_in(new).status == 303
    assert staff.post(f"{path}/nobody/token", form(staff, path)).status == 404


def test_the_gradebook_is_downloaded_as_the_interface_gives_it(published, staff):
    student = published.students["s001"]
    student.submit(right(student.exercise()))
    assert "/submissions/" in staff.get(f"{PLACE}/-/gradebook").source
    for name in ("csv", "canvas", "moodle", "json"):
        file = staff.get(f"{PLACE}/-/gradebook/{name}")
        told = published.instructor.get(f"/problem-sets/{NAME}/gradebook?format={name}")
        assert file.source.encode() == told.body
        assert file.headers["content-disposition"] == told.headers["content-disposition"]
    assert staff.get(f"{PLACE}/-/gradebook/pdf").status == 404


def test_statistics_show_where_students_first_went_wrong_on_the_drawing(published, staff):
    student = published.students["s001"]
    answers = right(student.exercise())
    answers["dW1"] = [[-each for each in row] for row in answers["dW1"]]
    student.submit(answers)
    page = staff.get(f"{PLACE}/-/statistics")
    assert "Where do they first go wrong?" in page.text
    assert page.source.count('class="drawing ') == 2
    assert "<code>dW1</code>" in page.source
    for expected in re.findall(r"0\.\d{6}", json.dumps(right(student.exercise()))):
        assert expected not in page.source


def test_a_set_is_written_previewed_and_published(published, staff):
    path, token = "/new-set", form(staff, "/new-set")
    text = json.dumps(problem_set(name="next-week"))
    page = staff.post(path, token | {"text": text, "action": "preview"})
    check_page(page)
    assert "Nothing is published yet." in page.text
    assert "✓ yes" in page.text
    assert staff.get("/sets/next-week").status == 404
    sent = staff.post(path, token | {"text": text, "action": "publish"})
    assert (sent.status, sent.location) == (303, "/sets/next-week")
    assert staff.get("/sets/next-week").status == 200
    again = staff.post(path, token | {"text": text, "action": "publish"})
    assert again.status == 422
    assert "there is a problem set 'next-week' already" in again.text


def test_faults_are_told_with_their_lines_and_the_text_is_kept(staff):
    wrong = 'schema = "gradgrade/problem-set/1"\nname = "x"\n[[exercises]]\nname = "a"\nlr = 0.1\n'
    page = staff.post("/new-set", form(staff, "/new-set") | {"text": wrong, "action": "publish"})
    assert page.status == 422
    assert page.all("title")[0].text.startswith("Error:")
    assert (
        "line 5: exercise 'a': lr: there is no such field; did you mean learning_rate" in page.text
    )
    assert page.fields["text"].replace("\r\n", "\n").strip() == wrong.strip()
    check_page(page)


def test_a_change_of_a_version_that_no_longer_stands_is_refused(published, staff):
    path = f"{PLACE}/-/document"
    first, second = staff.get(path).fields, staff.get(path).fields
    titled = first | {"text": first["text"].replace("The first week", "Week one")}
    assert staff.post(path, titled | {"action": "publish"}).status == 303
    assert "Week one" in staff.get(PLACE).text
    late = staff.post(path, second | {"action": "publish"})
    assert late.status in (409, 412)
    check_page(late)
