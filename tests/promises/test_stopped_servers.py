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
SERVERS = {"SQLite": serve, "PostgreSQL": gunicorn}
"""Which server each kind of database is tried with."""


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


@pytest.fixture(scope="module", params=SERVERS)
def place(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    with (
        database(request.param, directory) as used,
        SERVERS[request.param](directory, database=used.address) as server,
    ):
        yield used, server
        assert "Traceback" not in server.log.read_text()


@pytest.fixture
def served(place):
    """A database and its server, which runs, and which a test may stop."""
    used, server = place
    if server.process.poll() is not None:
        server.start()
    return used, server


def test_under_load_a_sigterm_leaves_nothing_kept_that_is_not_acknowledged(served, tell):
    used, server = served
    rounds, chance, longest = size(1, 20), random.Random(20_261_122), 0.0
    room = used.room(server)
    publish(room)
    before = kept_in(used.store)
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
    kept = [each for each in kept_in(used.store) if each not in before]
    assert faults(told, kept) == []
    assert [client.refused for client in clients] == [[]] * len(clients)
    tell(
        f"{rounds} SIGTERMs, {len(told)} acknowledged, nothing begun was left unanswered; "
        f"the longest took {longest:.1f} s"
    )


def test_what_waits_for_the_database_at_a_sigterm_is_still_answered(served):
    used, server = served
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
