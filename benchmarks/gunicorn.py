"""gunicorn in processes of its own, as a course is served; or Granian, to be compared with it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

WORKERS, THREADS = 2, 8
SECONDS = 30

OPTIONS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "sync": (),
        "gthread": ("--threads", str(THREADS), "--keep-alive", "75"),
    }
)
"""By kind of worker what else it is told: `sync` is gunicorn's own choice, `gthread` ours."""

GRANIAN = "granian"
"""Another server, in place of a kind of gunicorn's workers."""


@dataclass(frozen=True, slots=True)
class Gunicorn:
    """A gunicorn, or what stands in its place, that listens.

    Args:
        port: on this machine.
        process: the number of its master process.
    """

    port: int
    process: int

    def resident_megabytes(self) -> float:
        """Return the memory that its workers hold, in MiB."""
        pages = sum(int(each.joinpath("statm").read_text().split()[1]) for each in self._workers())
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def processor_seconds(self) -> float:
        """Return the processor time that its workers have taken, in programs and in the system."""
        # What stands before is a name in brackets, which may have spaces.
        fields = [each.joinpath("stat").read_text().rsplit(")", 1)[1] for each in self._workers()]
        ticks = sum(int(each.split()[11]) + int(each.split()[12]) for each in fields)
        return ticks / os.sysconf("SC_CLK_TCK")

    def _workers(self) -> Sequence[Path]:
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        return [Path("/proc", each) for each in children]


@contextmanager
def served(application: str, environment: Mapping[str, str], *, kind: str) -> Iterator[Gunicorn]:
    """Serve an application, `module:function()`, and stop it in the end.

    Args:
        application: what is served.
        environment: what it finds in its environment besides ours.
        kind: of worker, one of `OPTIONS`; or `GRANIAN`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = _granian(application, port) if kind == GRANIAN else _gunicorn(application, port, kind)
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--workers", str(WORKERS), "--log-level", "error"],
        env={**os.environ, **environment},
    )
    try:
        _wait_for(port)
        yield Gunicorn(port, process.pid)
    finally:
        process.terminate()
        process.wait(SECONDS)


def _gunicorn(application: str, port: int, kind: str) -> Sequence[str]:
    bound = ("--bind", f"127.0.0.1:{port}", "--worker-class", kind)
    return ("gunicorn", application, *bound, *OPTIONS[kind])


def _granian(application: str, port: int) -> Sequence[str]:
    bound = ("--host", "127.0.0.1", "--port", str(port), "--blocking-threads", str(THREADS))
    return ("granian", "--interface", "wsgi", "--factory", application.removesuffix("()"), *bound)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
