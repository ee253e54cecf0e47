import base64
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import update

from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from gradgrade.service.store.schema import tokens
from gradgrade.service.web.session import COOKIE
from tests.service.course_api.classroom import NAME
from tests.service.operations.served import server as served
from tests.service.web.visitor import EXERCISE, FORM, Visitor, one_database


def test_whoever_has_a_token_is_asked_for_it(visitor):
    assert 'href="/sign-in"' in visitor.get("/").source
    page = visitor.get("/sign-in")
    assert page.status == 200
    assert page.text.startswith("Sign in")


def test_a_token_opens_the_list_of_sets(student):
    page = student.get("/")
    assert "The first week" in page.text
    assert f"/sets/{NAME}" in page.source


@one_database
@pytest.mark.parametrize("token", ["", "gg_nobodys", "x" * 5000, "\0", "é\ud7ff", "' OR 1=1 --"])
def test_a_token_that_is_nobodys_opens_nothing(visitor, token):
    page = visitor.sign_in(token)
    assert page.status == 401
    assert "not valid" in page.text
    assert not token or token not in page.source
    assert visitor.get("/").text.startswith("Learn backpropagation")


def test_a_programs_token_opens_nothing(published, visitor):
    page = visitor.sign_in(published.ci().token)
    assert page.status == 401
    assert "program" in page.text


def test_the_cookie_is_out_of_reach_limited_and_holds_no_token(published, visitor):
    token = published.students["s001"].asker.token
    set_cookie = visitor.sign_in(token).headers["set-cookie"]
    morsel = SimpleCookie(set_cookie)[COOKIE]
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert morsel["path"] == "/"
    assert not morsel["secure"]
    left = parsedate_to_datetime(morsel["expires"]) - datetime.now(UTC)
    assert timedelta(hours=11) < left <= timedelta(hours=12)
    payload = morsel.value.removeprefix(".").split(".")[0]
    opened = zlib.decompress(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert b'"token":' in opened
    assert token.encode() not in opened
    assert token not in set_cookie


def test_signing_out_ends_the_session(student):
    out = student.post("/sign-out", student.get("/").fields)
    assert (out.status, out.location) == (303, "/")
    assert student.get(f"/sets/{NAME}").status == 303
    assert student.get("/").text.startswith("Learn backpropagation")


def test_signing_out_ends_every_session_of_the_token_and_no_other(published, student):
    asker = published.students["s001"].asker
    elsewhere = Visitor.of(asker)
    other = Visitor.of(published.students["s002"].asker)
    assert elsewhere.get(EXERCISE).status == 200
    assert student.post("/sign-out", student.get("/").fields).status == 303
    assert elsewhere.get(EXERCISE).status != 200
    assert other.get(EXERCISE).status == 200
    # The token itself stands: whoever has it signs in anew.
    assert asker.get("/problem-sets").status == 200
    assert Visitor.of(asker).get(EXERCISE).status == 200


def test_a_new_token_ends_every_session_of_the_old_one(published, student):
    elsewhere = Visitor.of(published.students["s001"].asker)
    published.instructor.post(f"/problem-sets/{NAME}/students/s001/token")
    assert {each.get(EXERCISE).status for each in (student, elsewhere)} != {200}
    assert all(each.get(EXERCISE).status != 200 for each in (student, elsewhere))


def test_a_revoked_token_ends_the_session_at_once(published, student):
    assert student.get(f"/sets/{NAME}").status == 200
    published.instructor.post(f"/problem-sets/{NAME}/students/s001/token")
    page = student.get(f"/sets/{NAME}")
    assert (page.status, page.location) == (303, f"/sign-in?back_to=%2Fsets%2F{NAME}")


def test_an_expired_token_ends_the_session(published, visitor, server):
    soon = datetime.now(UTC) + timedelta(hours=1)
    body = {"role": "student", "student": "s001", "expires": soon.isoformat()}
    token = published.instructor.post("/tokens", body).json["token"]
    assert visitor.sign_in(token).status == 303
    assert visitor.get(f"/sets/{NAME}").status == 200
    server.set_clock(soon)
    assert visitor.get(f"/sets/{NAME}").status == 303


def test_a_session_lasts_twelve_hours(student, server):
    begin = datetime.now(UTC)
    server.set_clock(begin + timedelta(hours=11, minutes=59))
    assert student.get(f"/sets/{NAME}").status == 200
    server.set_clock(begin + timedelta(hours=12, minutes=1))
    assert student.get(f"/sets/{NAME}").status == 303


CHANGES = {
    "another signature": lambda text: text.rpartition(".")[0] + "." + "A" * 43,
    "another payload": lambda text: "x" + text,
    "a payload of one's own": lambda text: "e30." + text.split(".", 2)[-1],
    "not a session": lambda text: "e30",
    "empty": lambda text: "",
}


@one_database
@pytest.mark.parametrize("change", CHANGES)
def test_a_cookie_that_was_changed_opens_nothing(student, change):
    student.cookies[COOKIE] = CHANGES[change](student.cookies[COOKIE])
    assert student.get(f"/sets/{NAME}").status == 303


def test_a_session_ends_where_its_row_holds_a_token_of_another_time(published, student, server):
    # As after a backup is restored: the row has another token, made at another time.
    later = datetime.now(UTC) + timedelta(seconds=1)
    with server.store.writing() as connection:
        mine = tokens.c.student_id.is_not(None) & (tokens.c.revoked_at.is_(None))
        connection.execute(update(tokens).where(mine).values(created_at=later))
    assert student.get(f"/sets/{NAME}").status == 303


@one_database
@pytest.mark.parametrize(
    ("path", "fields"),
    [("/sign-in", {"token": "gg_x"}), ("/sign-out", {}), (EXERCISE, {"key": "0" * 32})],
)
def test_a_form_without_its_secret_is_refused(published, student, path, fields):
    other = Visitor(student.port).get("/sign-in").fields["csrf_token"]
    for secret in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": other}):
        page = student.post(path, fields | secret)
        assert page.status == 400
        assert page.all("h1")
    assert student.get(f"/sets/{NAME}").status == 200


@one_database
@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_a_form_of_another_media_type_is_refused(student, kind):
    assert student.ask("POST", EXERCISE, b"--x--", Content_Type=kind).status == 415


def test_whoever_followed_a_link_is_led_on_after_signing_in(published, visitor):
    page = visitor.get(EXERCISE)
    assert page.status == 303
    form = visitor.get(page.location).fields
    token = published.students["s001"].asker.token
    signed_in = visitor.post("/sign-in", form | {"token": token})
    assert (signed_in.status, signed_in.location) == (303, EXERCISE)


@one_database
@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/sets/a", "/\\evil", "/sets/../../x", "x"]
)
def test_signing_in_leads_nowhere_else(published, visitor, elsewhere):
    token = published.students["s001"].asker.token
    assert visitor.sign_in(token, back_to=elsewhere).location == "/"


def test_behind_a_proxy_the_cookie_is_secure_over_https_and_wrong_tokens_are_limited(tmp_path):
    database = f"sqlite:///{tmp_path / 'course.db'}"
    migrate(open_store(database))
    with served(tmp_path, database=database, proxies="1", failed_token_rate="2/hour") as live:
        plain = live.get("/sign-in").headers["set-cookie"]
        secure = live.get("/sign-in", X_Forwarded_Proto="https").headers["set-cookie"]
        visitor = Visitor(live.port)
        statuses = [visitor.sign_in(f"gg_{number}").status for number in range(3)]
        last = visitor.sign_in("gg_x")
    assert "; Secure" in secure
    assert "; Secure" not in plain
    assert statuses == [401, 401, 429]
    assert last.headers["content-type"].startswith("text/html")
    assert int(last.headers["retry-after"]) > 0


def test_the_api_takes_no_session(student):
    assert student.get("/api/v1/problem-sets").status == 401


def test_a_form_too_long_is_refused(student):
    body = b"answers=" + b"1" * 2**20
    assert student.ask("POST", EXERCISE, body, Content_Type=FORM).status == 413
