"""Threads that write at the same moment share a transaction, and notice nothing of one another."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from gradgrade.service.store.engine import open_store
from gradgrade.service.store.errors import StoreBusy, StoreUnavailable
from gradgrade.service.store.schema import courses
from gradgrade.service.store.turns import Turns
from tests.examples import examples
from tests.service.store.databases import make_tables

NOW = datetime(2026, 1, 1, tzinfo=UTC)
THREADS = 8


def keeping(name: str) -> Any:
    """Work that keeps a course and returns its name."""

    def work(connection):
        connection.execute(insert(courses).values(name=name, created_at=NOW))
        return name

    return work


def names(store: Any) -> list[str]:
    with store.reading() as connection:
        return sorted(connection.execute(select(courses.c.name)).scalars())


@pytest.fixture
def migrated(store):
    make_tables(store)
    return store


@pytest.fixture
def on_a_file(tmp_path):
    store = open_store(str(tmp_path / "course.db"), connections=THREADS + 2, wait_seconds=1)
    make_tables(store)
    yield store
    store.close()


class Counted:
    """Transactions of a store, counted."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.count = 0

    @contextmanager
    def writing(self):
        self.count += 1
        with self.store.writing() as connection:
            yield connection


def at_once(turns: Turns, writing: Any, works: Sequence[Any]) -> list[Any]:
    """What each of these works returned or raised, where all but the first wait for the first."""
    first_is_in, all_wait = threading.Event(), threading.Event()

    def first(connection):
        first_is_in.set()
        assert all_wait.wait(10)
        return works[0](connection)

    def outcome(work):
        try:
            return turns.take(writing, work)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(works)) as threads:
        ends = [threads.submit(outcome, first)]
        assert first_is_in.wait(10)
        ends += [threads.submit(outcome, each) for each in works[1:]]
        while len(turns._waiting) < len(works) - 1:
            time.sleep(0.001)
        all_wait.set()
        return [each.result(30) for each in ends]


def test_what_is_written_is_committed_when_it_is_returned(migrated):
    assert migrated.write(keeping("a")) == "a"
    assert names(migrated) == ["a"]


def test_what_raises_keeps_nothing_and_raises_the_same(migrated):
    def half(connection):
        keeping("half")(connection)
        raise LookupError("a")

    with pytest.raises(LookupError, match=r"^a$"):
        migrated.write(half)
    assert names(migrated) == []


def test_what_many_threads_write_is_all_kept_and_each_is_told_of_its_own(migrated):
    wanted = [f"course-{number}" for number in range(60)]
    with ThreadPoolExecutor(THREADS) as threads:
        assert list(threads.map(lambda name: migrated.write(keeping(name)), wanted)) == wanted
    assert names(migrated) == sorted(wanted)


def test_those_who_wait_for_one_another_share_a_transaction(on_a_file):
    counted = Counted(on_a_file)
    wanted = [f"course-{number}" for number in range(THREADS)]
    assert at_once(Turns(), counted.writing, [keeping(name) for name in wanted]) == wanted
    assert counted.count == 2
    assert names(on_a_file) == wanted


@settings(max_examples=examples(30))
@given(fails=st.lists(st.sampled_from(["keeps", "raises", "doubles"]), min_size=2, max_size=6))
def test_one_that_fails_harms_nobody_beside_it(tmp_path_factory, fails):
    store = open_store(str(tmp_path_factory.mktemp("data") / "course.db"), wait_seconds=1)
    make_tables(store)

    def work(number: int, how: str) -> Any:
        def raising(connection):
            keeping(f"lost-{number}")(connection)
            raise LookupError(str(number))

        return {"keeps": keeping(f"c{number}"), "raises": raising, "doubles": keeping("one")}[how]

    ends = at_once(Turns(), store.writing, [work(*each) for each in enumerate(fails)])
    kept = [f"c{number}" for number, how in enumerate(fails) if how == "keeps"]
    for number, (how, end) in enumerate(zip(fails, ends, strict=True)):
        if how == "keeps":
            assert end == f"c{number}"
        elif how == "raises":
            assert isinstance(end, LookupError)
            assert str(end) == str(number)
        else:
            assert end == "one" or isinstance(end, IntegrityError)
    assert [end for end in ends if end == "one"] == ["one"] * ("doubles" in fails)
    assert names(store) == sorted([*kept, *["one"] * ("doubles" in fails)])
    store.close()


def test_where_nothing_can_begin_all_are_told_together(on_a_file, tmp_path):
    counted, turns = Counted(on_a_file), Turns()

    def outcome(number):
        with pytest.raises(StoreBusy):
            turns.take(counted.writing, keeping(f"c{number}"))

    with (
        closing(open_store(str(tmp_path / "course.db"))) as other,
        other.writing(),
        ThreadPoolExecutor(THREADS) as threads,
    ):
        list(threads.map(outcome, range(THREADS)))
    assert counted.count <= 3  # each waits as long as it may, and not one after another
    assert names(on_a_file) == []


def test_where_nothing_is_committed_nobody_is_told_that_it_was(on_a_file):
    class Full:
        @contextmanager
        def writing(self):
            with on_a_file.writing() as connection:
                yield connection
                raise StoreUnavailable("the database has no room")

    ends = at_once(Turns(), Full().writing, [keeping(f"c{number}") for number in range(5)])
    assert [type(end) for end in ends] == [StoreUnavailable] * 5
    assert names(on_a_file) == []


def test_a_process_that_ends_leaves_nobody_waiting_for_what_was_never_done(on_a_file):
    def ends(_):
        raise SystemExit

    turns = Turns()
    with pytest.raises(SystemExit):
        turns.take(on_a_file.writing, ends)
    assert turns.take(on_a_file.writing, keeping("after")) == "after"
