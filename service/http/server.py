"""The server: waitress, made to refuse what would otherwise reach the application changed.

waitress reads chunked bodies on its own and passes them on with a Content-Length that nobody
sent, answers other transfer codings with a 501, and writes its own errors as plain text. Here
any Transfer-Encoding is a 411, and every error a problem.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from waitress import create_server as create_waitress_server
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import (
    BadRequest,
    Error,
    ServerNotImplemented,
)

from gradgrade.service.http import security
from gradgrade.service.http.problem import MEDIA_TYPE, problem_bytes
from gradgrade.service.http.receiving import STAMP

MOST_DRAINED = 16 * 2**20
"""A body up to here is taken in before it is refused, so that its sender sees the answer."""


MOST_CONNECTIONS = 800
"""At once: a process may have some 1,000 files open, and has others besides."""

REQUEST_SECONDS = 20
"""How long a request may take to arrive, from its first byte on, and a connection may be idle."""

CLEANUP_SECONDS = 2
"""How often it is looked for such connections."""


def _now() -> datetime:
    return datetime.now(UTC)


def create_server(
    app: Callable[..., Any],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    threads: int = 4,
    request_seconds: int = REQUEST_SECONDS,
    sockets: dict[int, Any] | None = None,
    clock: Callable[[], datetime] = _now,
) -> Any:
    """Return a server that listens already; its `run()` serves.

    Args:
        app: what answers.
        host: the address to listen on.
        port: 0 for any free port; `effective_port` of the result tells which.
        threads: how many requests are worked on at once.
        request_seconds: how long a request may take to arrive.
        sockets: where the server keeps its sockets; None: in a place of its own.
        clock: tells when a request was received.

    Raises:
        OSError: the address cannot be listened on.
    """
    # It says of every moment of load how many requests wait.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    listeners = {} if sockets is None else sockets
    server = create_waitress_server(
        app,
        map=listeners,
        host=host,
        port=port,
        threads=threads,
        ident="gradgrade",
        max_request_body_size=MOST_DRAINED,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=request_seconds,
        cleanup_interval=CLEANUP_SECONDS,
        # select(2) knows no file above 1,023.
        asyncore_use_poll=True,
        # The application decides by its settings which proxies' headers it heeds.
        clear_untrusted_proxy_headers=False,
    )
    for listener in listeners.values():
        if isinstance(listener, BaseWSGIServer):
            listener.channel_class = partial(Channel, clock=clock)
    return server


class _LengthRequired(Error):
    code = HTTPStatus.LENGTH_REQUIRED.value
    reason = HTTPStatus.LENGTH_REQUIRED.phrase


class _Parser(HTTPRequestParser):
    """Reads a request, and notes when its last byte came."""

    def __init__(self, adj: Any, *, clock: Callable[[], datetime]) -> None:
        super().__init__(adj)
        self.received_at: datetime | None = None
        self._clock = clock

    def received(self, data: bytes) -> int:
        """Read some bytes; return how many were this request's."""
        consumed = self._read(data)
        if self.completed:
            self.received_at = self._clock()
        return consumed

    def _read(self, data: bytes) -> int:
        try:
            consumed: int = super().received(data)
        except ValueError:
            # Of a Content-Length of thousands of digits or a broken IPv6 address.
            self.error = BadRequest("the request's header is malformed")
        if self.chunked or isinstance(self.error, ServerNotImplemented):
            self.error = _LengthRequired("a Content-Length is needed, and no Transfer-Encoding")
        if not self.error:
            return consumed
        # What follows is not read as another request, nor asked for by a 100 Continue.
        self.expect_continue = False
        self.completed = True
        return len(data)


class _ErrorTask(ErrorTask):
    def execute(self) -> None:
        error = self.request.error
        body = problem_bytes(error.code, error.body)
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", MEDIA_TYPE), *security.HEADERS.items()]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Task(WSGITask):
    def get_environment(self) -> dict[str, Any]:
        environment: dict[str, Any] = super().get_environment()
        environment[STAMP] = self.request.received_at
        return environment

    def build_response_header(self) -> bytes:
        if self.channel.is_ending:
            # Heeded as if the client had asked for it, and told to the client.
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header


class Channel(HTTPChannel):
    """A connection, which can be told to end.

    One that ends finishes what it has begun or half received, says so by `Connection: close`, and
    begins nothing new.
    """

    task_class = _Task
    error_task_class = _ErrorTask
    is_ending = False
    last_activity: float

    def __init__(self, *details: Any, clock: Callable[[], datetime], **named: Any) -> None:
        super().__init__(*details, **named)
        self.parser_class = partial(_Parser, clock=clock)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way: received in part, worked on, or to be sent."""
        return not (self.requests or self.request is not None or self.total_outbufs_len)

    def handle_read(self) -> None:
        """Read what is there; who sends a request byte by byte is active once, at its first."""
        half_received, since = self.request, float(self.last_activity)
        super().handle_read()
        if half_received is not None and self.request is half_received:
            self.last_activity = since

    def readable(self) -> bool:
        """Tell whether to read: of a connection that ends, only the rest of a request."""
        return bool(super().readable()) and not (self.is_ending and self.request is None)
