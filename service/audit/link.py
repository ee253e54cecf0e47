"""Our end of the sockets: answers for the modules that stand in, and what their tests tell."""

import base64
import json
import socketserver
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy

from gradgrade.oracle.errors import OracleError
from gradgrade.problems.audits.answering import Given, known_of
from gradgrade.problems.audits.audited import COMPUTED, Audited
from gradgrade.problems.audits.patterns import call_data
from gradgrade.problems.audits.sizes import Unfitting
from gradgrade.problems.audits.variants import SizeForbids, Variant

MOST_RECORDED = 20_000
"""Calls of a run; a gradient check makes thousands."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """A call that tests have made of the right module.

    Args:
        number: of the script's call.
        given: what it was given, what was kept for it among it.
    """

    number: int
    given: Mapping[str, Given]

    @property
    def key(self) -> tuple[Any, ...]:
        """What is the same for calls with the same numbers."""
        return self.number, *((n, g.array.shape, g.array.tobytes()) for n, g in self.given.items())


@dataclass(eq=False, kw_only=True)
class Session:
    """What one run of the tests is told, and what it tells.

    Args:
        variant: the module that stands in.
        left_out: tests that are not run.
        records: whether calls are kept.
    """

    variant: Variant
    left_out: tuple[str, ...] = ()
    records: bool = False
    recorded: list[Recorded] = field(default_factory=list)
    uncovered: dict[tuple[str, str], int] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    is_imported: bool = False
    is_pytest: bool = False
    bit: bool = False
    answered: int = 0
    fault: str = ""


class Answering:
    """Answers of an audited exercise, to the runs of tests.

    Args:
        audited: the exercise.
        standin: the text of a file that stands in, with its path, where there is one.
    """

    def __init__(self, audited: Audited, standin: Mapping[str, str] | None) -> None:
        self.audited = audited
        self.standin = standin
        calls = (*audited.made, *audited.calls)
        self.calls = [call_data(each) for each in calls if each.number != COMPUTED]
        self.gradients = list(audited.variants.gradients)
        self.sessions: dict[str, Session] = {}
        self._touched: dict[Variant, frozenset[int]] = {}

    def begin(self, run: str) -> Mapping[str, Any]:
        """Return what a process is told first."""
        session = self.sessions[run]
        return {
            "calls": self.calls,
            "standin": self.standin,
            "state": session.variant.state,
            "gradients": self.gradients,
            "left_out": session.left_out,
        }

    def reply(self, session: Session, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a message is answered with."""
        match message["about"]:
            case "call":
                return self._answer(session, message)
            case "imported":
                session.is_imported = True
            case "pytest":
                session.is_pytest = True
            case "bit":
                session.bit = True
            case "uncovered":
                key = (message["name"], message["reason"])
                session.uncovered[key] = session.uncovered.get(key, 0) + 1
            case "test":
                name, outcome = message["name"], message["outcome"]
                if session.outcomes.get(name) != "failed":
                    session.outcomes[name] = outcome
        return {}

    def _answer(self, session: Session, message: Mapping[str, Any]) -> Mapping[str, Any]:
        number = message["number"]
        given = {name: _given(each) for name, each in message["known"].items()}
        targets = self.audited.by_number[number].answers
        try:
            known = known_of(self.audited.shapes, given)
            if number == COMPUTED:
                targets = known.reachable(targets)
            variant = session.variant
            try:
                answers = variant.answers(known, targets)
            except SizeForbids as error:
                if number in self.touched(variant):
                    return {"raise": str(error)}
                answers = known.answers(targets)
        except (Unfitting, OracleError) as error:
            return {"real": str(error)}
        session.answered += 1
        if session.records and len(session.recorded) < MOST_RECORDED:
            session.recorded.append(Recorded(number, given))
        return {"values": {name: _sent(each) for name, each in answers.items()}}

    def touched(self, variant: Variant) -> frozenset[int]:
        """Return the numbers of the calls that a mistake changes."""
        if variant not in self._touched:
            self._touched[variant] = frozenset(self.audited.changed_by(variant))
        return self._touched[variant]


def _given(sent: Mapping[str, Any]) -> Given:
    data = base64.b64decode(sent["data"])
    array = numpy.frombuffer(data, numpy.float64).reshape(sent["shape"])
    return Given(array, sent["labels"])


def _sent(array: Any) -> Mapping[str, Any]:
    kept = numpy.ascontiguousarray(array, array.dtype if array.dtype == numpy.float32 else float)
    return {
        "shape": array.shape,
        "data": base64.b64encode(kept.tobytes()).decode(),
        "type": kept.dtype.str,
    }


class Desk:
    """A server on a socket of the file system, a thread for each process of tests.

    Args:
        answering: what answers.
        path: of the socket.
    """

    def __init__(self, answering: Answering, path: Path) -> None:
        self.answering = answering
        self.path = path
        self._server = _Server(str(path), answering)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Desk":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, answering: Answering) -> None:
        super().__init__(path, _Connection)
        self.answering = answering

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing where a process ends in the middle of a line."""


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer a process line by line until it ends."""
        answering = self.server.answering
        first = json.loads(self.rfile.readline() or b"{}")
        if first.get("run") not in answering.sessions:
            return
        session = answering.sessions[first["run"]]
        self._send(answering.begin(first["run"]))
        while line := self.rfile.readline():
            try:
                reply = answering.reply(session, json.loads(line))
            except Exception:  # of ours: the tests must not be blamed for it
                session.fault = traceback.format_exc()
                return
            self._send(reply)

    def _send(self, message: Mapping[str, Any]) -> None:
        self.wfile.write(json.dumps(message).encode() + b"\n")
