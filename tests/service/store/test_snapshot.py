"""A snapshot: all statements of a reader see one moment, whoever writes meanwhile."""

import pytest
from sqlalchemy import func, insert, select, update

from gradgrade.service.store.engine import open_store
from gradgrade.service.store.errors import StoreUnavailable
from gradgrade.service.store.schema import courses
from tests.service.course.grades.gradebook_rows import NOW
from tests.service.store.databases import KINDS, make_tables, new_database

COUNT = select(func.count()).select_from(courses)


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    with new_database(request.param, tmp_path) as database:
        store = open_store(database)
        make_tables(store)
        yield store
        store.close()


def add(store, name):
    with store.writing() as connection:
        connection.execute(insert(courses).values(name=name, created_at=NOW))


def test_what_is_written_meanwhile_is_not_seen(store):
    with store.snapshot() as connection:
        assert connection.execute(COUNT).scalar_one() == 0
        add(store, "one")
        assert connection.execute(COUNT).scalar_one() == 0
        with store.reading() as other:
            assert other.execute(COUNT).scalar_one() == 1
    with store.snapshot() as connection:
        assert connection.execute(COUNT).scalar_one() == 1


def test_a_connection_that_had_a_snapshot_writes_and_reads_again(store):
    for number in range(20):
        with store.snapshot() as connection:
            assert connection.execute(COUNT).scalar_one() == number
        add(store, f"course-{number}")
        with store.reading() as connection:
            assert connection.execute(COUNT).scalar_one() == number + 1


def test_an_error_ends_the_snapshot(store):
    with pytest.raises(AttributeError), store.snapshot() as connection:
        connection.execute(COUNT).no_such_thing()
    add(store, "one")
    with store.reading() as connection:
        assert connection.execute(COUNT).scalar_one() == 1


@pytest.mark.parametrize("store", ["PostgreSQL"], indirect=True)
def test_nothing_can_be_written_in_a_snapshot(store):
    add(store, "one")
    with pytest.raises(StoreUnavailable), store.snapshot() as connection:
        connection.execute(update(courses).values(name="two"))
