"""Whoever sends a request slowly, or half of one, keeps nobody else from being answered."""

import socket
import time
from contextlib import ExitStack

import pytest

from gradgrade.service.http.server import MOST_CONNECTIONS, REQUEST_SECONDS
from tests.service.api.live import live_server

SECONDS = 3
HALF = b"POST /api/v1/grade HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
QUICK = 2

PROGRAM = f"""
from gradgrade.service.app import create_app
from gradgrade.service.http.server import create_server
server = create_server(create_app(), port=0, request_seconds={SECONDS})
print("port", server.effective_port, flush=True)
server.run()
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with live_server(tmp_path_factory.mktemp("server"), PROGRAM) as server:
        yield server


def connected(live, stack):
    return stack.enter_context(socket.create_connection(("127.0.0.1", live.port), 30))


def is_closed(connection):
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_half_sent_requests_do_not_stop_the_others(live):
    with ExitStack() as stack:
        for _ in range(300):
            connected(live, stack).sendall(HALF)
        begun = time.monotonic()
        assert live.get("/healthz").status == 200
        assert time.monotonic() - begun < QUICK


def test_who_sends_byte_by_byte_has_no_longer_than_others(live):
    with ExitStack() as stack:
        connection = connected(live, stack)
        begun = time.monotonic()
        connection.sendall(HALF)
        connection.settimeout(0.2)
        while not is_closed(connection):
            connection.sendall(b"X")
        assert SECONDS - 1 < time.monotonic() - begun < SECONDS + 6


def test_a_whole_request_on_an_old_connection_is_answered(live):
    with ExitStack() as stack:
        connection = connected(live, stack)
        for _ in range(2):
            time.sleep(SECONDS / 2)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"}\n"):  # it may come in pieces
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200")


def test_there_is_room_for_a_class_and_half_sent_requests_go_soon():
    assert MOST_CONNECTIONS >= 500
    assert REQUEST_SECONDS <= 30
