"""Tokens in a browser: listed, made, and revoked after a question."""

import re

import pytest

from tests.service.course_api.classroom import NAME
from tests.service.web.test_pages import check_page
from tests.service.web.visitor import Visitor, one_database

pytestmark = one_database


def make(staff, **fields):
    return staff.post("/tokens", staff.get("/tokens").fields | fields)


def text_of(page):
    return re.search(r"<code id=\"made-token\">(gg_[\w-]+)</code>", page.source)[1]


def number_of(page):
    return re.search(r"Token (\d+) is made", page.text)[1]


def test_all_tokens_are_listed_and_none_is_told(published, staff):
    page = staff.get("/tokens")
    check_page(page)
    for word in ("Instructor", "Assistant", "s001", "s002", "of this session"):
        assert word in page.text
    for asker in (published.instructor, published.assistant):
        assert asker.token not in page.source
    assert "gg_" not in page.source


def test_one_is_made_shown_once_and_opens_the_course(published, server, staff):
    page = make(staff, role="assistant", expires="2999-12-31")
    check_page(page)
    assert "It is shown this once." in page.text
    assert Visitor(server.port).sign_in(text_of(page)).status == 303
    again = staff.get("/tokens")
    assert text_of(page) not in again.source
    assert "2999-12-31 23:59 UTC" in again.text
    entry = published.instructor.get("/audit-log").json[-1]
    assert (entry["action"], entry["object"]) == ("token.created", number_of(page))


def test_a_programs_token_is_for_one_set(published, server, staff):
    page = make(staff, role="ci", problem_set=NAME)
    assert page.status == 200
    assert "sign-in#" not in page.source
    assert Visitor(server.port).sign_in(text_of(page)).status == 401
    assert published.live.asker(text_of(page)).get(f"/problem-sets/{NAME}").status == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"role": "ci"}, "choose the set that it is for"),
        ({"role": "assistant", "expires": "2001-01-01"}, "that day is past"),
        ({"role": "assistant", "expires": "soon"}, "write a day such as 2026-12-31"),
    ],
)
def test_what_cannot_be_made_is_told_beside_its_box(published, staff, fields, said):
    page = make(staff, **fields)
    assert page.status == 422
    assert page.all("title")[0].text.startswith("Error:")
    assert said in page.text
    assert "gg_" not in page.source
    check_page(page)


def test_no_token_of_a_student_is_made_here(published, staff):
    assert make(staff, role="student").status == 400


def test_revoking_asks_first_and_ends_its_sessions(published, server, staff):
    made = make(staff, role="assistant")
    other = Visitor(server.port)
    other.sign_in(text_of(made))
    where = f"/tokens/{number_of(made)}/revocation"
    page = staff.get(where)
    check_page(page)
    assert "every session that was begun with it ends" in page.text
    assert other.get(f"/sets/{NAME}").status == 200
    assert staff.post(where, page.fields).location == "/tokens"
    assert other.get(f"/sets/{NAME}").status == 303
    assert "✗ revoked" in staff.get("/tokens").text
    assert "It is revoked already." in staff.get(where).text


def test_who_revokes_their_own_is_told_so(published, staff):
    own = next(
        each["id"]
        for each in published.instructor.get("/tokens").json
        if each["role"] == "instructor"
    )
    page = staff.get(f"/tokens/{own}/revocation")
    assert "you are signed out at once" in page.text
    assert "No other instructor’s token is good." in page.text
    make(staff, role="instructor")
    assert "No other" not in staff.get(f"/tokens/{own}/revocation").text
    staff.post(f"/tokens/{own}/revocation", page.fields)
    assert staff.get("/tokens").location == "/sign-in?back_to=%2Ftokens"


def test_a_token_that_is_not_there_is_not_found(published, staff):
    for number in ("987654321", "x", "9" * 30):
        assert staff.get(f"/tokens/{number}/revocation").status == 404


def test_tokens_are_an_instructors_alone(published, assistant):
    student = Visitor.of(published.students["s001"].asker)
    for visitor in (assistant, student):
        assert visitor.get("/tokens").status == 403
        assert "/tokens" not in visitor.get("/").source
        csrf = visitor.get("/").fields
        assert visitor.post("/tokens", csrf | {"role": "instructor"}).status in (400, 403)
