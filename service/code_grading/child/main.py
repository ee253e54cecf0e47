"""The program in the sandbox: it imports the student's module once and forks for every variant.

It reads frames from standard input and writes frames to a pipe of its own; standard output and
standard error are the student's. What the student's module does to this process harms nobody but
the student: replies are checked by the other side, which also keeps the time.
"""

import contextlib
import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .failure import failed, report
from .frames import read_frame, write_all, write_frame
from .limits import become, confine, limit_cpu

COMMANDS = 0
OTHER_SEED = 20_011

WHOLE = b'{"is_whole": true}\n'
"""The last message of a process that has told all."""

Tell = Callable[[Mapping[str, Any]], None]
"""Sends a message to whoever grades, at once."""


def main(replies: int) -> None:
    """Serve one submission.

    Args:
        replies: the file descriptor of the pipe for replies.
    """
    # Whatever was left open to build the sandbox must not be found by the student's module.
    os.closerange(3, replies)
    os.closerange(replies + 1, 1024)
    begin = json.loads(read_frame(COMMANDS) or b"{}")
    limits = begin["limits"]
    if begin["user"] is not None:
        become(begin["user"])
    is_alone = begin["is_confined"] and os.getppid() == 1
    confine(limits, is_alone=is_alone)

    import numpy  # noqa: F401 -- within the limits, and before the student's own

    from . import loading

    _reply(replies, {"ready": True})
    answer, reply = _loaded(loading, begin)
    _reply(replies, reply)
    if answer is None:
        return
    while (frame := read_frame(COMMANDS)) is not None:
        request = json.loads(frame)
        write_frame(replies, _in_a_fork(answer, request, replies, limits, is_alone=is_alone))


def _loaded(loading: Any, begin: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    try:
        with _empty_input():
            answer = loading.answering(begin)
    except BaseException as error:  # whatever a student's module raises
        return None, report(error)
    finally:
        _flush()
    return answer, {"loaded": True}


@contextlib.contextmanager
def _empty_input() -> Iterator[None]:
    """Let the student's module read nothing from standard input, where requests come from."""
    commands, nothing = os.dup(COMMANDS), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, COMMANDS)
    os.close(nothing)
    try:
        yield
    finally:
        os.dup2(commands, COMMANDS)
        os.close(commands)


def _reply(descriptor: int, reply: Mapping[str, Any]) -> None:
    write_frame(descriptor, json.dumps(reply, allow_nan=False).encode())


def _in_a_fork(
    answer: Any, request: Any, replies: int, limits: Mapping[str, Any], *, is_alone: bool
) -> bytes:
    """Return the reply of a process of its own to one request, or what became of the process."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reading)
            os.close(replies)
            os.dup2(os.open(os.devnull, os.O_RDONLY), COMMANDS)
            if not is_alone:
                os.setsid()  # so that what it starts can be ended with it
            limit_cpu(limits["cpu_seconds"])
            _serve(answer, request, _telling(writing))
        finally:
            os._exit(0)
    os.close(writing)
    deadline = time.monotonic() + limits["wall_seconds"]
    told, is_late = _read(reading, process, deadline, request["answer_bytes"])
    os.close(reading)
    why = _ended(process, is_alone=is_alone, is_late=is_late, limits=limits)
    if len(told) > request["answer_bytes"]:
        return _told("answer_too_large", f"over {request['answer_bytes']} bytes of answers")
    messages = told[: told.rfind(b"\n") + 1]
    # What was told before a process was ended stays told.
    return messages.removesuffix(WHOLE) if messages.endswith(WHOLE) else messages + why


def _telling(writing: int) -> Tell:
    """Return what sends a message, a line of JSON, as soon as there is one."""

    def tell(message: Mapping[str, Any]) -> None:
        write_all(writing, json.dumps(message, allow_nan=False).encode() + b"\n")

    return tell


def _serve(answer: Any, request: dict[str, Any], tell: Tell) -> None:
    """Answer a request, in the process that is the student's alone."""
    try:
        if request["reseed"]:
            import numpy

            random.seed(OTHER_SEED)
            numpy.random.seed(OTHER_SEED)
        for _ in range(request["calls"] - 1):
            answer(request, _unheard)
        answer(request, tell)
    except BaseException as error:  # whatever a student's module raises
        tell(report(error))
    _flush()
    tell({"is_whole": True})


def _unheard(message: Mapping[str, Any]) -> None:
    """Tell nobody: what is asked for a second time is looked at alone."""


def _flush() -> None:
    """Let go of what was printed, so that no later process prints it again."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):  # whatever a student put there
            stream.flush()


def _read(reading: int, process: int, deadline: float, most: int) -> tuple[bytes, bool]:
    """Return what a process writes until it ends, and whether that takes too long."""
    ended = os.pidfd_open(process)
    try:
        return _until(ended, reading, deadline, most)
    finally:
        os.close(ended)


def _until(ended: int, reading: int, deadline: float, most: int) -> tuple[bytes, bool]:
    reply, poll = bytearray(), select.poll()
    os.set_blocking(reading, False)
    poll.register(reading, select.POLLIN)
    poll.register(ended, select.POLLIN)
    while len(reply) <= most:
        ready = {each for each, _ in poll.poll(max(deadline - time.monotonic(), 0) * 1000)}
        if not ready:
            return bytes(reply), True
        part = _available(reading)
        if ended in ready and not part:
            break
        if part == b"":
            poll.unregister(reading)  # closed, while the process still runs
        reply += part or b""
    return bytes(reply), False


def _available(descriptor: int) -> bytes | None:
    """Return what can be read at once: nothing at the end, None where there is nothing yet."""
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return None


def _ended(process: int, *, is_alone: bool, is_late: bool, limits: Mapping[str, Any]) -> bytes:
    """End a process with all that it started; return the message that tells what it did."""
    if is_alone:
        _kill(-1)  # all processes of this PID namespace but its first and this one
    else:
        _kill(-process)
        _kill(process)
    _, status = os.waitpid(process, 0)
    while is_alone and _reaped():
        pass
    if is_late:
        return _told("timeout", f"no answer within {limits['wall_seconds']} s")
    code = os.waitstatus_to_exitcode(status)
    if -code == signal.SIGXCPU:
        return _told("timeout", f"no answer within {limits['cpu_seconds']} s of processor time")
    if code < 0:
        return _told("crash", f"the program was ended by signal {-code}")
    return _told("exited", f"the program ended with status {code} and without an answer")


def _told(kind: str, message: str) -> bytes:
    return json.dumps(failed(kind, message)).encode()


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def _reaped() -> bool:
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        return False
    return True
