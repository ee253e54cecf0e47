"""A running course server, and whoever asks it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path

from gradgrade.service.store.engine import Store, open_store
from gradgrade.service.store.migrate import migrate
from tests.service.course_api.server import serve
from tests.service.forked import begin, end

SECRET = "a secret of the tests"
SECONDS = 60


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def detail(self) -> str:
        return self.json["detail"]


@dataclass(frozen=True)
class Asker:
    """Whoever has this token; None: nobody."""

    port: int
    token: str | None

    def ask(self, method: str, path: str, body=None, **headers: str) -> Reply:
        """Ask for a path below /api/v1, or from the root where it begins with two slashes."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            fields["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            place = path[1:] if path.startswith("//") else f"/api/v1{path}"
            connection.request(method, place, body, fields)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, found, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body=None, **headers: str) -> Reply:
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body=None, **headers: str) -> Reply:
        return self.ask("PUT", path, body, **headers)

    def delete(self, path: str) -> Reply:
        return self.ask("DELETE", path)


@dataclass(frozen=True)
class Live:
    """A server, its database, and the clock that it reads."""

    kind: str
    database: str
    port: int
    log: Path
    moment: Path
    store: Store = field(repr=False)

    def asker(self, token: str | None) -> Asker:
        return Asker(self.port, token)

    def set_clock(self, moment: datetime | None) -> None:
        """Stop the server's clock at a moment; None: let it go."""
        new = self.moment.with_suffix(".new")
        new.write_text("" if moment is None else moment.isoformat())
        new.replace(self.moment)


@contextmanager
def live_server(
    kind: str, database: str, directory: Path, *, secret: str = SECRET, **options: object
) -> Iterator[Live]:
    log, moment = directory / "server.log", directory / "moment"
    moment.write_text("")
    store = open_store(database)
    migrate(store)
    told = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    process, port = begin(log, serve, [database, secret, str(moment), *told])
    try:
        yield Live(kind, database, port, log, moment, store)
    finally:
        end(process)
        store.close()
