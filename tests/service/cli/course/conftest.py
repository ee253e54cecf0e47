"""One course, asked in both ways: its database here, and its server with an instructor's token."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.service.cli.run import run
from tests.service.course_api.classroom import Classroom, new_classroom
from tests.service.course_api.live import SECRET, Live, live_server

HERE, OVER_HTTP = "here", "over HTTP"
WAYS = (HERE, OVER_HTTP)


@dataclass
class Commands:
    """The command line, which works on one course."""

    classroom: Classroom
    ways: dict[str, list[str]] = field(default_factory=dict)
    way: str = HERE

    def run(self, command: str, *arguments: object, way: str | None = None, **options) -> Result:
        return run(command, *arguments, *self.ways[way or self.way], **options)

    def data(self, command: str, *arguments: object, way: str | None = None) -> Any:
        result = self.run(command, *arguments, "--format", "json", way=way)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture(scope="package")
def live(tmp_path_factory) -> Iterator[Live]:
    directory = tmp_path_factory.mktemp("server")
    database = f"sqlite:///{directory}/course.db"
    with live_server("SQLite", database, directory) as server:
        yield server


@pytest.fixture
def commands(live, tmp_path: Path, monkeypatch) -> Commands:
    """A new course without a set."""
    monkeypatch.chdir(tmp_path)
    classroom = new_classroom(live)
    config = tmp_path / "settings.toml"
    config.write_text(f'course = "{classroom.course}"\nsecret = "{SECRET}"\n')
    token = tmp_path / "token"
    token.write_text(f"{classroom.instructor.token}\n")
    assert "GRADGRADE_TOKEN" not in os.environ
    server = f"http://127.0.0.1:{live.port}"
    ways = {
        HERE: ["--config", str(config), "--database", live.database],
        OVER_HTTP: ["--server", server, "--token-file", str(token)],
    }
    return Commands(classroom, ways)


@pytest.fixture(params=WAYS)
def each_way(commands: Commands, request) -> Commands:
    commands.way = request.param
    return commands


@pytest.fixture
def graded(commands: Commands) -> Commands:
    """A course with a set, of whose three students two handed in."""
    classroom = commands.classroom
    classroom.publish(attempts=3)
    classroom.enrol("s001", "s002", "s003")
    classroom.students["s001"].submit({"loss": 0.5})
    classroom.students["s001"].submit()
    classroom.students["s002"].exercise()
    classroom.students["s003"].submit({"loss": 0.5}, "two-layers")
    return commands
