"""A proxy between a client and a server: it keeps all bytes, and has the faults that it is told."""

import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

Fault = Callable[[Callable[[], bytes]], bytes]
"""Is given what asks the server and returns its answer; returns what the client is sent."""


@dataclass
class Proxy:
    """What passes; every connection is for one request.

    `faults` are used up one by one, a request each; after them all is passed on.
    """

    upstream: int
    port: int
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        with connection:
            request = _read_request(connection)
            if not request:
                return
            self.requests.append(request)
            fault = self.faults.popleft() if self.faults else passing
            answer = fault(lambda: self.forward(request))
            self.answers.append(answer)
            connection.sendall(answer)

    def forward(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.upstream), 30) as server:
            first, rest = request.split(b"\r\n", 1)
            server.sendall(first + b"\r\nConnection: close\r\n" + rest)
            return b"".join(iter(lambda: server.recv(65536), b""))


def passing(forward: Callable[[], bytes]) -> bytes:
    return forward()


def dropping(forward: Callable[[], bytes]) -> bytes:
    """The server does what it is asked, and nobody hears of it."""
    forward()
    return b""


def cutting(forward: Callable[[], bytes]) -> bytes:
    """Half of the answer's body arrives."""
    head, body = forward().split(b"\r\n\r\n", 1)
    return head + b"\r\n\r\n" + body[: len(body) // 2]


def answering(status: str, *headers: str) -> Fault:
    """The server is not asked."""
    lines = (f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "Connection: close", "", "")
    return lambda _: "\r\n".join(lines).encode()


@contextmanager
def proxy(upstream: int) -> Iterator[Proxy]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Proxy(upstream, listener.getsockname()[1])
        thread = Thread(target=_accept, args=(listener, made))
        thread.start()
        try:
            yield made
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(listener: socket.socket, made: Proxy) -> None:
    threads = []
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            break
        connection.settimeout(30)
        threads.append(Thread(target=made.serve, args=(connection,)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            return b""
        request += piece
    head, body = request.split(b"\r\n\r\n", 1)
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    missing = sum(lengths) - len(body)
    while missing > 0:
        piece = connection.recv(65536)
        request += piece
        missing -= len(piece)
    return request
