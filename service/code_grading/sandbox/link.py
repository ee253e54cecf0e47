"""The pipes to a running sandbox: requests, replies, and what the student's program prints."""

import os
import selectors
import time
from contextlib import suppress
from typing import Any

from gradgrade.problems import DocumentError
from gradgrade.service.code_grading.child.frames import LENGTH_BYTES
from gradgrade.service.code_grading.sandbox import replies
from gradgrade.service.code_grading.sandbox.limits import Limits
from gradgrade.service.code_grading.sandbox.outcome import Failure, FailureKind
from gradgrade.service.code_grading.sandbox.sandbox import Started

CHUNK = 1 << 16
SECONDS_TO_EXIT = 1.0

LONGEST_NOTICE = 4096
"""Bytes of a reply that holds no answers."""


class Stopped(Exception):
    """The program can be asked nothing more."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(kind=kind, message=message)


class _Printed:
    """What one stream printed since it was last taken: its beginning, and how much it was."""

    def __init__(self, stream: Any) -> None:
        self.descriptor = stream.fileno()
        os.set_blocking(self.descriptor, False)
        self.kept = bytearray()
        self.size = 0

    def take(self) -> str:
        text = self.kept.decode("utf-8", "replace")
        self.kept.clear()
        self.size = 0
        return text


class Link:
    """Asks a running sandbox, one request at a time, while its output is read."""

    def __init__(self, started: Started, limits: Limits) -> None:
        self._process = started.process
        self._limits = limits
        self._replies = started.replies
        self._received = bytearray()
        self._printed = (_Printed(started.process.stdout), _Printed(started.process.stderr))
        os.set_blocking(self._replies, False)
        assert started.process.stdin is not None  # it is a pipe
        self._requests = started.process.stdin.fileno()
        os.set_blocking(self._requests, False)
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._replies, *(each.descriptor for each in self._printed)):
            self._selector.register(descriptor, selectors.EVENT_READ)

    def close(self) -> None:
        """Let go of what watches the pipes, not of the pipes."""
        self._selector.close()

    def printed(self) -> tuple[str, str]:
        """Return what was printed since the last call, on standard output and standard error."""
        for stream in self._printed:
            self._read_printed(stream)
        out, err = (stream.take() for stream in self._printed)
        return out, err

    def ask(self, request: bytes, *, seconds: float, most: int = LONGEST_NOTICE) -> replies.Reply:
        """Send a request and return the reply to it; see `receive`."""
        end = time.monotonic() + seconds
        self._send(len(request).to_bytes(LENGTH_BYTES, "big") + request, end)
        return self.receive(seconds=end - time.monotonic(), most=most)

    def receive(self, *, seconds: float, most: int = LONGEST_NOTICE) -> replies.Reply:
        """Return the next reply.

        Args:
            seconds: in which it must come.
            most: the bytes that it may have.

        Raises:
            Stopped: it does not come in time, nor ever, or is none.
        """
        end = time.monotonic() + seconds
        while (frame := self._frame(most)) is None:
            self._wait(end)
        try:
            return replies.read_reply(frame)
        except DocumentError as error:
            raise Stopped("malformed_reply", f"what it sends is no reply: {error}") from None

    def _send(self, data: bytes, end: float) -> None:
        view = memoryview(data)
        self._selector.register(self._requests, selectors.EVENT_WRITE)
        try:
            while view:
                self._wait(end)
                with suppress(BlockingIOError):
                    view = view[os.write(self._requests, view) :]
        except BrokenPipeError:
            self._raise_exited()
        finally:
            self._selector.unregister(self._requests)

    def _frame(self, most: int) -> bytes | None:
        """Return the next whole frame that was received."""
        if len(self._received) < LENGTH_BYTES:
            return None
        size = int.from_bytes(self._received[:LENGTH_BYTES], "big")
        if size > most:
            raise Stopped("answer_too_large", f"a reply of over {most} bytes")
        end = LENGTH_BYTES + size
        if len(self._received) < end:
            return None
        frame = bytes(self._received[LENGTH_BYTES:end])
        del self._received[:end]
        return frame

    def _wait(self, end: float) -> None:
        """Wait until something happens, and take in what was sent and printed."""
        ready = self._selector.select(max(end - time.monotonic(), 0))
        if not ready:
            raise Stopped("timeout", "the program does not answer in time")
        descriptors = {key.fd for key, _ in ready}
        for stream in self._printed:
            if stream.descriptor in descriptors:
                self._read_printed(stream)
        if self._replies in descriptors:
            part = os.read(self._replies, CHUNK)
            if not part:
                self._raise_exited()
            self._received += part

    def _read_printed(self, stream: _Printed) -> None:
        while True:
            try:
                part = os.read(stream.descriptor, CHUNK)
            except BlockingIOError:
                return
            if not part:
                with suppress(KeyError):
                    self._selector.unregister(stream.descriptor)
                return
            room = max(self._limits.output_bytes - len(stream.kept), 0)
            stream.kept += part[:room]
            stream.size += len(part)
            if stream.size > self._limits.flood_bytes:
                raise Stopped("output_flood", f"over {self._limits.flood_bytes} bytes of output")

    def _raise_exited(self) -> None:
        with suppress(Exception):
            self._process.wait(SECONDS_TO_EXIT)
        status = self._process.returncode
        told = "" if status is None else f" (status {status})"
        raise Stopped("exited", f"the program ended before it answered{told}")
