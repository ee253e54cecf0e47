"""Promise 5: a variant follows from course, set, exercise, student and secret alone."""

from contextlib import ExitStack
from hashlib import sha256

import pytest

from gradgrade.problems import Exercise
from tests.promises.sizes import size
from tests.service.course_api.classroom import EXERCISES, new_classroom
from tests.service.course_api.live import live_server
from tests.service.store.databases import new_database

COURSE = "physics"
SERVERS = {
    "SQLite": ("SQLite", "one secret of the tests"),
    "PostgreSQL": ("PostgreSQL", "one secret of the tests"),
    "another secret": ("SQLite", "another secret of the tests"),
}


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    with ExitStack() as stack:
        found = {}
        for name, (kind, secret) in SERVERS.items():
            directory = tmp_path_factory.mktemp("server")
            address = stack.enter_context(new_database(kind, directory))
            live = stack.enter_context(live_server(kind, address, directory, secret=secret))
            found[name] = new_classroom(live, COURSE)
            found[name].publish()
        yield found


def test_two_servers_with_one_secret_give_the_same_bytes_and_with_another_none(rooms, tell):
    ids = [f"s{number}" for number in range(size(5, 100))]
    documents = {}
    for name, room in rooms.items():
        # Neither the order of the roster nor that of fetching matters.
        order = ids if name == "SQLite" else ids[::-1]
        room.enrol(*order)
        documents[name] = {
            (each, exercise): room.students[each].exercise(exercise)
            for each in reversed(order)
            for exercise in EXERCISES
        }
    assert documents["SQLite"] == documents["PostgreSQL"]
    assert len({sha256(each).digest() for each in documents["SQLite"].values()}) == 2 * len(ids)
    for where, document in documents["another secret"].items():
        other, made = Exercise.from_json(document), Exercise.from_json(documents["SQLite"][where])
        assert other.id != made.id
        assert other.given != made.given
    tell(f"{2 * len(ids)} variants, byte for byte")
