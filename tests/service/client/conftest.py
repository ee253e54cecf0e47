"""A server that runs, a classroom on it, and a proxy before it that has faults."""

import pytest

from tests.service.client.asking import client
from tests.service.course_api.classroom import new_classroom
from tests.service.course_api.live import live_server
from tests.service.proxy import proxy


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    database = f"sqlite:///{directory}/course.db"
    with live_server("SQLite", database, directory, wait_seconds=0.2) as server:
        yield server


@pytest.fixture
def classroom(live):
    made = new_classroom(live)
    made.publish(attempts=3)
    made.enrol("s001")
    return made


@pytest.fixture
def through(live):
    with proxy(live.port) as made:
        yield made


@pytest.fixture
def instructor(classroom):
    return client(classroom.instructor)


@pytest.fixture
def student(classroom):
    return client(classroom.students["s001"].asker)
