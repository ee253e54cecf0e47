"""What stands before every view: tokens, roles, parameters, and every error a problem."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradgrade.service.api.course import ROUTES as COURSE_ROUTES
from gradgrade.service.app import build_app
from gradgrade.service.course import errors
from gradgrade.service.http.respond import no_content
from gradgrade.service.settings import Settings
from gradgrade.service.store.errors import StoreBusy, StoreUnavailable
from tests.service.api.shelf import ALL, ROUTES, TOKENS, route, shelf_app

PATH = "/api/v1/books"

NOTHING_HERE = (
    "there is nothing at this path, or nothing for this token: check both; "
    "GET /openapi.json lists every path and who may ask"
)


@pytest.fixture(scope="module")
def client():
    return shelf_app().test_client()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def assert_problem(reply, status):
    assert reply.status_code == status, reply.text
    assert reply.content_type == "application/problem+json"
    assert reply.json["status"] == status
    assert "\n" not in reply.json["detail"]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nobody",
        "bearer student-9",
        "Basic c3R1ZGVudC0xOg==",
        "student-1",
        "Bearer student-1, Bearer student-2",
        "Bearer student-1 x",
        "Bearer stüdent",
    ],
)
def test_without_a_valid_token_it_is_a_401_that_asks_for_one(client, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    for method in ("get", "post"):
        reply = getattr(client, method)(PATH, headers=headers)
        assert_problem(reply, 401)
        assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_bearer_in_any_case(client):
    assert client.get(PATH, headers={"Authorization": "bEARER student-1"}).status_code == 200


@pytest.mark.parametrize("each", ROUTES, ids=lambda each: each.name)
@pytest.mark.parametrize("token", sorted(TOKENS))
def test_what_is_not_for_a_role_looks_exactly_like_what_is_not_there(client, each, token):
    path = each.path.replace("{name}", "one")
    reply = client.open(path, method=each.method, headers=bearer(token), json={})
    if TOKENS[token] in each.roles:
        assert reply.status_code in (200, 201, 204, 422)
    else:
        assert_problem(reply, 404)
        unknown = client.open("/api/v1/nope", method=each.method, headers=bearer(token))
        assert reply.json == unknown.json
        assert reply.json["detail"] == NOTHING_HERE


def test_a_role_is_looked_at_before_body_and_query(client):
    reply = client.put(f"{PATH}/one?nope=1", headers=bearer("student-1"), data=b"{")
    assert_problem(reply, 404)


@pytest.mark.parametrize(
    "query",
    [
        "nope=1",
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=1.0",
        "limit=1e2",
        "limit=+1",
        "limit=%201",
        "limit=1_0",
        "limit=",
        "limit=true",
        "limit=%D9%A1",
        "limit=" + "1" * 19,
        "limit=" + "1" * 5000,
        "limit=1&limit=2",
        "language=fr",
        "language=en%00",
        "language=",
        "%00=1",
        "pages=null",
        "cursor=%F0%9F%99%82",
    ],
)
def test_a_parameter_that_is_unknown_or_malformed_is_a_422_in_one_line(client, query):
    assert_problem(client.get(f"{PATH}?{query}", headers=bearer("student-1")), 422)


def test_a_negative_number_is_told_as_too_small_and_not_as_text(client):
    reply = client.get(f"{PATH}?limit=-1", headers=bearer("student-1"))
    assert reply.json["detail"] == "query: limit: -1 is refused: it must be at least 1"


def test_parameters_are_taken_as_their_types(client):
    reply = client.get(f"{PATH}?limit=007&language=de", headers=bearer("student-1"))
    assert len(reply.json) == 7


def test_a_route_without_parameters_takes_none(client):
    reply = client.delete(f"{PATH}/one?force=1", headers=bearer("instructor-1"))
    assert_problem(reply, 422)
    assert "force" in reply.json["detail"]


@pytest.mark.parametrize("name", ["%00", "a%00b", "%0A", "%E2%80%AE", "%ff", "two"])
def test_a_name_that_nothing_has_is_a_404(client, name):
    assert_problem(client.get(f"{PATH}/{name}", headers=bearer("student-1")), 404)


def test_no_content_is_no_body_and_no_type(client):
    reply = client.delete(f"{PATH}/one", headers=bearer("instructor-1"))
    assert (reply.status_code, reply.data) == (204, b"")
    assert "Content-Type" not in reply.headers


BOOK = {"title": "a", "pages": 1}


@pytest.mark.parametrize("key", ["", "a" * 256, "é", "\t"])
def test_a_malformed_idempotency_key_is_a_422(client, key):
    headers = bearer("student-1") | {"Idempotency-Key": key}
    assert_problem(client.post(PATH, headers=headers, json=BOOK), 422)


@pytest.mark.parametrize("key", ["k", "a" * 255, "0 ~"])
def test_a_view_is_given_the_idempotency_key(client, key):
    headers = bearer("student-1") | {"Idempotency-Key": key}
    reply = client.post(PATH, headers=headers, json=BOOK)
    assert reply.status_code == 201
    assert reply.headers["Location"] == f"/api/v1/books/{quote(key)}"


@pytest.mark.parametrize(
    "body",
    [b"[]", b"1", b"null", b"{}", b'{"title": "a", "pages": 1.5}', b'{"title": "a", "pages": "1"}'],
)
def test_a_body_that_is_not_its_model_is_a_422(client, body):
    reply = client.post(
        PATH, headers=bearer("student-1"), data=body, content_type="application/json"
    )
    assert_problem(reply, 422)


@given(st.text(), st.text(), st.binary())
def test_no_path_query_or_token_makes_a_fault(client, name, query, token):
    text = token.replace(b"\n", b"").replace(b"\r", b"").decode("latin-1")
    headers = {"Authorization": f"Bearer {text}"}
    for each in (headers, bearer("student-1")):
        path = f"{PATH}/{name}".partition("?")[0].encode("utf-8", "replace").decode()
        reply = client.get(path, query_string={"format": query}, headers=each)
        assert reply.status_code < 500


# Errors of the core


def failing(error):
    def fail(call):
        raise error

    return shelf_app(routes=[route("GET", "/x", fail, roles=ALL, returns=None)]).test_client()


STATUSES = {
    errors.Unauthenticated: 401,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Closed: 409,
    errors.InFlight: 409,
    errors.PreconditionFailed: 412,
    errors.Unprocessable: 422,
    errors.KeyReused: 422,
    errors.Withheld: 403,
    errors.CourseError: 422,
    errors.Busy: 503,
}


def test_every_error_of_the_core_has_its_status():
    kinds = {each for each in vars(errors).values() if isinstance(each, type)}
    assert {each for each in kinds if issubclass(each, errors.CourseError)} == set(STATUSES)


@pytest.mark.parametrize(("kind", "status"), STATUSES.items(), ids=lambda each: str(each))
def test_an_error_of_the_core_is_a_problem_of_its_status(kind, status):
    reply = failing(kind("why not")).get("/x", headers=bearer("ci-1"))
    assert_problem(reply, status)
    assert reply.json["detail"] == "why not"
    assert ("Retry-After" in reply.headers) == (status == 503)


@pytest.mark.parametrize(("kind", "seconds"), [(StoreBusy, "1"), (StoreUnavailable, "5")])
def test_a_database_that_is_busy_or_gone_is_a_503_that_says_when_to_come_back(kind, seconds):
    reply = failing(kind("the database is busy")).get("/x", headers=bearer("ci-1"))
    assert_problem(reply, 503)
    assert reply.headers["Retry-After"] == seconds


def test_a_database_that_is_gone_is_a_503_where_it_is_asked_who_a_token_is_of():
    def identify(token):
        raise StoreUnavailable("the database does not answer")

    app = shelf_app(identify=identify)
    assert_problem(app.test_client().get(PATH, headers=bearer("ci-1")), 503)


def test_a_route_with_roles_needs_a_course():
    with pytest.raises(ValueError, match="there is no course"):
        build_app(ROUTES, settings=Settings())


# Headers


def test_every_response_has_the_headers_of_protection(client):
    replies = [
        client.get("/nope"),
        client.get("/openapi.json"),
        client.get("/docs"),
        client.get(PATH),
        client.get(PATH, headers=bearer("ci-1")),
        client.delete(f"{PATH}/one", headers=bearer("instructor-1")),
        client.options(PATH),
        client.patch(PATH),
    ]
    for reply in replies:
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert "unsafe" not in reply.headers["Content-Security-Policy"]


def test_what_is_answered_to_a_token_is_not_kept_by_anybody(client):
    assert client.get(PATH, headers=bearer("ci-1")).headers["Cache-Control"] == "no-store"
    assert client.get(PATH, headers=bearer("nobody")).headers["Cache-Control"] == "no-store"
    assert "Cache-Control" not in client.get("/openapi.json").headers


def test_no_token_is_in_a_response_or_a_log(client, caplog):
    caplog.set_level(0)
    for token in ("canary-1", *TOKENS):
        reply = client.get(PATH, headers=bearer(token))
        assert token not in reply.text + str(reply.headers)
        assert token not in caplog.text + json.dumps([str(each) for each in caplog.records])


# Much work


class Work:
    """A view that begins, and ends when it is let."""

    def __init__(self):
        self.has_begun, self.may_end = Event(), Event()

    def __call__(self, call):
        self.has_begun.set()
        assert self.may_end.wait(30)
        return no_content()

    __name__ = "work"


def fail(call):
    raise errors.Conflict("it failed")


def heavy_app():
    work = Work()
    options = {"roles": ALL, "returns": None, "succeeds": (204,), "is_heavy": True}
    return work, shelf_app(
        settings=Settings(threads=1),
        routes=[
            *ROUTES,
            route("POST", "/api/v1/work", work, **options),
            route("POST", "/api/v1/failing", fail, **options),
        ],
    )


def test_one_request_of_much_work_is_worked_on_and_others_are_told_when_to_ask_again():
    work, app = heavy_app()

    def ask(path, method="POST"):
        return app.test_client().open(path, method=method, headers=bearer("student-1"))

    with ThreadPoolExecutor(1) as other:
        first = other.submit(ask, "/api/v1/work")
        assert work.has_begun.wait(30)
        try:
            for path in ("/api/v1/work", "/api/v1/failing"):
                refused = ask(path)
                assert_problem(refused, 503)
                assert refused.headers["Retry-After"] == "5"
            assert ask(PATH, "GET").status_code == 200
            # Another application, another process's, has work of its own.
            assert_problem(
                heavy_app()[1].test_client().post("/api/v1/failing", headers=bearer("ci-1")), 409
            )
        finally:
            work.may_end.set()
        assert first.result().status_code == 204
    assert ask("/api/v1/work").status_code == 204


def test_work_that_fails_leaves_room_for_other_work():
    work, app = heavy_app()
    work.may_end.set()
    for _ in range(2):
        assert_problem(app.test_client().post("/api/v1/failing", headers=bearer("student-1")), 409)
    assert app.test_client().post("/api/v1/work", headers=bearer("ci-1")).status_code == 204


def test_what_draws_or_grades_for_many_is_much_work():
    assert {each.name for each in COURSE_ROUTES if each.is_heavy} == {
        "preview_problem_set",
        "publish_problem_set",
        "replace_problem_set",
        "pregenerate_variants",
        "regrade_problem_set",
        "list_check_variants",
        "check_answers",
        "read_worked_solution",
        "read_practice",
        "grade_practice",
    }
