"""Promise 1: what a submission is refused for, by both servers; nothing of it is kept."""

import json
import socket
from http.client import HTTPResponse

import pytest

from gradgrade.service.bounds import SHORT_BODY
from tests.promises.serving import database, gunicorn, serve
from tests.promises.submitting import publish
from tests.service.course_api.classroom import EXERCISES, NAME
from tests.service.course_api.live import SECONDS, Reply

PATH = f"/api/v1/problem-sets/{NAME}/exercises/{EXERCISES[0]}/submissions"
MEBIBYTE = 2**20
RIGHT = b'{"answers": {"loss": 0.5}}'


def loss(value: str) -> bytes:
    return f'{{"answers": {{"loss": {value}}}}}'.encode()


def matrix(value: str) -> bytes:
    return f'{{"answers": {{"dW1": {value}}}}}'.encode()


BODIES = {
    "NaN": (loss("NaN"), 400),
    "Infinity": (loss("Infinity"), 400),
    "-Infinity": (loss("-Infinity"), 400),
    "overflow": (loss("1e400"), 400),
    "negative overflow": (loss("-1e400"), 400),
    "65 characters": (loss("1" * 65), 400),
    "65 characters of decimals": (loss("0." + "3" * 63), 400),
    "nesting of 9": (matrix("[" * 7 + "1" + "]" * 7), 400),
    "nesting without end": (matrix("[" * 10_000), 400),
    "duplicate key": (b'{"answers": {"loss": 1, "loss": 1}}', 400),
    "duplicate key, escaped": (b'{"answers": {"loss": 1, "los\\u0073": 1}}', 400),
    "arabic digits": (loss("١٢"), 400),
    "full-width digit": (loss("１"), 400),
    "not UTF-8": (b'{"answers": {"loss": 1, "\xff": 1}}', 400),
    "UTF-16": (RIGHT.decode().encode("utf-16"), 400),
    "byte order mark": (b"\xef\xbb\xbf" + RIGHT, 400),
    "decimal comma": (loss("0,5"), 400),
    "ten thousand digits": (loss("1" * 10_000), 400),
    "a million digits": (loss("1" * 1_000_000), 413),
    "true": (loss("true"), 422),
    "false in an array": (matrix("[[1, 2], [3, false]]"), 422),
    "string": (loss('"0.5"'), 422),
    "string of digits": (loss('"1_000"'), 422),
    "arabic digits in a string": (loss('"١٢"'), 422),
    "null in an array": (matrix("[[1, 2], [3, null]]"), 422),
    "object": (loss("{}"), 422),
    "ragged": (matrix("[[1, 2], [3]]"), 422),
    "number beside array": (matrix("[[1, 2], 3]"), 422),
    "empty": (matrix("[]"), 422),
    "empty rows": (matrix("[[], []]"), 422),
    "unknown field": (b'{"answers": {"loss": 1}, "more": 1}', 422),
    "unknown part": (b'{"answers": {"dW9": 1}}', 422),
    "a given as part": (b'{"answers": {"W1": [[1, 2], [3, 4]]}}', 422),
    "null for all": (b'{"answers": null}', 422),
    "nothing": (b"{}", 422),
}
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(RIGHT), RIGHT)
LONG = RIGHT.ljust(MEBIBYTE + 1)
JSON = {"Content-Type": "application/json"}
REQUESTS = {
    "no Content-Length": (JSON, b"", 411),
    "chunked": (JSON | {"Transfer-Encoding": "chunked"}, CHUNKED, 411),
    "longer than a mebibyte": (JSON | {"Content-Length": str(len(LONG))}, LONG, 413),
    "said to be longer": (JSON | {"Content-Length": "99999999999"}, b"", 413),
    "text/plain": (
        {"Content-Type": "text/plain", "Content-Length": str(len(RIGHT))},
        RIGHT,
        415,
    ),
    "no type": ({"Content-Length": str(len(RIGHT))}, RIGHT, 415),
    "gzip": (
        JSON | {"Content-Encoding": "gzip", "Content-Length": str(len(RIGHT))},
        RIGHT,
        415,
    ),
}


@pytest.fixture(scope="module", params=[serve, gunicorn], ids=["gradgrade serve", "gunicorn"])
def room(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    with (
        database("SQLite", directory) as used,
        request.param(directory, database=used.address) as server,
    ):
        room = used.room(server)
        publish(room, attempts=3)
        room.enrol("s001")
        yield room
        assert "Traceback" not in server.log.read_text()


@pytest.fixture
def student(room):
    return room.students["s001"]


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
def test_a_body_is_refused_whole(student, body, status):
    assert_refused(student.submit(body), status, student)


def assert_refused(reply, status, student):
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert "\n" not in reply.detail
    assert "verdict" not in reply.json
    assert student.asker.get(f"/problem-sets/{NAME}/submissions").json == []


@pytest.mark.parametrize(("headers", "body", "status"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_is_refused_before_its_body_is_looked_at(student, headers, body, status):
    fields = {"Host": "x", "Authorization": f"Bearer {student.asker.token}", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    reply = send(student.asker.port, f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + body)
    assert_refused(reply, status, student)


def send(port: int, request: bytes) -> Reply:
    """Send bytes as they are."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        reply = Reply(response.status, headers, response.read())
        response.close()
        return reply


def test_a_wrong_shape_is_a_verdict_that_spends_nothing_and_null_is_a_missing_part(room):
    (student,) = room.enrol("s002")
    for shape in ("[1, 2]", "[[1, 2, 3], [4, 5, 6]]", "1", "[[[1]]]"):
        reply = student.submit(matrix(shape))
        assert (reply.status, reply.json["verdict"]["outcome"]) == (422, "invalid")
    taken = student.submit(b'{"answers": {"loss": 0.5, "dW1": null}}')
    assert (taken.status, taken.json["attempt"], taken.json["attempts_left"]) == (201, 1, 2)
    outcomes = {each["name"]: each["outcome"] for each in taken.json["verdict"]["parts"]}
    assert outcomes["dW1"] == "missing"


def test_the_longest_numeral_and_body_are_taken(room):
    (student,) = room.enrol("s003")
    numeral = "0." + "3" * 62
    assert len(numeral) == 64
    taken = student.submit(loss(numeral).ljust(SHORT_BODY))
    assert taken.status == 201
    kept = student.asker.get(f"/submissions/{taken.json['submission']}").body
    assert json.loads(kept)["answers"] == {"loss": float(numeral)}
    assert numeral.encode() in kept
