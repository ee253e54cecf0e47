"""Promise 11: nobody is told that SQLite is busy, and a server that is full says when to return."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from sqlalchemy import func, select

from gradgrade.service.store.schema import submissions, verdicts
from tests.promises.serving import database, gunicorn
from tests.promises.sizes import size
from tests.promises.submitting import publish
from tests.service.course_api.classroom import new_classroom
from tests.service.course_api.live import live_server
from tests.service.course_api.test_concurrency import at_once

CLIENTS = 8
WAIT_SECONDS = 0.5


def test_no_client_of_a_busy_sqlite_is_turned_away(tmp_path, tell):
    each = size(25, 300)
    with (
        database("SQLite", tmp_path) as used,
        gunicorn(tmp_path, database=used.address) as server,
    ):
        room = used.room(server)
        publish(room)
        students = room.enrol(*(f"s{number}" for number in range(CLIENTS)))
        for student in students:
            student.exercise()

        def hand_in(student):
            return [student.submit({"loss": number}).status for number in range(each)]

        began = perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            statuses = Counter(
                status for all_of in pool.map(hand_in, students) for status in all_of
            )
        seconds = perf_counter() - began
        assert statuses == {201: CLIENTS * each}
        assert rows(used.store) == [CLIENTS * each] * 2
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "locked" not in log
    tell(f"{CLIENTS} clients × {each}: all 201, {CLIENTS * each / seconds:.0f} a second")


def rows(store):
    """How many submissions and verdicts there are."""
    with store.reading() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (submissions, verdicts)
        ]


def test_a_full_server_says_when_to_return_and_keeps_nothing(tmp_path):
    with (
        database("SQLite", tmp_path) as used,
        live_server("SQLite", used.address, tmp_path, wait_seconds=WAIT_SECONDS) as live,
    ):
        room = new_classroom(live)
        publish(room)
        students = room.enrol(*(f"s{number}" for number in range(CLIENTS)))
        for student in students:
            student.exercise()

        def hand_in(number):
            return students[number].submit({"loss": 0.5}, Idempotency_Key="k")

        with used.store.writing():
            refused = at_once(CLIENTS, hand_in)
        assert [each.status for each in refused] == [503] * CLIENTS
        assert all(int(each.headers["retry-after"]) > 0 for each in refused)
        assert rows(used.store) == [0, 0]
        taken = at_once(CLIENTS, hand_in)
        assert [(each.status, each.json["attempt"]) for each in taken] == [(201, 1)] * CLIENTS
        assert rows(used.store) == [CLIENTS] * 2
        assert "Traceback" not in live.log.read_text()
