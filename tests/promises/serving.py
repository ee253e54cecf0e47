"""Servers as they are deployed, which can be killed, and courses on them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gradgrade.service.store.engine import Store, open_store
from tests import ROOT
from tests.service.course_api.classroom import Classroom, new_classroom
from tests.service.course_api.live import SECRET, Asker, Live
from tests.service.operations.served import environment
from tests.service.store.databases import make_tables, new_database

CONFIGURATION = ROOT / "deploy" / "gunicorn.conf.py"
COMMANDS = Path(sys.executable).parent
SECONDS = 60
OFTEN = "1000000000/minute"
RATES = dict.fromkeys(
    ("general_rate", "submission_rate", "grading_rate", "failed_token_rate"), OFTEN
)


@dataclass
class Server:
    """A server in processes of its own, which is started on one port again and again.

    Args:
        command: what starts it.
        directory: where it works and logs.
        settings: all that it is told, as texts.
    """

    command: list[str]
    directory: Path
    settings: dict[str, str]
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen | None = None

    @property
    def log(self) -> Path:
        return self.directory / f"server-{self.port}.log"

    def start(self) -> None:
        """Start, and return when the server is ready."""
        settings = {"public_grading": "true", **RATES, **self.settings}
        told = environment(secret=SECRET, port=str(self.port), **settings)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.directory,
                env=told | {"WEB_CONCURRENCY": "2"},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + SECONDS
        while not self._is_ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return Asker(self.port, None).get("//readyz").status == 200
        except OSError:
            return False

    def workers(self) -> list[int]:
        """The processes that answer, under the one that starts them."""
        master = self.process.pid
        return [*map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())]

    def kill_workers(self) -> None:
        """Kill all that answer; the process over them starts others."""
        for worker in self.workers():
            os.kill(worker, signal.SIGKILL)

    def kill(self) -> None:
        """Kill everything at once."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(SECONDS)


@contextmanager
def running(*command: str, directory: Path, **settings: str) -> Iterator[Server]:
    """Provide a server that is ready, and leave none of its processes behind."""
    program = [str(COMMANDS / command[0]), *command[1:]]
    server = Server(program, directory, settings)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def gunicorn(directory: Path, *options: str, **settings: str):
    """Return a running gunicorn of two processes, configured as for deployment."""
    command = ["gunicorn", "--config", str(CONFIGURATION), *options]
    return running(*command, directory=directory, **settings)


def serve(directory: Path, **settings: str):
    """Return a running `gradgrade serve`."""
    return running("gradgrade", "serve", directory=directory, **settings)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Database:
    kind: str
    address: str
    store: Store

    def room(self, server: Server) -> Classroom:
        """A course of its own in this database, asked for through a server."""
        unused = server.directory / "unused"
        live = Live(self.kind, self.address, server.port, server.log, unused, self.store)
        return new_classroom(live)


@contextmanager
def database(kind: str, directory: Path) -> Iterator[Database]:
    """Provide a database with tables."""
    with new_database(kind, directory) as address:
        store = open_store(address)
        try:
            make_tables(store)
            yield Database(kind, address, store)
        finally:
            store.close()
