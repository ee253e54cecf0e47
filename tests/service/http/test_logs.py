import json
import logging
import re
import subprocess
import sys

import pytest

from gradgrade.problems.documents.strict_json import dumps
from gradgrade.service.http.logs import formatter
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from tests.service.operations.served import server

BODY_CANARY = "canary-in-the-body"
TOKEN_CANARY = "canary-in-the-token"
PATH_CANARY = "canary-in-the-path"
QUERY_CANARY = "canary-in-the-query"


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("server")
    store = open_store(str(tmp_path / "course.db"))
    migrate(store)
    store.close()
    database = f"sqlite:///{tmp_path}/course.db"
    with server(tmp_path, database=database, public_grading="true") as live:
        yield live


def lines_of(live, request_id):
    return [each for each in live.logged() if each.get("request_id") == request_id]


def test_a_request_is_one_line(live):
    reply = live.get("/healthz")
    (line,) = lines_of(live, reply.headers["x-request-id"])
    assert line.pop("milliseconds") >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line == {
        "level": "info",
        "logger": "gradgrade",
        "event": "request",
        "request_id": reply.headers["x-request-id"],
        "method": "GET",
        "route": "/healthz",
        "status": 200,
        "role": None,
    }


def test_what_another_thread_raises_is_told_in_short_lines_as_the_faults_of_requests_are():
    try:
        raise ValueError(f"too long\nrow: {BODY_CANARY}")
    except ValueError:
        raised = sys.exc_info()
    record = logging.LogRecord("name", logging.ERROR, __file__, 1, "it failed", (), raised)
    text = formatter().format(record)
    line = json.loads(text)
    assert (line["event"], line["error"]) == ("it failed", "ValueError: too long")
    assert line["traceback"].endswith("ValueError: too long")
    assert BODY_CANARY not in text


def test_a_route_is_told_by_its_template_and_nothing_of_a_client_is_told(live):
    replies = [
        live.get(f"/api/v1/catalogue/{PATH_CANARY}"),
        live.get(f"/api/v1/catalogue?token={QUERY_CANARY}"),
        live.get(f"/{PATH_CANARY}", Authorization=f"Bearer {TOKEN_CANARY}"),
        live.get(
            "/api/v1/grade",
            dumps({"exercise": {}, "answers": {BODY_CANARY: 1}}).encode(),
            Content_Type="application/json",
        ),
        live.get("/api/v1/grade", BODY_CANARY.encode(), Content_Type="application/json"),
    ]
    routes = [lines_of(live, each.headers["x-request-id"])[0]["route"] for each in replies]
    assert routes[0] == "/api/v1/catalogue/{name}"
    assert routes[2:] == ["other", "/api/v1/grade", "/api/v1/grade"]
    assert all(400 <= each.status < 500 for each in replies)
    assert "canary" not in live.log.read_text()


@pytest.mark.parametrize("given", ["a", "A-z.0_9", "x" * 64])
def test_a_fitting_request_id_is_kept(live, given):
    assert live.get("/healthz", X_Request_ID=given).headers["x-request-id"] == given
    assert lines_of(live, given)


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", 'a"b', "é", "a;b"])
def test_any_other_request_id_is_replaced(live, given):
    told = live.get("/nope", X_Request_ID=given).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{16}", told)
    assert lines_of(live, told)


def test_a_path_with_line_breaks_makes_no_line_of_its_own(live):
    before = len(live.logged())
    live.get("/nope%0A%7B%22event%22%3A%22forged%22%7D")
    assert len(live.logged()) == before + 1


def test_a_level_above_info_has_no_line_for_requests(tmp_path):
    with server(tmp_path, log_level="error") as live:
        live.get("/healthz")
        assert live.logged() == []


PROGRAM = """
from gradgrade.service.http import logs, metrics
from gradgrade.service.app import create_app
logs.start("info")
app = create_app()

def fail(name):
    try:
        {}["first"]
    except KeyError:
        raise RuntimeError("it broke\\nDETAIL: canary") from None

def fail_after(name):
    try:
        fail(name)
    except RuntimeError as error:
        raise LookupError("for that reason") from error

app.add_url_rule("/fail/<name>", view_func=fail)
app.add_url_rule("/fail-after/<name>", view_func=fail_after)
client = app.test_client()
for path in ("/fail/canary", "/fail-after/canary"):
    reply = client.get(path, headers={"X-Request-ID": "mine"})
    assert reply.status_code == 500, reply.status_code
    assert reply.content_type == "application/problem+json"
    assert reply.headers["X-Request-ID"] == "mine"
    assert "broke" not in reply.text
"""


def test_a_fault_is_a_problem_for_the_client_and_a_traceback_for_the_log():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["fault", "request"] * 2
    first, _, second, _ = lines
    assert first["level"] == "error"
    assert first["request_id"] == "mine"
    assert first["route"] == "/fail/{name}"
    assert first["error"] == "RuntimeError: it broke"
    assert first["traceback"].endswith("RuntimeError: it broke")
    assert ", in fail" in first["traceback"]
    assert "KeyError" not in first["traceback"]
    assert "RuntimeError: it broke" in second["traceback"]
    assert second["traceback"].endswith("LookupError: for that reason")
    assert "canary" not in done.stderr
