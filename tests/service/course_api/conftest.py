import pytest

from tests.service.course_api.classroom import new_classroom
from tests.service.course_api.live import live_server
from tests.service.store.databases import KINDS, new_database


@pytest.fixture(scope="package", params=KINDS)
def server(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("course")
    with (
        new_database(request.param, directory) as database,
        live_server(request.param, database, directory) as live,
    ):
        yield live


@pytest.fixture
def live(server):
    yield server
    server.set_clock(None)


@pytest.fixture
def classroom(live):
    """A course without a set."""
    return new_classroom(live)


@pytest.fixture
def published(classroom):
    """A course with a set and two students."""
    classroom.publish()
    classroom.enrol("s001", "s002")
    return classroom
