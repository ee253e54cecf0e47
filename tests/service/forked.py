"""Servers in processes of their own: forks of one that has imported what they need."""

import os
import re
import sys
import time
from collections.abc import Callable
from functools import cache
from multiprocessing import get_context, parent_process
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any

SECONDS = 60

IMPORTED = (
    "tests.service.course_api.server",
    # Only a server of a course imports these, when it begins.
    "gradgrade.service.api.course",
    "gradgrade.service.web",
    "openpyxl",
)


def begin(log: Path, serve: Callable[..., Any], *arguments: Any) -> tuple[BaseProcess, int]:
    """Begin a server that prints its port; return its process, and the port when it listens.

    Args:
        log: where all that it says is written.
        serve: what its process does.
        arguments: what that is given.
    """
    log.write_bytes(b"")
    process = _processes().Process(target=_logged, args=(log, serve, arguments), daemon=True)
    process.start()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.is_alive():
        if found := re.search(r"^port (\d+)$", log.read_text(), re.MULTILINE):
            return process, int(found[1])
        time.sleep(0.02)
    process.kill()
    raise AssertionError(f"the server does not listen: {log.read_text()}")


def end(process: BaseProcess) -> None:
    """End a server, which has to stop when it is told so."""
    process.terminate()
    process.join(SECONDS)
    stopped = not process.is_alive()
    process.kill()
    assert stopped, "the server goes on after a SIGTERM"


@cache
def _processes() -> ForkServerContext:
    """Where processes begin as forks: to import all that takes longer than most of them serve."""
    context = get_context("forkserver")
    context.set_forkserver_preload(list(IMPORTED))
    return context


def _logged(log: Path, serve: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    with log.open("ab") as output:
        for said in (sys.stdout, sys.stderr):
            os.dup2(output.fileno(), said.fileno())
            said.reconfigure(line_buffering=True)
    Thread(target=_end_with_parent, daemon=True).start()
    serve(*arguments)


def _end_with_parent() -> None:
    """Leave no server behind where the tests are killed."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
