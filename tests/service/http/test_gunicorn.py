"""What is refused before a document is looked at is refused under gunicorn too."""

import os
import re
import socket
import subprocess
import sys
import time

import pytest

from tests.service.api.live import SECONDS, Live
from tests.service.api.problem_json import assert_problem

MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory):
    log = tmp_path_factory.mktemp("gunicorn") / "server.log"
    command = [
        *(sys.executable, "-m", "gunicorn", "gradgrade.service.app:create_app()"),
        *("--bind", "127.0.0.1:0", "--workers", "1", "--threads", "4", "--no-control-socket"),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=dict(os.environ))
    try:
        yield Live(_port(process, log), log)
    finally:
        process.terminate()
        process.wait(SECONDS)


def _port(process, log):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        time.sleep(0.02)
    raise AssertionError(f"gunicorn does not listen: {log.read_text()}")


def test_a_right_request_is_graded(gunicorn, request_text):
    reply = gunicorn.post(request_text)
    assert (reply.status, reply.json["outcome"]) == (200, "correct")


def test_a_body_without_content_length_is_a_411(gunicorn):
    assert_problem(gunicorn.post(b"", length=""), 411)


@pytest.mark.parametrize("coding", ["chunked", "Chunked"])
def test_a_chunked_body_is_a_411_and_never_read(gunicorn, request_text, coding):
    body = f"{len(request_text):x}\r\n{request_text}\r\n0\r\n\r\n"
    head = (
        "POST /api/v1/grade HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Transfer-Encoding: {coding}\r\n\r\n"
    )
    assert_problem(gunicorn.send((head + body).encode()), 411)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "5", "Transfer-Encoding": "chunked"},
        {"Transfer-Encoding": "gzip, chunked"},
        {"Transfer-Encoding": "identity"},
        {"Transfer-Encoding": "chunked, chunked"},
        {"Transfer-Encoding": "mystery"},
    ],
)
def test_no_other_transfer_encoding_gets_a_body_through(gunicorn, request_text, headers):
    fields = {"Host": "x", "Content-Type": "application/json", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    body = f"{len(request_text):x}\r\n{request_text}\r\n0\r\n\r\n"
    reply = gunicorn.send(f"POST /api/v1/grade HTTP/1.1\r\n{head}\r\n{body}".encode())
    assert reply.status in (400, 411, 501)
    assert b"outcome" not in reply.body


def test_a_body_of_one_mebibyte_is_read(gunicorn, request_text):
    assert gunicorn.post(request_text.ljust(MEBIBYTE)).status == 200


def test_a_longer_body_is_a_413(gunicorn, request_text):
    assert_problem(gunicorn.post(request_text.ljust(MEBIBYTE + 1)), 413)


def test_a_body_that_is_much_too_long_is_refused_by_its_header_alone(gunicorn):
    assert_problem(gunicorn.post(b"", length="99999999999"), 413)


@pytest.mark.parametrize("media_type", ["text/plain", "", "application/json; charset=utf-16"])
def test_a_body_that_is_not_application_json_is_a_415(gunicorn, request_text, media_type):
    assert_problem(gunicorn.post(request_text, Content_Type=media_type), 415)


def test_a_content_encoding_is_a_415(gunicorn, request_text):
    assert_problem(gunicorn.post(request_text, Content_Encoding="identity"), 415)


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b'{"a": NaN}', b'{"a": 1, "a": 1}'])
def test_a_body_that_is_not_json_is_a_400(gunicorn, body):
    assert_problem(gunicorn.post(body), 400)


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "5, 5", "9" * 5000, "+2", "0x2"])
def test_a_content_length_that_is_no_number_is_refused(gunicorn, length):
    reply = gunicorn.post(b"{}", length=length)
    assert reply.status == 400
    assert b"Traceback" not in reply.body


def test_a_body_that_is_cut_short_is_no_fault(gunicorn, request_text):
    body = request_text.encode()
    head = (
        "POST /api/v1/grade HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", gunicorn.port), SECONDS) as connection:
        connection.sendall(head + body[:-5])
        connection.shutdown(socket.SHUT_WR)
        status = connection.recv(65536).split(b" ")[1:2]
    assert status in ([], [b"400"])


def test_the_log_holds_no_traceback(gunicorn):
    assert "Traceback" not in gunicorn.log.read_text()
