"""What pages take: processor time and bytes that go out, in a course of 200 students.

    python -m benchmarks.pages

measures, and writes the figures into `docs/pages.md`.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import thread_time
from types import MappingProxyType

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from benchmarks.crowd import crowd
from benchmarks.report import machine
from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.example_course.seeding import hand_in, open_example, secret_of
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate
from gradgrade.service.store.roles import Role
from gradgrade.service.web.site import ADDRESSES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "pages.md"
HEADING = "## What pages take"

STUDENTS, SUBMISSIONS = 200, 5_000
SEED = "pages"
REPETITIONS = 9

MOST_MILLISECONDS, MOST_BYTES = 100, 300_000
"""The targets: of the server's time, and of a page with all that it names, compressed."""

OFTEN = "1000000/second"
VISITORS = ("/", "/playground", "/guides", "/guides/grading", "/guides/pages", "/sign-in")
ROLES: tuple[Role, ...] = ("student", "instructor")

STUDENT = "s003"
NAMES: Mapping[str, str] = MappingProxyType(
    {"name": "first-steps", "exercise": "two-neurons", "student": STUDENT, "form": "csv"}
)
"""What the variables of addresses stand for."""

_ASSET = re.compile(r'(?:href|src)="(/static/[^"]*|/guides/[^"#]*[.](?:svg|webp))"')
_FONT = re.compile(r'url\("([\w.-]+)"\)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A page: who sees it, its kind, the median of its times, and its compressed bytes."""

    who: str
    page: str
    milliseconds: float
    bytes: int


def measure(app: Flask, tokens: Mapping[Role, str], names: Mapping[str, str]) -> Iterator[Measured]:
    """Yield what each page takes.

    Args:
        app: serves a course.
        tokens: of who sees pages.
        names: what the variables of addresses stand for.
    """
    visitor = app.test_client()
    yield from (_measured(visitor, "visitor", address) for address in VISITORS)
    for role in ROLES:
        client = signed_in(app, tokens[role])
        for page, address in addresses(role, names):
            yield _measured(client, role, address, page=page)


def addresses(role: Role, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the pages that a role sees: the kind of each, and an address.

    Args:
        role: the role.
        names: what the variables of addresses stand for; a page of which one is missing is left
            out.
    """
    yield "/", "/"
    for each in ADDRESSES:
        variables = re.findall(r"<(\w+)>", each.rule)
        if each.method == "GET" and role in each.roles and names.keys() >= set(variables):
            of = (
                f"?student={names['student']}"
                if "exercise" in variables and role != "student"
                else ""
            )
            address = re.sub(r"<(\w+)>", lambda found: names[found[1]], each.rule)
            yield re.sub(r"<(\w+)>", r"{\1}", each.rule), address + of


def signed_in(app: Flask, token: str) -> FlaskClient:
    """Return a browser in which the owner of a token has signed in."""
    client = app.test_client()
    form = client.get("/sign-in").text
    found = re.search(r'name="csrf_token" value="([^"]*)"', form)
    assert found is not None
    reply = client.post("/sign-in", data={"csrf_token": found[1], "token": token})
    assert reply.status_code == 303, reply.status
    return client


def _measured(client: FlaskClient, who: str, address: str, *, page: str = "") -> Measured:
    reply = client.get(address)
    assert reply.status_code in (200, 403, 404), (address, reply.status)
    times = [_timed(lambda: client.get(address)) for _ in range(REPETITIONS)]
    return Measured(
        who=who,
        page=page or address,
        milliseconds=1000 * median(times),
        bytes=bytes_of(client, reply.data),
    )


def _timed(work: Callable[[], object]) -> float:
    began = thread_time()
    work()
    return thread_time() - began


def bytes_of(client: FlaskClient, page: bytes) -> int:
    """Return how many bytes a page has with all that it names, compressed."""
    return sum(map(_compressed, _with_assets(client, page)))


def _with_assets(client: FlaskClient, page: bytes) -> Iterator[bytes]:
    """Yield a page, and all that a browser loads for it."""
    yield page
    for address in _ASSET.findall(page.decode()):
        asset = client.get(address).data
        yield asset
        if "style.css" in address:
            for font in _FONT.findall(asset.decode()):
                yield client.get(f"/static/{font}").data


def _compressed(content: bytes) -> int:
    return min(len(content), len(gzip.compress(content, 6)))


def section(measured: list[Measured]) -> str:
    """Return the section of the page of documentation."""
    slowest = max(measured, key=lambda each: each.milliseconds)
    largest = max(measured, key=lambda each: each.bytes)
    rows = (
        f"| {each.who} | `{each.page}` | {each.milliseconds:.0f} | {each.bytes / 1000:.0f} |"
        for each in measured
    )
    return "\n".join(
        (
            HEADING,
            "",
            "Measured, with this section written, by `python -m benchmarks.pages`, in a course of "
            f"{STUDENTS} students and {SUBMISSIONS:,}",
            "submissions on SQLite: the processor time of the server, the median of "
            f"{REPETITIONS}, and the bytes of a page with all that it",
            f"names, compressed. No page is to take {MOST_MILLISECONDS} ms or "
            f"{MOST_BYTES // 1000} kB; the slowest takes {slowest.milliseconds:.0f} ms, the "
            f"largest {largest.bytes / 1000:.0f} kB,",
            f"of which the font of formulas is most. {machine()}",
            "",
            "| who | page | ms | kB |",
            "|---|---|---:|---:|",
            *rows,
            "",
        )
    )


def written(page: str, made: str) -> str:
    """Return a page of documentation with a section in the place of that of the same heading."""
    heading = made.partition("\n")[0]
    before, found, rest = page.partition(f"{heading}\n")
    if not found:
        return f"{page.rstrip()}\n\n{made}"
    _, following, after = rest.partition("\n## ")
    return f"{before}{made}{following}{after}"


def main() -> None:
    """Measure, and write the section."""
    with TemporaryDirectory() as directory:
        store = open_store(f"sqlite:///{directory}/course.db")
        migrate(store)
        backend = Backend(store=store, secret=secret_of(SEED).encode())
        now = datetime.now(UTC)
        opened = open_example(backend, SEED, now=now)
        hand_in(backend, opened, opened.work, now=now)
        crowd(store, students=STUDENTS, submissions=SUBMISSIONS)
        with store.reading() as connection:
            wanted = text(
                "SELECT public_id FROM submissions JOIN variants ON variants.id = variant_id "
                "JOIN students ON students.id = submissions.student_id "
                "WHERE exercise = :exercise AND student = :student ORDER BY submissions.id"
            )
            used = {"exercise": NAMES["exercise"], "student": STUDENT}
            submission = connection.execute(wanted, used).scalars().first()
        settings = Settings(general_rate=OFTEN, grading_rate=OFTEN)
        app = create_app(backend=backend, settings=settings)
        tokens: dict[Role, str] = {
            "instructor": opened.instructor,
            "student": next(
                token for student, token in opened.students.items() if student == STUDENT
            ),
        }
        measured = list(measure(app, tokens, {**NAMES, "submission": str(submission)}))
        store.close()
    made = section(measured)
    PAGE.write_text(written(PAGE.read_text("utf-8"), made), encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
