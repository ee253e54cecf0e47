"""The routes of regrades."""

import pytest

from gradgrade.service.app import create_app
from gradgrade.service.bounds import MOST_REGRADED
from gradgrade.service.course.people.tokens import create_token
from tests.service.course.regrades.regraded import LOOSE, NAME, exercise, new_classroom

PATH = f"/api/v1/problem-sets/{NAME}/regrades"


@pytest.fixture
def room(tmp_path):
    with new_classroom("SQLite", tmp_path) as room:
        room.publish(exercise())
        room.enrol("ann")
        room.hand_in("ann", room.right("ann", off=1e-3))
        room.replace(exercise(tolerance=LOOSE))
        yield room


@pytest.fixture
def client(room):
    return create_app(backend=room.backend).test_client()


def token_of(room, role):
    if role == "student":
        return room.tokens["ann"]
    named = {"problem_set": NAME} if role == "ci" else {}
    with room.backend.store.writing() as connection:
        _, text = create_token(connection, room.staff, role=role, now=room.now, **named)
    return text


@pytest.fixture
def ask(room, client):
    tokens = {}

    def ask(method, path, body=None, *, role="assistant"):
        if role not in tokens:
            tokens[role] = token_of(room, role)
        headers = {"Authorization": f"Bearer {tokens[role]}"}
        return client.open(path, method=method, headers=headers, json=body)

    return ask


def test_a_dry_run_is_200_and_an_application_201_with_its_place(room, ask):
    tried = ask("POST", PATH, {"dry_run": True})
    assert (tried.status_code, tried.json["regrade"], tried.json["state"]) == (200, None, None)
    assert room.points() == {"ann": 500}
    done = ask("POST", PATH, {"dry_run": False, "never_lower": True})
    assert (done.status_code, done.json["state"]) == (201, "applied")
    assert done.json["changes"] == tried.json["changes"]
    (change,) = done.json["changes"]
    assert (change["student"], change["before"], change["after"]) == ("ann", 5, 10)
    assert room.points() == {"ann": 1000}
    assert done.headers["Location"].endswith(f"/api/v1/regrades/{done.json['regrade']}")
    assert ask("GET", done.headers["Location"]).json == done.json


def test_regrades_are_listed_and_reversed(room, ask):
    done = ask("POST", PATH, {"dry_run": False}).json
    (entry,) = ask("GET", PATH).json
    assert entry.items() <= done.items()
    place = f"/api/v1/regrades/{done['regrade']}"
    back = ask("POST", f"{place}/reversal")
    assert (back.status_code, back.json["state"]) == (200, "reversed")
    assert room.points() == {"ann": 500}
    again = ask("POST", f"{place}/reversal")
    assert (again.status_code, again.json["detail"]) == (
        409,
        "the regrade is reversed, and only an applied one can be reversed",
    )


@pytest.mark.parametrize("role", ["student", "ci"])
def test_for_students_and_ci_there_are_no_regrades(room, ask, role):
    done = ask("POST", PATH, {"dry_run": False}, role="instructor").json
    place = f"/api/v1/regrades/{done['regrade']}"
    before = room.everything()["verdicts"]
    for method, path in (
        ("POST", PATH),
        ("GET", PATH),
        ("GET", place),
        ("POST", f"{place}/reversal"),
    ):
        assert ask(method, path, {"dry_run": False}, role=role).status_code == 404
    assert room.everything()["verdicts"] == before


@pytest.mark.parametrize(
    "body",
    [{}, {"dry_run": "no"}, {"dry_run": 0}, {"dry_run": True, "force": True}, []],
)
def test_what_is_no_request_for_a_regrade_is_refused(room, ask, body):
    before = room.everything()["regrades"]
    assert ask("POST", PATH, body).status_code == 422
    assert room.everything()["regrades"] == before


def test_what_is_not_there_is_not_found(ask):
    assert ask("GET", "/api/v1/problem-sets/other/regrades").status_code == 404
    assert ask("POST", "/api/v1/problem-sets/other/regrades", {"dry_run": True}).status_code == 404
    assert ask("GET", "/api/v1/regrades/other").status_code == 404
    assert ask("POST", "/api/v1/regrades/other/reversal").status_code == 404


def test_as_much_as_the_documentation_says_is_regraded_in_a_request():
    assert MOST_REGRADED == 2_000
