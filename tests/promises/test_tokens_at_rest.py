"""Promise 13: no token is in the database or the log, in whatever writing."""

import base64
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from gradgrade.service.course.people.tokens import PREFIX
from tests.promises.serving import database, gunicorn
from tests.service.course_api.classroom import NAME
from tests.service.store.databases import KINDS
from tests.service.web.visitor import Visitor

STUDENT = "a-student-who-is-found"


def everything_in(used) -> bytes:
    """All that a database holds: of SQLite its files, of PostgreSQL every row of every table."""
    if used.kind == "SQLite":
        path = Path(used.address.removeprefix("sqlite:///"))
        return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    dump = []
    with psycopg.connect(used.address) as connection:
        found = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in found:
            with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:
                dump += [bytes(row) for row in rows]
    return b"".join(dump)


def writings(token: str) -> set[bytes]:
    """How a token may have been written."""
    secret = token.removeprefix(PREFIX)
    raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    texts = [token, secret, raw.hex(), base64.b64encode(raw).decode().rstrip("=")]
    texts += [base64.b64encode(token.encode()).decode().rstrip("="), token.encode().hex()]
    return {raw, *(each.encode() for each in texts)}


@pytest.fixture(params=KINDS)
def session(request, tmp_path):
    """A server on which tokens were made, used and revoked, and sent where none belongs."""
    with (
        database(request.param, tmp_path) as used,
        # One process logs and keeps what two would.
        gunicorn(tmp_path, "--workers=1", database=used.address, log_level="debug") as server,
    ):
        room = used.room(server)
        room.publish()
        (student,) = room.enrol(STUDENT)
        wanted = [
            {"role": "instructor"},
            {"role": "assistant", "expires": "2090-01-01T00:00:00Z"},
            {"role": "student", "student": STUDENT},
            {"role": "ci", "problem_set": NAME},
        ]
        made = [room.instructor.post("/tokens", each).json for each in wanted]
        replaced = room.instructor.post(f"/problem-sets/{NAME}/students/{STUDENT}/token").json
        room.instructor.delete(f"/tokens/{made[0]['id']}")
        texts = [each["token"] for each in [*made, replaced]]
        texts += [room.instructor.token, room.assistant.token, student.asker.token]
        for token in texts:
            asker = room.live.asker(token)
            asker.get("/problem-sets")
            asker.get(f"/problem-sets?token={quote(token)}")
            asker.get(f"/problem-sets/{token}")
            asker.post("/tokens", {"role": token})
            asker.post("/grade", token.encode())
            room.live.asker(f"{token}x").get("/problem-sets")
            visitor = Visitor(server.port)
            visitor.sign_in(token)
            visitor.get(f"/sets/{token}")
        signed_in = Visitor.of(room.live.asker(replaced["token"]))
        submitted = signed_in.fill_in(
            f"/sets/{NAME}/one-layer", **{"entry-0-0": "1", "confirmed": "yes"}
        )
        assert submitted.status == 303, submitted.text
        yield used, server, texts


def test_no_token_is_in_the_database_or_the_log(session):
    used, server, tokens = session
    held, logged = everything_in(used), server.log.read_bytes()
    assert len(set(tokens)) == 8
    # The look is thorough: it finds digests and names, and the log tells of the requests.
    assert STUDENT.encode() in held
    assert all(sha256(token.encode()).digest() in held for token in tokens)
    assert logged.count(b'"event": "request"') > 8 * len(tokens)
    for token in tokens:
        for written in writings(token):
            assert written not in held
            assert written not in logged
        assert sha256(token.encode()).hexdigest().encode() not in logged
    assert PREFIX.encode() not in logged


def test_a_token_that_is_kept_would_be_found(tmp_path):
    with database("SQLite", tmp_path) as used:
        for number, written in enumerate(sorted(writings("gg_" + "c2VjcmV0" * 4))):
            with used.store.writing() as connection:
                connection.exec_driver_sql(
                    "INSERT INTO courses (name, created_at) VALUES (?, ?)",
                    (f"{number} {written.decode('latin-1')}", "2031-01-01"),
                )
            assert written in everything_in(used)
