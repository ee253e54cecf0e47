import resource
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from gradgrade.service.store.probe import KEPT_SECONDS, Probe
from gradgrade.service.store.schema import heartbeat
from tests.service.operations.proxy import proxy
from tests.service.operations.served import server
from tests.service.store.databases import new_database

MOST_SECONDS = 2
RECOVERS_IN = 5


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    """The address of a migrated database."""
    with new_database("PostgreSQL", tmp_path_factory.mktemp("unused")) as address:
        store = open_store(address)
        migrate(store)
        store.close()
        yield address


@pytest.fixture(scope="module")
def served(postgresql, tmp_path_factory):
    """A server, and the proxy between it and PostgreSQL."""
    tmp_path = tmp_path_factory.mktemp("server")
    with proxy(("127.0.0.1", 5432)) as between:
        address = postgresql.replace(":5432/", f":{between.port}/")
        with server(tmp_path, database=address) as live:
            assert live.get("/readyz").status == 200
            yield live, between


@pytest.fixture(scope="module")
def on_a_file(tmp_path_factory):
    """A server, and the folder in which its database is, and nothing else."""
    directory = tmp_path_factory.mktemp("server")
    folder = directory / "data"
    folder.mkdir()
    store = open_store(str(folder / "course.db"))
    migrate(store)
    store.close()
    with server(directory, database=f"sqlite:///{folder}/course.db") as live:
        assert live.get("/readyz").status == 200
        yield live, folder


def assert_not_ready(live, *words):
    time.sleep(KEPT_SECONDS)  # so long an earlier answer stands
    began = time.monotonic()
    reply = live.get("/readyz")
    assert time.monotonic() - began < MOST_SECONDS
    assert reply.status == 503
    assert reply.headers["content-type"] == "application/problem+json"
    assert int(reply.headers["retry-after"]) > 0
    assert reply.json["status"] == 503
    assert reply.json["detail"].startswith("not ready: ")
    for word in words:
        assert word in reply.json["detail"]
    assert live.get("/healthz").json == {"status": "ok"}


def assert_ready_again(live):
    deadline = time.monotonic() + RECOVERS_IN
    while (reply := live.get("/readyz")).status != 200:
        assert time.monotonic() < deadline, reply.body
        time.sleep(0.05)


def test_it_is_not_ready_while_postgresql_is_cut_off(served):
    live, between = served
    between.cut()
    assert_not_ready(live, "does not answer")
    between.resume()
    assert_ready_again(live)


def test_it_is_not_ready_while_postgresql_hangs(served):
    live, between = served
    between.hang()
    for _ in range(3):
        assert_not_ready(live, "does not answer")
    between.resume()
    assert_ready_again(live)


def test_a_database_that_can_only_be_read_is_not_ready(served, postgresql):
    live, _ = served
    name = postgresql.rsplit("/", 1)[1]
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        assert_not_ready(live, "can only be read")
        connection.execute("SET transaction_read_only = off")
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    assert_ready_again(live)


def test_a_database_that_is_locked_by_somebody_is_not_ready(served, postgresql):
    live, _ = served
    with psycopg.connect(postgresql) as connection:
        connection.execute("LOCK TABLE heartbeat")
        assert_not_ready(live, "busy")
        connection.rollback()
        assert_ready_again(live)


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_a_database_that_is_not_migrated_is_not_ready_until_it_is(kind, tmp_path):
    with new_database(kind, tmp_path) as address, server(tmp_path, database=address) as live:
        assert_not_ready(live, "not migrated")
        store = open_store(address)
        migrate(store)
        store.close()
        assert_ready_again(live)


def test_it_is_not_ready_while_no_file_can_grow(on_a_file):
    live, _ = on_a_file
    before = resource.prlimit(live.process, resource.RLIMIT_FSIZE)
    resource.prlimit(live.process, resource.RLIMIT_FSIZE, (0, before[1]))
    assert_not_ready(live, "no room")
    resource.prlimit(live.process, resource.RLIMIT_FSIZE, before)
    assert_ready_again(live)


def test_it_is_not_ready_where_the_file_is_gone_with_its_folder(on_a_file):
    live, folder = on_a_file
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    assert_not_ready(live)
    elsewhere.rename(folder)
    assert_ready_again(live)


def test_a_file_that_is_gone_is_not_made_anew(on_a_file):
    live, folder = on_a_file
    for each in folder.glob("course.db*"):
        each.rename(folder / f"away-{each.name}")
    for _ in range(2):
        assert_not_ready(live, "no file")
    assert not (folder / "course.db").exists()
    for each in folder.glob("away-*"):
        each.rename(folder / each.name.removeprefix("away-"))
    assert_ready_again(live)


def test_whoever_asks_without_pause_causes_few_writes(tmp_path):
    moments = []

    def clock():
        moments.append(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=len(moments)))
        return moments[-1]

    with closing(open_store(str(tmp_path / "course.db"))) as store:
        migrate(store)
        probe = Probe(store, clock=clock)
        began = time.monotonic()
        with ThreadPoolExecutor(8) as several:
            for done in [several.submit(probe.check) for _ in range(200)]:
                done.result()
        assert len(moments) <= 1 + (time.monotonic() - began) / KEPT_SECONDS
        before = len(moments)
        time.sleep(KEPT_SECONDS)
        probe.check()
        assert len(moments) == before + 1
        with store.reading() as connection:
            assert connection.execute(heartbeat.select()).one().at == moments[-1]


def test_it_is_not_ready_while_another_holds_sqlites_lock(on_a_file):
    live, folder = on_a_file
    with closing(open_store(str(folder / "course.db"))) as store:
        with store.writing():
            assert_not_ready(live, "busy")
        assert_ready_again(live)


def test_many_who_ask_at_once_share_an_answer(served):
    live, between = served
    between.hang()
    time.sleep(KEPT_SECONDS)
    began = time.monotonic()
    with ThreadPoolExecutor(4) as several:
        replies = list(several.map(lambda _: live.get("/readyz").status, range(4)))
    assert replies == [503] * 4
    assert time.monotonic() - began < MOST_SECONDS
    between.resume()
    assert_ready_again(live)
