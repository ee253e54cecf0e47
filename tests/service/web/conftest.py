import pytest

from tests.service.course_api.classroom import new_classroom
from tests.service.course_api.live import live_server
from tests.service.store.databases import KINDS, new_database
from tests.service.web.chromium import chromium
from tests.service.web.visitor import Visitor


@pytest.fixture(scope="package", params=KINDS)
def server(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("pages")
    with (
        new_database(request.param, directory) as database,
        live_server(request.param, database, directory) as live,
    ):
        yield live


@pytest.fixture
def classroom(server):
    """A course without a set."""
    yield new_classroom(server)
    server.set_clock(None)


@pytest.fixture
def published(classroom):
    """A course with a set and two students."""
    classroom.publish()
    classroom.enrol("s001", "s002")
    return classroom


@pytest.fixture
def visitor(server):
    """Whoever has not signed in."""
    return Visitor(server.port)


@pytest.fixture
def student(published):
    """A student who has signed in."""
    return Visitor.of(published.students["s001"].asker)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(started, server):
    """A browser in which nobody has signed in."""
    started.call("Network.clearBrowserCookies")
    started.complaints.clear()
    started.look(width=1200, scheme="light")
    started.open(f"http://127.0.0.1:{server.port}/guides")
    return started
