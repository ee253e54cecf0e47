"""One run of somebody's tests, in a process of its own, beside a module that stands in."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from gradgrade.service.audit.link import Answering, Desk, Session

STANDIN = Path(__file__).parent / "standin"
"""The folder whose `sitecustomize.py` Python runs as it starts."""

MOST_OUTPUT = 4_000
"""Characters of a run's output that are kept, the last ones."""

LOOKS_EVERY = 0.2
"""Seconds, at the most, until a run ends once all of them are over."""

OPTIONS = "-p gradgrade_standin -p no:cacheprovider"
"""What pytest is told besides."""


class CommandNotFound(ValueError):
    """The command cannot be started; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How the tests are run.

    Args:
        words: the command.
        module: the dotted name of the module under test.
        timeout: seconds for one run.
        folder: where.
    """

    words: Sequence[str]
    module: str
    timeout: float
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run has ended.

    Args:
        session: what its tests have told.
        code: the exit code; None: it took too long.
        output: the end of what it printed.
    """

    session: Session
    code: int | None
    output: str

    @property
    def passed(self) -> bool:
        """Whether the tests let the module pass."""
        return self.code == 0

    @property
    def failed_tests(self) -> tuple[str, ...]:
        """The tests that failed, where they are pytest's."""
        return tuple(name for name, each in self.session.outcomes.items() if each == "failed")


def run(
    command: Command,
    desk: Desk,
    session: Session,
    *,
    name: str,
    is_over: Event,
    stops_at_first: bool = False,
) -> Ended:
    """Run the tests once.

    Args:
        command: how.
        desk: who answers.
        session: what they are told.
        name: of the run.
        is_over: once it is set, the run is ended as if it took too long.
        stops_at_first: whether pytest stops at the first test that fails.

    Raises:
        CommandNotFound: the command cannot be started.
    """
    answering: Answering = desk.answering
    answering.sessions[name] = session
    output = desk.path.with_name(f"{name}.txt")
    with output.open("wb") as written:
        try:
            process = subprocess.Popen(
                command.words,
                cwd=command.folder,
                env=_environment(command, desk, name, stops_at_first=stops_at_first),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise CommandNotFound(f"{command.words[0]}: {error.strerror}") from None
        code = _ended(process, command.timeout, is_over)
    text = output.read_bytes().decode(errors="replace")[-MOST_OUTPUT:]
    output.unlink()
    return Ended(session=session, code=code, output=text)


def _ended(process: "subprocess.Popen[bytes]", timeout: float, is_over: Event) -> int | None:
    until = time.monotonic() + timeout
    try:
        while not is_over.is_set() and (left := until - time.monotonic()) > 0:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(min(left, LOOKS_EVERY))
        return None
    finally:
        # Whatever the tests have left behind ends with them.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(
    command: Command, desk: Desk, name: str, *, stops_at_first: bool
) -> dict[str, str]:
    own = dict(os.environ)
    path = [str(STANDIN.resolve()), *filter(None, [own.get("PYTHONPATH")])]
    options = [own.get("PYTEST_ADDOPTS", ""), OPTIONS, "-x" if stops_at_first else ""]
    return own | {
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_ADDOPTS": " ".join(filter(None, options)),
        "GRADGRADE_AUDIT": str(desk.path),
        "GRADGRADE_AUDIT_RUN": name,
        "GRADGRADE_AUDIT_MODULE": command.module,
    }
