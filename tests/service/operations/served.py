"""A server process with settings of its own, what it logs, and requests to it."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.service.course_api.live import Reply

SECONDS = 30

PROGRAM = """
from gradgrade.service.http import logs
from gradgrade.service.http.server import create_server
from gradgrade.service.settings import load
from gradgrade.service.wsgi import build
settings = load(port=0)
logs.start(settings.log_level)
server = create_server(build(settings), port=settings.port)
print("port", server.effective_port, flush=True)
server.run()
"""


@dataclass(frozen=True)
class Server:
    process: int
    port: int
    log: Path

    def get(self, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """GET, or POST where there is a body; headers by their names with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, named)
        try:
            response = urllib.request.urlopen(request, timeout=SECONDS)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            names = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, names, response.read())

    def logged(self) -> list[dict]:
        """The lines on standard error, each of which must be an object."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process with these settings and no others."""
    others = {name: value for name, value in os.environ.items() if "GRADGRADE" not in name}
    return others | {f"GRADGRADE_{name.upper()}": value for name, value in settings.items()}


@contextmanager
def server(directory: Path, **settings: str) -> Iterator[Server]:
    """Serve from a directory; the settings are strings."""
    log, told = directory / "server.log", directory / "server.out"
    with log.open("wb") as errors, told.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdout=output,
            stderr=errors,
            cwd=directory,
            env=environment(**settings),
        )
    try:
        deadline = time.monotonic() + SECONDS
        while not (found := re.search(r"^port (\d+)$", told.read_text(), re.MULTILINE)):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield Server(process.pid, int(found[1]), log)
    finally:
        process.kill()
        process.wait(SECONDS)
