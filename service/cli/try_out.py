"""`gradgrade try`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import rich_click as click

from gradgrade.service.cli.options import Stated, Whole
from gradgrade.service.cli.output import print_lines, progress
from gradgrade.service.cli.serve import addresses, listening, stop_on_signals

if TYPE_CHECKING:
    from gradgrade.service.example_course.seeding import Opened
    from gradgrade.service.settings import Settings


@click.command("try")
@click.option(
    "--port",
    type=Whole(0, 65535),
    default=8000,
    show_default=True,
    help="The port; 0 picks a free one.",
)
@click.option(
    "--seed",
    type=Stated(),
    default="0",
    show_default=True,
    help="Another seed, other students and work.",
)
def try_out(port: int, seed: str) -> None:
    """Serve a course to look at: two sets, thirty students and a week of their work.

    It is made anew in a temporary folder, from the seed alone but for its tokens, and gone with it
    when you press Ctrl-C. What is printed signs you in as its instructor, and as a student.
    """
    from gradgrade.service.http import logs
    from gradgrade.service.wsgi import build

    with TemporaryDirectory(prefix="gradgrade-try-") as folder:
        settings = _settings(folder, port=port, seed=seed)
        serving = listening(settings)
        # Until it serves, whoever ends it ends its making, and the folder goes too.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        opened = _filled(settings, seed)
        logs.start(settings.log_level)
        app = build(settings)
        stop_on_signals(serving)
        (address,) = addresses(serving, settings)
        print_lines("".join(f"{line}\n" for line in _told(opened, address)))
        serving.run(app)
    click.echo("stopped, and removed")


def _settings(folder: str, *, port: int, seed: str) -> Settings:
    from pydantic import SecretStr

    from gradgrade.service.example_course.seeding import COURSE, secret_of
    from gradgrade.service.settings import Settings

    return Settings(
        database=f"sqlite:///{folder}/{COURSE}.db",
        secret=SecretStr(secret_of(seed)),
        course=COURSE,
        port=port,
        log_level="warning",
    )


def _filled(settings: Settings, seed: str) -> Opened:
    """Fill the course, and return who can sign in."""
    from gradgrade.service.course.backend import Backend
    from gradgrade.service.example_course.seeding import hand_in, open_example
    from gradgrade.service.settings import secret_of
    from gradgrade.service.store.engine import open_store
    from gradgrade.service.store.migrate import migrate

    now = datetime.now(UTC)
    store = open_store(settings.database)
    try:
        migrate(store)
        backend = Backend(store=store, secret=secret_of(settings))
        click.echo("Making a course to look at …", err=True)
        opened = open_example(backend, seed, now=now)
        hand_in(backend, opened, progress(opened.work, "Handing in"), now=now)
    finally:
        store.close()
    return opened


def _told(opened: Opened, address: str) -> Iterator[str]:
    """Yield how to look at it."""
    from gradgrade.service.example_course.seeding import SETS
    from gradgrade.service.store.identities import StudentId
    from gradgrade.service.web.entrance import sign_in_link

    student = next(each.member for each in reversed(opened.work) if each.kind == "mistaken")
    token = opened.students[StudentId(student.id)]
    made = f"{len(SETS)} sets, {len(opened.students)} students, {len(opened.work)} submissions"
    yield f"{address} has a course to look at: {made}"
    yield f"  as its instructor:  {sign_in_link(address, opened.instructor)}"
    yield f"  as {student.name}:  {sign_in_link(address, token)}"
    yield "In another terminal:"
    yield f"  export GRADGRADE_TOKEN={opened.instructor}"
    yield f"  gradgrade progress {SETS[0].name} --server {address}"
    yield f"  gradgrade statistics {SETS[0].name} --server {address}"
    yield "Ctrl-C ends it, and removes it."
