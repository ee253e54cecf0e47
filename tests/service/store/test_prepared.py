"""What the driver runs by itself is what SQLAlchemy would have run, value for value."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from gradgrade.service.store.engine import open_store
from gradgrade.service.store.errors import StoreBusy, StoreUnavailable
from gradgrade.service.store.migrate import revisions
from gradgrade.service.store.prepared import execute
from gradgrade.service.store.schema import heartbeat, metadata, submissions, variants
from tests.service.store.databases import make_tables
from tests.service.store.rows import insert_rows

BY_ID = {
    table.name: select(table).where(table.c.id == bindparam("row"))
    for table in metadata.tables.values()
    if "id" in table.c
}

SPEND = (
    update(variants)
    .where(variants.c.id == bindparam("row"))
    .values(attempts=variants.c.attempts + bindparam("count", type_=variants.c.attempts.type))
    .returning(variants.c.id, variants.c.attempts, variants.c.pinned_at)
)

BEAT = insert(heartbeat).values(
    {each.name: bindparam(each.name, type_=each.type) for each in heartbeat.c}
)


@pytest.fixture
def course(store):
    make_tables(store)
    with store.writing() as connection:
        insert_rows(connection, revisions()[-1])
    return store


@pytest.mark.parametrize("name", sorted(BY_ID))
def test_a_row_of_every_table_is_read_as_sqlalchemy_reads_it(course, name):
    with course.reading() as connection:
        for number in (1, 2, 3, 99):
            values = {"row": number}
            expected = connection.execute(BY_ID[name], values).one_or_none()
            found = execute(connection, BY_ID[name], values)
            if expected is None:
                assert found is None
            else:
                assert found._asdict() == expected._asdict()
                assert list(map(type, found)) == list(map(type, expected))


def test_an_update_returns_its_row_and_is_kept_with_the_transaction(course):
    with course.writing() as connection:
        assert execute(connection, SPEND, {"row": 1, "count": 2}).attempts == 3
        assert execute(connection, SPEND, {"row": 99, "count": 2}) is None
    with course.reading() as connection:
        assert execute(connection, BY_ID["variants"], {"row": 1}).attempts == 3


def test_an_update_is_undone_with_its_transaction(course):
    def fail():
        with course.writing() as connection:
            execute(connection, SPEND, {"row": 1, "count": 2})
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with course.reading() as connection:
        assert execute(connection, BY_ID["variants"], {"row": 1}).attempts == 1


def test_what_is_inserted_is_read_back_by_sqlalchemy(store):
    make_tables(store)
    at = datetime(2026, 11, 1, 12, 30, 0, 123456, tzinfo=UTC)
    with store.writing() as connection:
        assert execute(connection, BEAT.inline(), {"id": 1, "at": at}) is None
    with store.reading() as connection:
        assert connection.execute(select(heartbeat.c.at)).scalar_one() == at


def test_values_in_the_statement_itself_are_bound(course):
    statement = select(literal("half").label("word"), submissions.c.attempt).where(
        submissions.c.public_id == "sub-1", submissions.c.is_late.is_(False)
    )
    with course.reading() as connection:
        assert tuple(execute(connection, statement, {})) == ("half", 1)


def test_a_time_without_a_zone_is_refused(store):
    make_tables(store)
    with store.writing() as connection, pytest.raises(ValueError, match="no time zone"):
        execute(connection, BEAT.inline(), {"id": 1, "at": datetime(2026, 11, 1)})


def test_a_parameter_that_is_missing_is_a_mistake(course):
    with course.reading() as connection, pytest.raises(KeyError, match="row"):
        execute(connection, BY_ID["courses"], {})


def test_a_constraint_is_told_as_sqlalchemy_tells_it(course):
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(IntegrityError) as told, course.writing() as connection:
        execute(connection, BEAT.inline(), {"id": 1, "at": at})
    assert "2026" not in str(told.value)


def test_tables_that_are_not_there_are_told_as_of_every_statement(store):
    with pytest.raises(StoreUnavailable, match="no tables"), store.reading() as connection:
        execute(connection, BY_ID["courses"], {"row": 1})


@pytest.mark.parametrize("kind", ["PostgreSQL"], indirect=True)
def test_a_connection_that_is_lost_is_told_and_replaced(course):
    address = course.engine.url.render_as_string(hide_password=False)
    with closing(open_store(address, connections=1)) as lost:
        with lost.reading() as connection:
            assert execute(connection, BY_ID["courses"], {"row": 1}).name == "course"
            number = connection.connection.driver_connection.info.backend_pid
        with course.reading() as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend({number})")
        with pytest.raises(StoreUnavailable, match="lost"), lost.reading() as connection:
            execute(connection, BY_ID["courses"], {"row": 1})
        with lost.reading() as connection:
            assert execute(connection, BY_ID["courses"], {"row": 1}).name == "course"


@pytest.mark.parametrize("kind", ["SQLite"], indirect=True)
def test_a_write_waits_for_others_and_is_turned_away_in_the_end(course):
    impatient = open_store(str(course.engine.url), wait_seconds=0.2)
    with (
        course.writing(),
        pytest.raises(StoreBusy, match="busy"),
        impatient.writing() as connection,
    ):
        execute(connection, SPEND, {"row": 1, "count": 1})
    with impatient.writing() as connection:
        assert execute(connection, SPEND, {"row": 1, "count": 1}).attempts == 2
    impatient.close()


def test_a_key_stands_only_with_what_was_replied(course):
    half = update(submissions).values(key="k").where(submissions.c.key.is_(None))
    with pytest.raises(IntegrityError), course.writing() as connection:
        connection.execute(half)
