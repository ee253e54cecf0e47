"""Promise 1: no body sent to a course makes the server fail, and none that is bad is taken."""

import copy
import json
from collections import Counter

import pytest
from hypothesis import example as unchanged
from hypothesis import given, settings
from hypothesis import strategies as st

from gradgrade.service.bounds import SHORT_BODY
from tests.promises.bodies import TAKING, PreparedRoom, example, name_of
from tests.promises.sizes import size
from tests.service.api.problem_json import assert_problem
from tests.service.course_api.classroom import new_classroom
from tests.service.course_api.live import Asker, live_server
from tests.service.http.test_hostile_json import NOT_A_REQUEST, NOT_JSON, VALUES, changed_requests
from tests.service.store.databases import KINDS, new_database

on_sqlite = pytest.mark.parametrize("server", ["SQLite"], indirect=True)
every_route = pytest.mark.parametrize("route", TAKING, ids=name_of)

BODIES, GRADED = size(10, 1000), size(100, 50_000)
"""How many are generated for each route of a course; how many to be graded or handed in."""

RIGHT = {
    ("extend_student", "empty object"),  # no extension at all
    ("enrol_students", "array"),  # nobody new
}
"""Where a body of the corpus is no fault."""


@pytest.fixture(scope="module", params=KINDS)
def server(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    with (
        new_database(request.param, directory) as address,
        live_server(request.param, address, directory, public_grading="yes") as live,
    ):
        yield live
        assert "Traceback" not in live.log.read_text()


@pytest.fixture(scope="module")
def prepared(server):
    return PreparedRoom.of(new_classroom(server))


def test_every_route_that_takes_a_body_has_a_right_one(server):
    prepared = PreparedRoom.of(new_classroom(server))
    for route in TAKING:
        reply = prepared.post(route, json.dumps(example(route)).encode())
        assert reply.status in (200, 201), (name_of(route), reply.body)


def is_too_long(route, body):
    """Of answers to one exercise, what is longer than any is not even read."""
    of_one = ("submit_answers", "grade_practice")
    return name_of(route) in of_one and len(body) > SHORT_BODY


@on_sqlite
@every_route
def test_what_is_not_json_is_a_400(prepared, route):
    for name, body in NOT_JSON.items():
        reply = prepared.post(route, body)
        status = 413 if is_too_long(route, body) else 400
        assert reply.status == status, (name, reply.body)
        assert_problem(reply, status)


@every_route
def test_json_that_is_no_request_is_a_422(prepared, route):
    for name, body in NOT_A_REQUEST.items():
        reply = prepared.post(route, body)
        if (name_of(route), name) in RIGHT:
            assert reply.status in (200, 201), (name, reply.body)
        else:
            status = 413 if is_too_long(route, body) else 422
            assert reply.status == status, (name, reply.body)
            assert_problem(reply, status)


@on_sqlite
def test_a_refusal_that_quotes_what_was_sent_is_one_line(prepared):
    for route in TAKING:
        if name_of(route).endswith("problem_set") and "layers" in json.dumps(example(route)):
            document = example(route)
            document["exercises"][0]["layers"][0]["type"] = "den\nse\u2028"
            assert_problem(prepared.post(route, json.dumps(document).encode()), 422)


TEXTS = st.text(st.characters(), max_size=5) | st.sampled_from(
    (
        *(
            "\0",
            "a\0",
            "\ud800",
            "s\udfff",
            "\n",
            "\u202e",
            "x" * 5000,
            "=1+1",
            "١٢",
            "-1",
            "1e400",
        ),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2031-02-30T00:00:00Z"),
        *("2031-01-01", "2031-01-01T00:00:00", "week-1", "s001", "..", "a/b", "instructor", "ci"),
    )
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
STRANGE = PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(TEXTS, PLAIN, max_size=3)


@st.composite
def strange_requests(draw, document):
    """A right request in which some places hold something else, texts above all."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        container, index = draw(st.sampled_from(list(_places(document))))
        container[index] = draw(STRANGE)
    return json.dumps(document)


def _places(container):
    indices = list(container) if isinstance(container, dict) else range(len(container))
    for index in indices:
        yield container, index
        if isinstance(container[index], (dict, list)):
            yield from _places(container[index])


def generated(document):
    """Bodies of every kind: no text at all, JSON of no meaning, and requests that were changed."""
    return st.one_of(
        st.binary(max_size=50),
        VALUES.map(json.dumps),
        strange_requests(document),
        changed_requests(document),
    ).map(lambda body: body.encode() if isinstance(body, str) else body)


def check(reply, answered):
    """It was taken, or refused for what the asker sent."""
    answered[reply.status] += 1
    assert reply.status < 500, reply.body
    if reply.status not in (200, 201):
        assert 400 <= reply.status < 500
        assert reply.headers["content-type"] == "application/problem+json"
        assert "\n" not in reply.detail
        assert "Traceback" not in reply.detail


@every_route
def test_no_body_makes_a_route_of_a_course_fail(prepared, route):
    answered = Counter()

    @settings(max_examples=BODIES, database=None)
    @given(body=generated(example(route)))
    def send(body):
        check(prepared.post(route, body), answered)

    send()
    assert answered.total() >= BODIES


@pytest.fixture(scope="module")
def untouched(server):
    """A room that no strange body has replaced a set of, or extended a student in."""
    return PreparedRoom.of(new_classroom(server))


@pytest.fixture(scope="module")
def request_document(untouched):
    """A request that anybody may have graded, and one that a student hands in."""
    exercise = json.loads(untouched.room.students["s001"].exercise())
    # What a student holds is graded for nobody else.
    exercise["given"]["x"][0][0] = 0.123
    answers = {"loss": 0.5, "delta1": [[0.5], [0.5]], "dW1": [[1, 2], [3, 4]]}
    return {"exercise": exercise, "answers": answers}


def test_no_body_makes_grading_fail_and_some_are_taken_and_others_refused(
    server, untouched, request_document, tell
):
    student, anybody = untouched.room.students["s001"], Asker(server.port, None)
    handed = {"answers": request_document["answers"]}
    answered = Counter()

    @settings(max_examples=GRADED, database=None)
    @given(
        st.tuples(st.just("grade"), generated(request_document))
        | st.tuples(st.just("submit"), generated(handed))
    )
    # What is right is rarely drawn.
    @unchanged(("grade", json.dumps(request_document).encode()))
    @unchanged(("submit", json.dumps(handed).encode()))
    def send(sent):
        way, body = sent
        check(anybody.post("/grade", body) if way == "grade" else student.submit(body), answered)

    send()
    assert answered.total() >= GRADED
    assert min(answered[200], answered[201], answered[400], answered[422]) > 0
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answered.items()))
    tell(f"{answered.total()} bodies: {told}")
