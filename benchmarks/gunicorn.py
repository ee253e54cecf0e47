"""gunicorn in processes of its own, as a course is served."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORKERS, THREADS = 2, 1
SECONDS = 30


@dataclass(frozen=True, slots=True)
class Gunicorn:
    """A gunicorn that listens.

    Args:
        port: on this machine.
        process: the number of its master process.
    """

    port: int
    process: int

    def resident_megabytes(self) -> float:
        """Return the memory that its workers hold, in MiB."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in children)
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def served(
    application: str, environment: Mapping[str, str], *, workers: int = WORKERS
) -> Iterator[Gunicorn]:
    """Serve an application, `module:function()`, and stop it in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(THREADS)]
    command += ["--keep-alive", "75", "--log-level", "error"]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        _wait_for(port)
        yield Gunicorn(port, process.pid)
    finally:
        process.terminate()
        process.wait(SECONDS)


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
