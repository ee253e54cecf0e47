"""Promise 9 over two servers, each of several processes, on one PostgreSQL and one Redis."""

import os
import secrets
from collections import Counter
from contextlib import ExitStack

import pytest
import redis
from sqlalchemy import text

from tests.promises.serving import database, gunicorn
from tests.promises.sizes import size
from tests.promises.submitting import publish
from tests.service.course_api.classroom import NAME, Student
from tests.service.course_api.live import Asker
from tests.service.course_api.test_concurrency import at_once

CLIENTS, LIMIT = 64, 5
SAME = 100
RATE, MANY = 120, 150
REDIS = os.environ.get("GRADGRADE_TEST_REDIS", "redis://127.0.0.1:6379/0")


@pytest.fixture(scope="module")
def shared():
    """Redis, where tokens with this test's ids are counted, and no others."""
    client = redis.Redis.from_url(REDIS)
    try:
        client.ping()
    except redis.ConnectionError:
        pytest.skip(f"Redis does not answer at {REDIS}")
    first = secrets.randbelow(2**40) + 2**40
    yield first
    for key in client.scan_iter(f"*/token {str(first)[:-4]}*"):
        client.delete(key)
    client.close()


@pytest.fixture(scope="module")
def servers(shared, tmp_path_factory):
    """A room, and the ports of both servers."""
    with ExitStack() as stack:
        used = stack.enter_context(database("PostgreSQL", tmp_path_factory.mktemp("unused")))
        with used.store.writing() as connection:
            # Others may count in the same Redis, and ids of tokens begin at 1 everywhere.
            connection.execute(text(f"ALTER SEQUENCE tokens_id_seq RESTART WITH {shared}"))
        both = [
            stack.enter_context(
                gunicorn(
                    tmp_path_factory.mktemp("server"),
                    database=used.address,
                    redis=REDIS,
                    submission_rate=f"{RATE}/day",
                )
            )
            for _ in range(2)
        ]
        yield used, both


@pytest.fixture
def room(servers):
    used, (first, _) = servers
    return used.room(first)


def over_both(servers, student: Student) -> list[Student]:
    """The student, as they ask the one server and as they ask the other."""
    return [Student(student.id, Asker(server.port, student.asker.token)) for server in servers[1]]


def test_a_limit_of_attempts_is_exact_over_both(servers, room, tell):
    rounds = size(1, 10)
    publish(room, attempts=LIMIT)
    for student in room.enrol(*(f"s{number}" for number in range(rounds))):
        ways = over_both(servers, student)
        replies = at_once(
            CLIENTS, lambda number, ways=ways: ways[number % 2].submit({"loss": number})
        )
        taken = [each.json for each in replies if each.status == 201]
        assert Counter(each.status for each in replies) == {201: LIMIT, 409: CLIENTS - LIMIT}
        assert sorted(each["attempt"] for each in taken) == list(range(1, LIMIT + 1))
        listed = student.asker.get(f"/problem-sets/{NAME}/submissions").json
        assert {each["submission"] for each in listed} == {each["submission"] for each in taken}
    tell(f"{rounds} times exactly {LIMIT} of {CLIENTS} clients")


def test_the_same_key_at_once_over_both_is_one_attempt(servers, room, tell):
    rounds = size(1, 10)
    publish(room, attempts=3)
    body = b'{"answers": {"loss": 0.5}}'
    for student in room.enrol(*(f"s{number}" for number in range(rounds))):
        ways = over_both(servers, student)
        replies = at_once(
            SAME, lambda number, ways=ways: ways[number % 2].submit(body, Idempotency_Key="once")
        )
        assert {each.status for each in replies} == {201}
        assert len({each.body for each in replies}) == 1
        assert replies[0].json["attempts_left"] == 2
        assert len(student.asker.get(f"/problem-sets/{NAME}/submissions").json) == 1
    tell(f"{rounds} times one attempt of {SAME} requests")


def test_both_count_how_often_somebody_asks_in_one_place(servers, room, tell):
    publish(room)
    student, other = room.enrol("s001", "s002")
    ways = over_both(servers, student)
    replies = at_once(MANY, lambda number: ways[number % 2].submit({"loss": number}))
    assert Counter(each.status for each in replies) == {201: RATE, 429: MANY - RATE}
    assert all(int(each.headers["retry-after"]) > 0 for each in replies if each.status == 429)
    assert other.submit({"loss": 1}).status == 201
    tell(f"exactly {RATE} of {MANY} requests")
