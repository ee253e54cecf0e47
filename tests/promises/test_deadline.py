"""Promise 11: a class that hands in at the deadline; what counts is when the server received it."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gradgrade.service.store.schema import variants
from tests.promises.serving import database, gunicorn
from tests.promises.sizes import share, size
from tests.promises.submitting import publish
from tests.service.course_api.classroom import NAME, Student
from tests.service.course_api.live import Reply
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
    count, seconds = size(60, 500), 60 * share() or 2
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
