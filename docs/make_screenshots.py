"""Write the pictures of pages in `images/`: `make screenshots`. Chromium has to be installed.

They show the course of `gradgrade try`, as a visitor, a student and its instructor see it.
"""

import base64
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).with_name("images")
WIDTH, HEIGHT = 1120, 700
QUALITY = 50

COMMAND = ("try", "--port", "0", "--seed", "1")
"""Serves the course; with this seed its student is in the middle of something."""


@contextmanager
def course() -> Iterator[list[str]]:
    """Serve a course; provides the links with which its instructor and a student sign in."""
    command = [str(Path(sys.executable).with_name("gradgrade")), *COMMAND]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        links = (found[0] for line in lines if (found := re.search(r"http\S+#gg_\S+", line)))
        try:
            yield [next(links), next(links)]
        finally:
            process.terminate()


def take(page: Page, name: str) -> None:
    """Write a picture of what is in the window."""
    session = page.context.new_cdp_session(page)
    options = {"format": "webp", "quality": QUALITY}
    told = session.send("Page.captureScreenshot", options)
    IMAGES.joinpath(f"{name}.webp").write_bytes(base64.b64decode(told["data"]))


def sign_in(page: Page, link: str) -> None:
    """Sign in as whoever opens a link does."""
    page.context.clear_cookies()
    page.goto(link)
    page.locator("main .go").click()
    page.wait_for_url(re.compile(r"/$"))


def begun(page: Page, home: str) -> str:
    """Open an exercise that a student has begun; return where their last attempt at it is."""
    tasks = [each.get_attribute("href") for each in page.locator(".task h3 a").all()]
    for task in tasks:
        page.goto(f"{home}{task}")
        for attempt in page.locator("main a[href^='/submissions/']").all():
            return attempt.get_attribute("href") or ""
    raise LookupError(f"{tasks}, {page.url}: nothing is begun")


def main() -> None:
    """Take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with course() as (instructor, student), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB")
        home = instructor.partition("/sign-in")[0]
        page.goto(f"{home}/playground")
        take(page, "playground")
        sign_in(page, student)
        attempt = begun(page, home)
        take(page, "exercise")
        page.goto(home + attempt)
        take(page, "verdict")
        sign_in(page, instructor)
        page.goto(f"{home}/sets/first-steps")
        take(page, "progress")
        browser.close()


if __name__ == "__main__":
    main()
