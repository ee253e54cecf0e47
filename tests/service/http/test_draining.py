"""A server that is told to stop, and clients that keep their connections."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from gradgrade.problems import catalogue, generate
from tests.service.operations.served import environment
from tests.solved import right_answers

COMMAND = Path(sys.executable).with_name("gradgrade")
SECONDS = 30
STOPS_IN = 5
CLIENTS = 12
OFTEN = "1000000000/minute"


@pytest.fixture
def server(tmp_path):
    """A process of `gradgrade serve`, and its port."""
    settings = environment(general_rate=OFTEN, grading_rate=OFTEN, public_grading="true")
    with (tmp_path / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [str(COMMAND), "serve", "--port", "0", "--database", f"sqlite:///{tmp_path}/course.db"],
            cwd=tmp_path,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
    try:
        for line in process.stdout:
            if found := re.search(r"^gradgrade serves .*:(\d+)$", line):
                yield process, int(found[1])
                break
    finally:
        process.kill()
        process.wait(SECONDS)
        process.stdout.close()
    assert "Traceback" not in (tmp_path / "errors").read_text()


@contextmanager
def connected(port):
    with socket.create_connection(("127.0.0.1", port), SECONDS) as made:
        yield made


def request(path, body=None):
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: localhost"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def received(connection):
    """All that comes until an answer is whole or the connection ends."""
    got = b""
    try:
        while not is_whole(got) and (piece := connection.recv(65536)):
            got += piece
    except ConnectionError:
        pass
    return got


def is_whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    return bool(end) and length is not None and len(body) == int(length[1])


def says_that_it_closes(answer):
    return b"\r\nconnection: close\r\n" in answer.partition(b"\r\n\r\n")[0].lower() + b"\r\n"


def stopped(process):
    """Stop a server; return how long it took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
    return time.monotonic() - began


def graded():
    """The body of a request for a verdict on right answers."""
    problem_set = catalogue.load("seeds")
    exercise = generate(problem_set, problem_set.exercises[0].name, student="1", secret=b"0")
    answers = right_answers(exercise)
    document = json.loads(exercise.to_json())
    return json.dumps(
        {"exercise": document, "answers": answers}, default=lambda array: array.tolist()
    ).encode()


class Hammer:
    """A client that asks again and again on one connection, and on others once it is closed."""

    def __init__(self, port, sent):
        self.answers = []
        self._port, self._sent = port, sent
        self.thread = Thread(target=self._run)
        self.thread.start()

    def _run(self):
        try:
            while True:
                with connected(self._port) as connection:
                    self._ask(connection)
        except OSError:
            return  # nobody listens any more

    def _ask(self, connection):
        while True:
            try:
                connection.sendall(self._sent)
            except ConnectionError:
                return
            answer = received(connection)
            self.answers.append(answer)
            if not answer or not is_whole(answer):
                return
            if says_that_it_closes(answer):
                assert received(connection) == b""
                return


def test_whoever_keeps_asking_does_not_keep_the_server_and_no_answer_is_cut(server):
    process, port = server
    # Of what is much work one is answered at a time, and others are told to ask again.
    paths = ("/openapi.json", "/api/v1/catalogue/seeds", "/healthz")
    sent = [request(path) for path in paths]
    hammers = [Hammer(port, sent[number % len(sent)]) for number in range(CLIENTS)]
    time.sleep(1.5)
    seconds = stopped(process)
    for each in hammers:
        each.thread.join(SECONDS)
        assert not each.thread.is_alive()
    assert seconds < STOPS_IN
    answers = [answer for each in hammers for answer in each.answers]
    assert [answer for answer in answers if answer and not is_whole(answer)] == []
    assert all(answer.startswith(b"HTTP/1.1 200 OK\r\n") for answer in answers if answer)
    # On no connection was there more than one answer from the server as it stopped.
    assert sum(map(says_that_it_closes, answers)) <= CLIENTS
    assert all(len(each.answers) > 1 for each in hammers)


def test_an_idle_connection_is_closed_at_once_and_a_request_half_received_is_answered(server):
    process, port = server
    body = graded()
    sent = request("/api/v1/grade", body)
    with connected(port) as idle, connected(port) as half:
        idle.sendall(request("/healthz"))
        assert not says_that_it_closes(received(idle))
        half.sendall(sent[:-10])
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert received(idle) == b""
        assert time.monotonic() - began < 1
        time.sleep(0.5)
        assert process.poll() is None
        # What is sent behind it is begun no more.
        half.sendall(sent[-10:] + request("/healthz"))
        answer = received(half)
        assert is_whole(answer)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert says_that_it_closes(answer)
        assert received(half) == b""
    assert process.wait(STOPS_IN) == 0


def test_a_client_of_http_1_0_that_keeps_its_connection_is_told_too(server):
    process, port = server
    head = b"POST /api/v1/grade HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{"
    with connected(port) as half:
        half.sendall(head)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        half.sendall(b"}")
        answer = received(half)
        assert is_whole(answer)
        assert says_that_it_closes(answer)
        assert b"keep-alive" not in answer.lower()
    assert process.wait(STOPS_IN) == 0
