"""What is refused before a document is looked at, by a real server."""

import gzip

import pytest

from tests.service.api.problem_json import assert_problem

MEBIBYTE = 2**20


def test_the_process_tells_that_it_is_up(live):
    reply = live.get("/healthz")
    assert (reply.status, reply.json) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api/v1/",
        "/api/v1/grade/",
        "//nope",
        "/api//v1/grade",
        "/%00",
        "/%ff",
        "/../",
    ],
)
def test_what_is_not_there_is_a_404(live, path):
    reply = live.get(path)
    assert_problem(reply, 404)
    assert reply.json["detail"].startswith("there is nothing at this path")


def test_a_method_that_a_path_has_not_is_a_405_that_names_those_it_has(live):
    reply = live.get("/api/v1/grade")
    assert_problem(reply, 405)
    assert "POST" in reply.headers["allow"]
    assert "the header Allow lists" in reply.json["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data; boundary=x", "", "a"])
def test_a_body_that_is_not_application_json_is_a_415(live, request_text, media_type):
    assert_problem(live.post(request_text, Content_Type=media_type), 415)


def test_another_charset_is_a_415(live, request_text):
    reply = live.post(
        request_text.encode("utf-16"), Content_Type="application/json; charset=utf-16"
    )
    assert_problem(reply, 415)


def test_utf_8_may_be_named(live, request_text):
    reply = live.post(request_text, Content_Type="application/json; charset=UTF-8")
    assert reply.status == 200


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
def test_a_content_encoding_is_a_415(live, request_text, coding):
    body = gzip.compress(request_text.encode())
    assert_problem(live.post(body, Content_Encoding=coding), 415)


def test_a_body_without_content_length_is_a_411(live):
    assert_problem(live.post(b"", length=""), 411)


def _chunked(text: str, version: str = "1.1", **headers: str) -> list[bytes]:
    fields = {"Host": "x", "Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    body = text.encode()
    return [
        f"POST /api/v1/grade HTTP/{version}\r\n{head}\r\n".encode(),
        f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n",
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content_Length": "5"},
        {"Expect": "100-continue"},
        {"Transfer_Encoding": "gzip"},
        {"Transfer_Encoding": "gzip, chunked"},
        {"Transfer_Encoding": "Chunked"},
    ],
)
def test_a_transfer_encoding_is_a_411_whatever_comes_with_it(live, request_text, headers):
    head, body = _chunked(request_text, **headers)
    assert_problem(live.send(head + body), 411)
    assert_problem(live.send(head), 411)


def test_a_transfer_encoding_of_http_1_0_is_a_411(live, request_text):
    head, body = _chunked(request_text, version="1.0", Content_Length="0")
    assert_problem(live.send(head + body), 411)


def test_what_follows_a_refused_header_is_not_read_as_another_request(live, request_text):
    head, body = _chunked(request_text)
    reply = live.send(head + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + body)
    assert_problem(reply, 411)
    assert reply.headers["connection"] == "close"


def test_a_body_of_one_mebibyte_is_read(live, request_text):
    assert live.post(request_text.ljust(MEBIBYTE)).status == 200


@pytest.mark.parametrize("length", [MEBIBYTE + 1, 4 * MEBIBYTE])
def test_a_longer_body_is_a_413(live, request_text, length):
    assert_problem(live.post(request_text.ljust(length)), 413)


@pytest.mark.parametrize("length", ["99999999999", "9" * 4000])
def test_a_body_that_is_much_too_long_is_refused_by_its_header_alone(live, length):
    assert_problem(live.post(b"", length=length), 413)


def test_a_body_that_is_too_long_is_not_asked_for(live):
    assert_problem(live.post(b"", length="99999999999", Expect="100-continue"), 413)


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "abc", "5, 5", "9" * 5000])
def test_a_content_length_that_is_no_number_is_a_400(live, length):
    assert_problem(live.post(b"{}", length=length), 400)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"get /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nA: b\rc\r\n\r\n",
        b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_not_http_is_a_400(live, request_bytes):
    assert_problem(live.send(request_bytes), 400)


def test_a_header_that_is_too_long_is_a_431(live):
    assert_problem(live.send(b"GET / HTTP/1.1\r\nA: " + b"b" * 300_000 + b"\r\n\r\n"), 431)


def test_the_log_holds_neither_bodies_nor_tracebacks(live, request_text):
    canary = "canary-in-the-body"
    live.post(request_text.replace('"1"', f'"{canary}"'))
    live.post(f'{{"{canary}": 1}}')
    live.post(f'{{"{canary}"')
    log = live.log.read_text()
    assert canary not in log
    assert "Traceback" not in log
