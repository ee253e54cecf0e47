"""Promise 10: a server that is told to stop answers all that it has begun, and ends in time."""

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from gradgrade.service.store.schema import variants
from tests.promises.serving import database, gunicorn, serve
from tests.promises.sizes import size
from tests.promises.submitting import faults, handing_in, kept_in, publish

MOST_SECONDS = 30
BEGIN_SECONDS = 1
"""Within which a server has certainly begun what it was sent."""

CLIENTS = 8
SERVERS = {"gradgrade serve": serve, "gunicorn": gunicorn}
CASES = [("gradgrade serve", "SQLite"), ("gunicorn", "PostgreSQL")]


def stop(server):
    """Tell a server to stop; return its exit code and how long it took."""
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(2 * MOST_SECONDS)
    return code, time.monotonic() - began


@contextmanager
def locked(store):
    """Let nobody write to a variant."""
    with store.writing() as connection:
        connection.execute(select(variants.c.id).with_for_update()).all()
        yield


@pytest.mark.parametrize(("program", "kind"), CASES)
def test_what_waits_for_the_database_at_a_sigterm_is_still_answered(program, kind, tmp_path):
    with (
        database(kind, tmp_path) as used,
        SERVERS[program](tmp_path, database=used.address) as server,
    ):
        room = used.room(server)
        publish(room)
        students = room.enrol(*(f"s{number}" for number in range(CLIENTS)))
        for student in students:
            student.exercise()
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            with locked(used.store):
                sent = [pool.submit(each.submit, {"loss": 0.5}) for each in students]
                time.sleep(BEGIN_SECONDS)
                assert not any(each.done() for each in sent)
                stopping = pool.submit(stop, server)
                time.sleep(0.3)
                assert server.process.poll() is None
            replies = [each.result() for each in sent]
            code, seconds = stopping.result()
    assert [each.status for each in replies] == [201] * CLIENTS
    assert (code, seconds < MOST_SECONDS) == (0, True)


@pytest.mark.parametrize(("program", "kind"), CASES)
def test_under_load_a_sigterm_leaves_nothing_kept_that_is_not_acknowledged(
    program, kind, tmp_path, tell
):
    rounds, chance, longest = size(1, 20), random.Random(20_261_122), 0.0
    with (
        database(kind, tmp_path) as used,
        SERVERS[program](tmp_path, database=used.address) as server,
    ):
        room = used.room(server)
        publish(room)
        with handing_in(room, count=4, each=2) as clients:
            for _ in range(rounds):
                time.sleep(chance.uniform(0.3, 0.8))
                code, seconds = stop(server)
                longest = max(longest, seconds)
                assert (code, seconds < MOST_SECONDS) == (0, True)
                server.start()
        told = [each for client in clients for each in client.acknowledged]
        # Whoever was refused sends again; nobody was left without the reply to what was kept.
        assert sum(client.found_kept for client in clients) == 0
        assert faults(told, kept_in(used.store)) == []
        assert [client.refused for client in clients] == [[]] * len(clients)
    assert "Traceback" not in server.log.read_text()
    tell(
        f"{rounds} SIGTERMs, {len(told)} acknowledged, nothing begun was left unanswered; "
        f"the longest took {longest:.1f} s"
    )
