"""Sandboxes: bubblewrap's, which contains a student's program, and none, for who insists.

In bubblewrap's there is no network, no process but the program's own, no file but those that
Python and numpy need, read-only, and a `/tmp` of its own in memory; no /proc; no environment; no
new namespaces; no system call of `seccomp.py`'s list.

Who is not root gets all that in a user namespace that allows no other in it. Root needs none to
build a sandbox; its program becomes a user that owns nothing before it looks at the student's file.
"""

import os
import platform
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Protocol

from gradgrade.service.code_grading.errors import SandboxUnavailable
from gradgrade.service.code_grading.hand_in.hand_in import HandIn
from gradgrade.service.code_grading.sandbox import seccomp
from gradgrade.service.code_grading.sandbox.control_groups import enter, new_control_groups
from gradgrade.service.code_grading.sandbox.interpreter import (
    ENVIRONMENT,
    HARNESS,
    arguments,
    find_interpreter,
    package_paths,
)
from gradgrade.service.code_grading.sandbox.limits import Limits
from gradgrade.service.code_grading.sandbox.submission import laid

SUBMISSION_INSIDE, HARNESS_INSIDE, PACKAGES_INSIDE = "/submission", "/harness", "/packages"
SMALLEST_DISK = 4096
BUBBLEWRAP_PATHS = "/usr/bin:/bin"

AS_OTHERS = (
    *("--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"),
    *("--cap-drop", "ALL"),
)
AS_ROOT = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")

FIRST_TRANSIENT_USER, TRANSIENT_USERS = 61184, 4336
"""The users that Linux distributions keep free for services that need one for a while."""


@dataclass(frozen=True, slots=True)
class Started:
    """A running sandbox.

    Args:
        process: what was started; standard input takes requests, the outputs are the student's.
        replies: the file descriptor that replies are read from.
        top: the folder with what is handed in, in the sandbox.
        user: whom the program must become before it imports any of it; None: it is nobody already.
    """

    process: subprocess.Popen[bytes]
    replies: int
    top: str
    user: int | None = None


class Sandbox(Protocol):
    """Something that can run what a student hands in."""

    is_confined: ClassVar[bool]

    @contextmanager
    def start(
        self, hand_in: HandIn, packages: tuple[str, ...], limits: Limits
    ) -> Iterator[Started]:
        """Run the program of the sandbox for what is handed in; end it with all that it started.

        Args:
            hand_in: the student's files, and the course's.
            packages: the names of the installed packages that it can import.
            limits: what it may use up.

        Raises:
            SandboxUnavailable: nothing was run.
        """


@dataclass(frozen=True, slots=True)
class Unconfined:
    """No sandbox: the program can do what its user can. For code that one would run anyway."""

    is_confined: ClassVar[bool] = False

    @contextmanager
    def start(
        self, hand_in: HandIn, packages: tuple[str, ...], limits: Limits
    ) -> Iterator[Started]:
        """Run it as a child process; see `Sandbox.start`."""
        with ExitStack() as stack:
            top = stack.enter_context(laid(hand_in))
            reading, writing = _pipe(stack)
            places = dict.fromkeys(str(path.parent) for path in package_paths(packages))
            start = arguments(writing, harness=str(HARNESS.parent), packages=places)
            command = [find_interpreter().executable, *start]
            environment = {**dict(ENVIRONMENT), "HOME": str(top.parent)}
            process = _popen(stack, command, env=environment, cwd=top, pass_fds=[writing])
            os.close(writing)
            yield Started(process, reading, str(top))


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """The sandbox that bubblewrap makes."""

    is_confined: ClassVar[bool] = True

    @contextmanager
    def start(
        self, hand_in: HandIn, packages: tuple[str, ...], limits: Limits
    ) -> Iterator[Started]:
        """Run it under `bwrap`; see `Sandbox.start`."""
        bubblewrap, call_filter = _bubblewrap(), _call_filter()
        with ExitStack() as stack:
            groups = stack.enter_context(new_control_groups(limits))
            reading, writing = _pipe(stack)
            options = _Options(stack)
            user = _transient_user()
            options.add(*(AS_OTHERS if user is None else AS_ROOT))
            top = stack.enter_context(laid(hand_in))
            _describe(options, submission=top, packages=packages, limits=limits)
            options.add("--seccomp", options.data(call_filter))
            # Options go through a pipe, so that no list of processes shows them; and bubblewrap
            # waits for them, so that it is in its control groups before it starts anything.
            taking, giving = os.pipe()
            start = arguments(writing, harness=HARNESS_INSIDE, packages=[PACKAGES_INSIDE])
            process = _popen(
                stack,
                [bubblewrap, "--args", str(taking), "--", find_interpreter().executable, *start],
                env={},
                cwd="/",
                pass_fds=[taking, writing, *options.descriptors],
            )
            os.close(taking)
            os.close(writing)
            with suppress(BrokenPipeError), open(giving, "wb") as pipe:
                with suppress(OSError):
                    enter(groups, process.pid)
                pipe.write(b"".join(os.fsencode(each) + b"\0" for each in options.words))
            yield Started(process, reading, SUBMISSION_INSIDE, user)


class _Options:
    """The options of one `bwrap`, with the file descriptors that they speak of."""

    def __init__(self, stack: ExitStack) -> None:
        self.words: list[str] = []
        self.descriptors: list[int] = []
        self._stack = stack

    def add(self, *words: object) -> None:
        self.words += map(str, words)

    def show(self, path: Path | str, inside: str) -> None:
        """Show a file or directory, read-only, below directories that anyone can come through."""
        for parent in reversed(PurePosixPath(inside).parents[:-1]):
            self.add("--perms", "0755", "--dir", parent)
        self.add("--ro-bind", path, inside)

    def data(self, content: bytes) -> int:
        """Return a file descriptor that holds some bytes."""
        descriptor = os.memfd_create("gradgrade")
        self._stack.callback(os.close, descriptor)
        self.descriptors.append(descriptor)
        os.write(descriptor, content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return descriptor


def _describe(
    options: _Options, *, submission: Path, packages: tuple[str, ...], limits: Limits
) -> None:
    """Say what there is in the sandbox; what is not said is not there."""
    options.add("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts")
    options.add("--unshare-cgroup-try", "--hostname", "student", "--clearenv")
    # Bubblewrap's own first process stays: the student's program cannot keep it from dying, and
    # with it everything in its PID namespace.
    options.add("--die-with-parent", "--new-session")
    for name, value in ENVIRONMENT:
        options.add("--setenv", name, value)
    python = find_interpreter()
    for path in python.shown:
        options.show(path, path)
    for path, target in python.links:
        options.add("--symlink", target, path)
    for path in python.hidden:
        options.add("--perms", "0555", "--size", SMALLEST_DISK, "--tmpfs", path)
        options.add("--remount-ro", path)
    for package in package_paths(packages):
        options.show(package, f"{PACKAGES_INSIDE}/{package.name}")
    options.show(HARNESS, f"{HARNESS_INSIDE}/{HARNESS.name}")
    options.show(submission, SUBMISSION_INSIDE)
    options.add("--dev", "/dev", "--remount-ro", "/dev")
    options.add("--perms", "1777", "--size", limits.disk_bytes, "--tmpfs", "/tmp")
    options.add("--remount-ro", "/", "--chdir", SUBMISSION_INSIDE)


def _bubblewrap() -> str:
    path = shutil.which("bwrap", path=f"{os.environ.get('PATH', '')}:{BUBBLEWRAP_PATHS}")
    if path is None:
        raise SandboxUnavailable("bubblewrap (bwrap) is not installed: no sandbox, no grade")
    return path


def _call_filter() -> bytes:
    machine = platform.machine()
    if machine not in seccomp.MACHINES:
        raise SandboxUnavailable(f"there is no system call filter for {machine}")
    return seccomp.program(machine)


def _transient_user() -> int | None:
    """Return the user that a program started by root becomes: one that owns nothing.

    Another each time, so that of two submissions neither can reach the other, nor use up the
    processes that the other may have.
    """
    if os.geteuid() != 0:
        return None
    return FIRST_TRANSIENT_USER + secrets.randbelow(TRANSIENT_USERS)


def _pipe(stack: ExitStack) -> tuple[int, int]:
    """Return a pipe's ends; who starts the process closes the one for writing."""
    reading, writing = os.pipe()
    stack.callback(os.close, reading)
    return reading, writing


def _popen(stack: ExitStack, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, **options)
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
