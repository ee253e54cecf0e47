"""Stopping a server without losing anybody: what has begun is answered, nothing new is taken.

Whoever is between two requests has the connection closed before any byte of an answer.
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from gradgrade.service.http.server import Channel, create_server

DRAIN_SECONDS = 30
"""How long those who are under way have."""

TURN_SECONDS = 0.1
"""How often it is looked whether to stop."""


class Serving:
    """A server that listens, and drains when it is told to stop.

    It listens before there is anything to answer with, so that what answers is made only where it
    can be asked; whoever asks before waits.

    Args:
        host: the address to listen on.
        port: 0 for any free port.
        threads: how many requests are worked on at once.

    Raises:
        OSError: the address cannot be listened on.
    """

    def __init__(self, *, host: str, port: int, threads: int) -> None:
        self._sockets: dict[int, Any] = {}
        self._server = create_server(
            self._answer, host=host, port=port, threads=threads, sockets=self._sockets
        )
        self._app: Flask | None = None
        self._stops = False

    @property
    def ports(self) -> list[int]:
        """The ports that it listens on."""
        listeners = getattr(self._server, "effective_listen", None)
        found = [port for _, port in listeners] if listeners else [self._server.effective_port]
        return list(dict.fromkeys(map(int, found)))

    def stop(self) -> None:
        """Have `run` return once all who are under way are answered; safe in a signal handler."""
        self._stops = True

    def run(self, app: Flask) -> None:
        """Serve until told to stop, and then for as long as it takes, up to 30 seconds.

        Args:
            app: what answers.
        """
        self._app = app
        try:
            while not self._stops:
                self._turn()
            self._take_no_more()
            deadline = time.monotonic() + DRAIN_SECONDS
            while self._is_busy() and time.monotonic() < deadline:
                self._turn()
                self._close_idle()
        finally:
            self._server.task_dispatcher.shutdown()
            wasyncore.close_all(self._sockets)

    def _answer(self, environment: Any, start_response: Any) -> Any:
        assert self._app is not None  # nothing is read from a socket before `run`
        return self._app(environment, start_response)

    def _turn(self) -> None:
        wasyncore.loop(timeout=TURN_SECONDS, use_poll=True, map=self._sockets, count=1)

    def _take_no_more(self) -> None:
        for each in list(self._sockets.values()):
            if isinstance(each, BaseWSGIServer):
                each.accepting = False
                # Whoever asks now is refused at once, and can ask another server.
                wasyncore.dispatcher.close(each)
        for channel in self._channels():
            channel.is_ending = True
        self._close_idle()

    def _close_idle(self) -> None:
        for channel in self._channels():
            if channel.is_idle:
                channel.handle_close()

    def _is_busy(self) -> bool:
        return bool(self._channels())

    def _channels(self) -> list[Channel]:
        return [each for each in self._sockets.values() if isinstance(each, Channel)]
