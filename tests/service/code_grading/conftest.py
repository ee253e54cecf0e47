"""Workers that run submissions: one as whoever runs the tests, and one as nobody."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest

from tests import ROOT
from tests.service.code_grading.programs import Program

NOBODY = "65534"

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed: sandboxes need it"
)

QUICK = {"import_seconds": 3, "memory_bytes": 512 << 20, "flood_bytes": 1 << 20, "processes": 16}


class Worker:
    """A worker process, asked one submission at a time."""

    def __init__(self, command: list[str], canary: str) -> None:
        self.canary = canary
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GRADGRADE_CANARY": canary,
        }
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )

    def run(
        self,
        program: Program,
        *,
        exercise: str | None = None,
        variants: int = 2,
        **limits: float,
    ) -> dict[str, Any]:
        request = {
            "path": str(program.path),
            "exercise": exercise or program.exercise,
            "variants": variants,
            "shape": program.shape,
            "limits": {**QUICK, **limits},
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate(timeout=30)


def as_nobody(command: list[str]) -> list[str]:
    """A command that root can start to have another run as nobody.

    Nobody may come to an interpreter in root's home where every folder on the way is shown anew.
    """
    base = PurePosixPath(os.path.realpath(sys.base_prefix))
    ways = ["--bind", "/", "/", "--dev-bind", "/dev", "/dev"]
    if base.is_relative_to("/root"):
        ways += ["--perms", "0755", "--tmpfs", "/root"]
        for parent in reversed(base.relative_to("/root").parents[:-1]):
            ways += ["--perms", "0755", "--dir", f"/root/{parent}"]
        ways += ["--ro-bind", str(base), str(base)]
    for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
        ways += ["--cap-add", capability]
    drop = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
    drop += ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"]
    return ["bwrap", *ways, "--", "setpriv", *drop, "--", *command]


@pytest.fixture(scope="session", params=["oneself", "nobody"])
def worker(request: pytest.FixtureRequest, canary: str) -> Iterator[Worker]:
    """A worker as oneself (root, in a container) and as nobody, who is never root."""
    command = [sys.executable, "-m", "tests.service.code_grading.sandbox.worker"]
    # Who is not root is as little as nobody already.
    if request.param == "nobody" and os.geteuid() == 0:
        command = as_nobody(command)
    worker = Worker(command, canary)
    yield worker
    worker.close()


@pytest.fixture(scope="session")
def canary() -> Iterator[str]:
    """Text that no submission may ever see; it lies in a file that everybody may read."""
    text = f"gradgrade-canary-{secrets.token_hex(16)}"
    with tempfile.NamedTemporaryFile("w", prefix="canary", suffix=".solution.json") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        yield text
