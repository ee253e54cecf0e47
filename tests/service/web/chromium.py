"""A real browser without a screen, driven through Chromium's DevTools protocol over a pipe."""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.service.course_api.live import Asker

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--remote-debugging-pipe"),
)
SECONDS = 60


@dataclass
class Chromium:
    """One tab of a browser.

    Args:
        commands: where commands are written.
        answers: where answers and events are read.
        session: the id of the tab.
        complaints: what the browser said of the pages: refused by their policy, not found.
    """

    commands: int
    answers: int
    session: str | None = None
    complaints: list[str] = field(default_factory=list)
    _rest: bytes = b""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _loads: int = 0

    def call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self.session is not None:
            message["sessionId"] = self.session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            # A signal ends the writing of what is larger than a pipe before all of it is written.
            rest = rest[os.write(self.commands, rest) :]
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self.answers], [], [], deadline - time.monotonic())
            read = os.read(self.answers, 2**16) if ready else b""
            assert read, "chromium says nothing more"
            self._rest += read
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        if told.get("method") == "Page.loadEventFired":
            self._loads += 1
        if told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
            self.complaints.append(told["params"]["entry"]["text"])
        return told

    def open(self, address: str) -> None:
        before = self._loads
        self.call("Page.navigate", url=address)
        self.wait(after=before)

    def wait(self, *, after: int) -> None:
        """Wait for a page to be loaded after so many others."""
        while self._loads <= after:
            self._next()

    def value(self, expression: str) -> Any:
        """Return what an expression of the page's is."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def type(self, selector: str, text: str) -> None:
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def click(self, selector: str, *, times: int = 1) -> None:
        """Click with the mouse, and wait for the page that comes."""
        before = self._loads
        self.value(f"document.querySelector({json.dumps(selector)}).scrollIntoView()")
        box = self.value(
            f"JSON.stringify(document.querySelector({json.dumps(selector)})"
            ".getBoundingClientRect())"
        )
        place = json.loads(box)
        x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        for count in range(1, times + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.call(
                    "Input.dispatchMouseEvent",
                    **{"type": kind, "x": x, "y": y, "button": "left", "clickCount": count},
                )
        self.wait(after=before)

    def look(self, *, width: int, scheme: str) -> None:
        """Look at pages in another width, and with light or dark preferred."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    @property
    def text(self) -> str:
        told: str = self.value("document.querySelector('main').innerText")
        return told


def sign_in(browser: Chromium, asker: Asker) -> None:
    """Sign in where the browser is, by the form."""
    browser.open(browser.value("location.origin") + "/sign-in")
    browser.type("#token", asker.token)
    browser.click("main button")


def program() -> str:
    """Where Chromium is: if it can be, the one without windows, which takes a third as long."""
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed")
    return found


@contextmanager
def chromium(directory: Path) -> Iterator[Chromium]:
    """Start a browser whose profile is in a directory."""
    started = program()
    in_read, commands = os.pipe()
    answers, out_write = os.pipe()
    # The protocol's pipes must be descriptors 3 and 4.
    wrapper = f'exec "$@" 3<&{in_read} 4>&{out_write}'
    process = subprocess.Popen(
        ["/bin/bash", "-c", wrapper, "-", started, *FLAGS, f"--user-data-dir={directory}"],
        pass_fds=(in_read, out_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(in_read)
    os.close(out_write)
    try:
        browser = Chromium(commands, answers)
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        browser.session = attached["sessionId"]
        for domain in ("Page", "Log"):
            browser.call(f"{domain}.enable")
        yield browser
    finally:
        os.close(commands)
        os.close(answers)
        process.terminate()
        process.wait(SECONDS)
