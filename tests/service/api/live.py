"""A real server in a process of its own, and raw requests to it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

from tests.service.course_api.live import Reply
from tests.service.forked import begin, end

SECONDS = 30

PROGRAM = """
from gradgrade.service.app import create_app
from gradgrade.service.http.server import create_server
from gradgrade.service.settings import Settings
settings = Settings(general_rate="1000000000/minute", grading_rate="1000000000/minute")
server = create_server(create_app(settings=settings), port=0)
print("port", server.effective_port, flush=True)
server.run()
"""


@dataclass(frozen=True)
class Live:
    port: int
    log: Path

    def send(self, *pieces: bytes) -> Reply:
        """Send bytes as they are, and read one response."""
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as connection:
            for piece in pieces:
                connection.sendall(piece)
            response = HTTPResponse(connection)
            response.begin()
            headers = {name.lower(): value for name, value in response.getheaders()}
            reply = Reply(response.status, headers, response.read())
            response.close()
            return reply

    def get(self, path: str) -> Reply:
        return self.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def post(self, body: bytes | str, *, length: str | None = None, **headers: str) -> Reply:
        """POST to /grade; headers by their names with _ for -, None to leave one out."""
        body = body.encode() if isinstance(body, str) else body
        fields = {"Host": "x", "Content-Type": "application/json"}
        fields["Content-Length"] = str(len(body)) if length is None else length
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        return self.send(f"POST /api/v1/grade HTTP/1.1\r\n{head}\r\n".encode() + body)


@contextmanager
def live_server(directory: Path, program: str = PROGRAM) -> Iterator[Live]:
    """Run a program that prints its port, and yield where it listens."""
    log = directory / "server.log"
    process, port = begin(log, exec, program, {})
    try:
        yield Live(port, log)
    finally:
        end(process)
