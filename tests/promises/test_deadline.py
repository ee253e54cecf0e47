"""Promise 11: a class that hands in at the deadline; what counts is when the server received it."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gradgrade.service.store.schema import variants
from tests.promises.serving import database, gunicorn, serve
from tests.promises.sizes import share, size
from tests.promises.submitting import publish
from tests.service.course_api.classroom import NAME, Student
from tests.service.course_api.live import Asker, Reply
from tests.service.store.databases import KINDS

AT_ONCE = 64
"""How many requests of the class are under way at most."""


@pytest.fixture(scope="module", params=KINDS)
def served(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    with (
        database(request.param, directory) as used,
        gunicorn(directory, database=used.address) as server,
    ):
        yield used, server
        assert "Traceback" not in server.log.read_text()


@dataclass(frozen=True)
class Sent:
    student: Student
    began: datetime
    ended: datetime
    reply: Reply


def hand_in(student: Student, at: datetime) -> Sent:
    """Hand in at a moment."""
    time.sleep(max(0, (at - datetime.now(UTC)).total_seconds()))
    began = datetime.now(UTC)
    reply = student.submit({"loss": 0.5})
    return Sent(student, began, datetime.now(UTC), reply)


def test_of_a_class_that_hands_in_at_the_deadline_nobody_is_lost(served, tell):
    used, server = served
    room = used.room(server)
    count, seconds = size(24, 500), 60 * share() or 2
    publish(room)
    students = room.enrol(*(f"s{number:03}" for number in range(count)))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(Student.exercise, students))
        first = datetime.now(UTC) + timedelta(seconds=1)
        due = first + timedelta(seconds=seconds / 2)
        extended = {"due": due.isoformat(), "late_until": (due + timedelta(days=1)).isoformat()}
        moments = [first + timedelta(seconds=seconds * at / count) for at in range(count)]
        changed = room.instructor.put(f"/problem-sets/{NAME}", _document(room, extended))
        assert changed.status == 200, changed.body
        sent = list(pool.map(hand_in, students, moments))
    assert [each.reply.status for each in sent] == [201] * count
    for each in sent:
        received = datetime.fromisoformat(each.reply.json["received_at"])
        assert each.began <= received <= each.ended
        assert each.reply.json["late"] is (received > due)
    late = sum(each.reply.json["late"] for each in sent)
    assert 0 < late < count
    path = f"/problem-sets/{NAME}/submissions?limit=1000"
    listed = {each["student"]: each["late"] for each in room.instructor.get(path).json}
    assert listed == {each.student.id: each.reply.json["late"] for each in sent}
    waited = max(
        datetime.fromisoformat(each.reply.json["received_at"]) - each.began for each in sent
    )
    tell(
        f"{count} students in {seconds:g} s: all kept, {late} of them late; a request was received "
        f"at most {1000 * waited.total_seconds():.0f} ms after it was sent"
    )


SLACK = 0.5
"""Seconds of a small class's p99, which one busy moment of the machine decides."""


@pytest.fixture
def waitress(tmp_path):
    """`gradgrade serve`, which grades for anybody too."""
    with (
        database("SQLite", tmp_path) as used,
        serve(tmp_path, database=used.address) as server,
    ):
        yield used.room(server), server


def test_a_class_at_its_deadline_is_not_delayed_by_anonymous_costly_requests(waitress, tell):
    room, server = waitress
    count, seconds = size(24, 200), 20 * share() or 2
    publish(room)
    students = room.enrol(*(f"s{number:03}" for number in range(count)))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(Student.exercise, students))
        quiet = handed_in(pool, students, seconds)
        with flooding(server.port) as flood:
            due = datetime.now(UTC) + timedelta(seconds=1 + seconds)
            late_until = due + timedelta(days=1)
            document = _document(
                room, {"due": due.isoformat(), "late_until": late_until.isoformat()}
            )
            assert room.instructor.put(f"/problem-sets/{NAME}", document).status == 200
            sent = handed_in(pool, students, seconds)
    assert [each.reply.status for each in sent] == [201] * count
    in_time = [each for each in sent if each.began < due]
    assert len(in_time) > count / 2
    for each in in_time:
        received = datetime.fromisoformat(each.reply.json["received_at"])
        assert received - each.began < timedelta(seconds=SLACK)
        assert not each.reply.json["late"] or received > due
    assert flood.asked > 10
    assert percentile(sent) <= 3 * percentile(quiet) + SLACK
    tell(
        f"{count} students in {seconds:g} s while {flood.asked} anonymous requests were made: none "
        f"lost, none late; p99 {percentile(sent):.2f} s, quiet {percentile(quiet):.2f} s"
    )


def handed_in(pool, students, seconds):
    """All of a class, evenly over so many seconds from the next on."""
    first = datetime.now(UTC) + timedelta(seconds=0.5)
    every = timedelta(seconds=seconds / len(students))
    return list(pool.map(hand_in, students, [first + at * every for at in range(len(students))]))


def percentile(sent):
    """The 99th of a hundred of the times that it took, in seconds."""
    taken = sorted((each.ended - each.began).total_seconds() for each in sent)
    return taken[min(len(taken) - 1, len(taken) * 99 // 100)]


@dataclass
class Flood:
    """Whoever asks for much, from several connections, until told to stop."""

    port: int
    asked: int = 0
    ends: bool = False

    def run(self):
        asker = Asker(self.port, None)
        while not self.ends:
            asker.post("/grade", COSTLY)
            self.asked += 1


@contextmanager
def flooding(port):
    flood = Flood(port)
    with ThreadPoolExecutor(FLOODERS) as pool:
        asked = [pool.submit(flood.run) for _ in range(FLOODERS)]
        try:
            yield flood
        finally:
            flood.ends = True
    for each in asked:
        each.result()


def _costly():
    """As costly a request as is graded for anybody, by a body of its length."""
    units = 60
    document = {
        "schema": "gradgrade/exercise/1",
        "id": "0" * 16,
        **{"problem_set": "costly", "name": "costly", "title": "Costly", "points": 1},
        "inputs": units,
        "layers": [{"type": "dense", "units": units, "activation": "tanh"}] * 2,
        "loss": {"name": "half_squared_error"},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        **{"iterations": 1, "batch": 1, "convention": "column", "arithmetic": "binary64"},
        "given": {
            **{"x": [[0.1]] * units, "y": [[0.5]] * units},
            **{"W1": [[0.01] * units] * units, "W2": [[0.02] * units] * units},
            **{"b1": [0.1] * units, "b2": [0.1] * units},
        },
        "ask": [{"name": "dW1", "shape": [units, units], "points": 1, "tolerance": "auto"}],
        "generator": "3",
    }
    return {"exercise": document, "answers": {"dW1": [[0.5] * units] * units}}


COSTLY = _costly()
FLOODERS = 12


def _document(room, fields):
    document = room.instructor.get(f"/problem-sets/{NAME}").json
    return document | fields


def test_what_was_received_in_time_counts_though_it_is_committed_later(served):
    used, server = served
    room = used.room(server)
    publish(room)
    student, tardy = room.enrol("s001", "s002")
    student.exercise()
    tardy.exercise()
    due = datetime.now(UTC) + timedelta(seconds=2)
    room.instructor.put(f"/problem-sets/{NAME}", _document(room, {"due": due.isoformat()}))
    with ThreadPoolExecutor(1) as pool:
        with used.store.writing() as connection:
            connection.execute(select(variants.c.id).with_for_update()).all()
            sent = pool.submit(student.submit, {"loss": 0.5})
            time.sleep((due - datetime.now(UTC)).total_seconds() + 0.3)
            assert not sent.done()
        reply = sent.result()
    assert (reply.status, reply.json["late"]) == (201, False)
    assert datetime.fromisoformat(reply.json["received_at"]) < due
    assert tardy.submit({"loss": 0.5}).status == 409
