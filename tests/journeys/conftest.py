"""A server of a course, and one browser for all journeys."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.consumers import node_programs
from tests.journeys.traveller import Traveller
from tests.service.course_api.classroom import Classroom, new_classroom
from tests.service.course_api.live import Live, live_server
from tests.service.store.databases import new_database
from tests.service.web.chromium import program

Opens = Callable[..., Traveller]

PATIENCE = 60_000
"""How many milliseconds a page may take on a machine that has much else to do."""


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    directory = tmp_path_factory.mktemp("course")
    with (
        new_database("SQLite", directory) as database,
        live_server("SQLite", database, directory) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def axe() -> str:
    node_programs.needed()
    script: Path = node_programs.FOLDER / "node_modules/axe-core/axe.min.js"
    return script.read_text("utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@pytest.fixture
def room(live: Live) -> Classroom:
    return new_classroom(live)


@pytest.fixture
def opens(browser: Browser, live: Live, axe: str) -> Iterator[Opens]:
    """Open a window of somebody who has not been here."""
    contexts = []

    def opened(*, scripts: bool = True) -> Traveller:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{live.port}",
            java_script_enabled=scripts,
            viewport={"width": 1280, "height": 800},
        )
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        contexts.append(context)
        return Traveller(page=context.new_page(), axe=axe, has_scripts=scripts)

    yield opened
    for each in contexts:
        each.close()
