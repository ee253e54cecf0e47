"""A course's server, its description, and the programs that read what is written here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.course_api.live import Live, live_server
from tests.service.store.databases import new_database


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A running server of courses, which grades for anybody too: it has every route."""
    directory = tmp_path_factory.mktemp("course")
    with (
        new_database("SQLite", directory) as database,
        live_server("SQLite", database, directory, public_grading="yes") as server,
    ):
        yield server


@pytest.fixture(scope="session")
def openapi(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The OpenAPI document that the server hands out."""
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    path.write_bytes(live.asker(None).get("//openapi.json").body)
    return path
