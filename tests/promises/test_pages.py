"""Promise 13: no script but the server's own files, and no form without its secret."""

import re

import pytest

from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.store.engine import open_store
from gradgrade.service.web.site import ADDRESSES
from tests.service.course_api.classroom import EXERCISES, NAME, new_classroom
from tests.service.course_api.live import live_server
from tests.service.store.databases import new_database
from tests.service.web.visitor import FORM, Visitor

VALUES = {"name": NAME, "exercise": EXERCISES[0], "student": "s001"}
LOOSE = ("unsafe", "data:", "blob:", "*", "http:", "https:")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    with (
        new_database("SQLite", directory) as address,
        live_server("SQLite", address, directory) as live,
    ):
        room = new_classroom(live)
        room.publish()
        room.enrol("s001")
        yield room


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Every address of the application that takes a method, its variables filled in."""
    store = open_store(str(tmp_path_factory.mktemp("unused") / "course.db"))
    app = create_app(backend=Backend(store=store, secret=b"of the tests, unused"))
    addresses = app.url_map.bind("localhost")

    def paths(method):
        return [
            addresses.build(rule.endpoint, {each: VALUES.get(each, "1") for each in rule.arguments})
            for rule in app.url_map.iter_rules()
            if method in rule.methods
        ]

    return paths


def faults(policy):
    """What a content policy allows that no page of ours needs."""
    parts = (each.split() for each in policy.split(";") if each.strip())
    directives = {first: sources for first, *sources in parts}
    closed = ("default-src", "base-uri", "frame-ancestors")
    return [
        *(name for name in closed if directives.get(name) != ["'none'"]),
        *(
            name
            for name, sources in directives.items()
            if name.startswith("script-src") and sources != ["'self'"]
        ),
        *(
            source
            for sources in directives.values()
            for source in sources
            if any(word in source for word in LOOSE)
        ),
    ]


def test_no_response_allows_a_script_but_files_of_the_server(room, paths):
    student = Visitor.of(room.students["s001"].asker)
    addresses = [*paths("GET"), "/nowhere", "/api/v1/nowhere", "/sets/nowhere"]
    assert len(addresses) > 30
    for visitor in (student, Visitor(room.live.port)):
        for path in addresses:
            page = visitor.get(path)
            assert faults(page.headers["content-security-policy"]) == [], path
            assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ("", "default-src"),
        ("default-src 'self'", "default-src"),
        ("default-src 'none'; script-src 'self' 'nonce-x'", "script-src"),
        ("default-src 'none'; script-src https://example.org", "script-src"),
        ("default-src 'none'; style-src 'unsafe-inline'", "'unsafe-inline'"),
        ("default-src 'none'; img-src data:", "data:"),
        ("default-src 'none'; style-src *", "*"),
    ],
)
def test_a_looser_policy_would_be_found_out(policy, fault):
    assert fault in faults(policy)


def forms_of(role):
    """The addresses of forms that are another role's, as patterns."""
    return [
        re.compile(re.sub(r"<\w+>", "[^/]+", each.rule))
        for each in ADDRESSES
        if each.method == "POST" and role not in each.roles
    ]


def test_every_form_there_is_is_refused_without_its_secret(room, paths):
    forms = [path for path in paths("POST") if not path.startswith("/api/")]
    assert {"/sign-in", "/sign-out", f"/sets/{NAME}/{EXERCISES[0]}"} <= set(forms)
    token = room.students["s001"].asker.token
    other = Visitor(room.live.port).get("/sign-in").fields["csrf_token"]
    for path in forms:
        for secret in ({}, {"csrf_token": ""}, {"csrf_token": other}):
            for asker in (room.students["s001"].asker, room.instructor):
                visitor = Visitor.of(asker)
                page = visitor.post(path, {"token": token, "answers": '{"loss": 1}'} | secret)
                role = "instructor" if asker is room.instructor else "student"
                is_anothers = any(each.fullmatch(path) for each in forms_of(role))
                assert page.status == (403 if is_anothers else 400), path
                assert visitor.get(f"/sets/{NAME}").status == 200
    assert room.instructor.get(f"/problem-sets/{NAME}/submissions").json == []


def test_the_api_takes_no_form_and_no_session(room, paths):
    student = Visitor.of(room.students["s001"].asker)
    for path in paths("POST"):
        if path.startswith("/api/"):
            page = student.ask("POST", path, b"{}", Content_Type=FORM)
            assert page.status == (415 if path == "/api/v1/grade" else 401), path
