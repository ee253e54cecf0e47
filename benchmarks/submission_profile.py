"""Where a submission's time goes: `python -m benchmarks.submission_profile` prints a table.

Requests go to the application in one thread, without a server, under Python's own profiler, which
makes calls of Python dearer than they are and the database cheaper beside them.
"""

import os
from collections.abc import Mapping
from cProfile import Profile
from io import BytesIO
from pathlib import Path
from pstats import Stats
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from flask import Flask
from werkzeug.test import run_wsgi_app

from benchmarks.classroom import furnish, submissions
from benchmarks.served import course
from gradgrade.service.course.backend import Backend
from gradgrade.service.store.engine import open_store
from gradgrade.service.store.migrate import migrate

WARM, COUNT = 300, 2_000
STUDENTS = 64
SECRET = "a secret of the benchmarks"

PLACES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "the commit": (("~", "<method 'commit' of 'sqlite3.Connection' objects>"),),
        "the five statements": (("service/store/prepared.py", "run"),),
        "SQLAlchemy's connections": (
            ("sqlalchemy/engine/base.py", "connect"),
            ("sqlalchemy/engine/base.py", "close"),
        ),
        "the body, read as JSON": (("service/http/body.py", "read_json"),),
        "the answers, checked": (("service/api/submissions.py", "_answers"),),
        "grading": (("problems/marking/marker.py", "verdict"),),
        "the hooks after the view, and the response's headers": (
            ("flask/app.py", "process_response"),
            ("werkzeug/wrappers/response.py", "get_wsgi_response"),
        ),
        "the route, matched, and Flask's contexts": (
            ("flask/app.py", "request_context"),
            ("flask/ctx.py", "push"),
        ),
    }
)
"""By what a row is called, the functions whose time, with all that they call, is its own."""


def main() -> None:
    """Measure, and print the table."""
    with TemporaryDirectory() as directory:
        database = str(Path(directory, "course.db"))
        store = open_store(database)
        migrate(store)
        _, pupils = furnish(Backend(store=store, secret=SECRET.encode()), students=STUDENTS)
        store.close()
        os.environ |= {
            "GRADGRADE_DATABASE": database,
            "GRADGRADE_SECRET": SECRET,
            "GRADGRADE_LOG_LEVEL": "warning",
        }
        app = course()
        requests = submissions(pupils, wrong_of_ten=0, tag="profile")
        for _ in range(WARM):
            _hand_in(app, _environment(next(requests)))
        environments = [_environment(next(requests)) for _ in range(COUNT)]
        profile = Profile()
        with profile:
            for each in environments:
                _hand_in(app, each)
    print(_table(Stats(profile)))


def _environment(request: bytes) -> dict[str, Any]:
    """Return a request as a WSGI server hands it on."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, protocol = first.split()
    fields = [line.split(": ", 1) for line in lines]
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields}
    return {
        **headers,
        "CONTENT_TYPE": headers["HTTP_CONTENT_TYPE"],
        "CONTENT_LENGTH": headers["HTTP_CONTENT_LENGTH"],
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": protocol,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }


def _hand_in(app: Flask, environment: dict[str, Any]) -> None:
    _, status, _ = run_wsgi_app(app, environment)
    if status != "201 CREATED":
        raise RuntimeError(f"it was not taken: {status}")


def _table(stats: Stats) -> str:
    times = {place[::2]: found[3] for place, found in stats.stats.items()}  # type: ignore[attr-defined]  # typeshed leaves it out
    whole = sum(each for (_, name), each in times.items() if name == "_hand_in")
    lines = ["| what | of the time |", "|---|---:|"]
    for said, places in PLACES.items():
        took = sum(
            seconds
            for (path, name), seconds in times.items()
            if any(path.endswith(file) and name == function for file, function in places)
        )
        lines.append(f"| {said} | {took / whole:.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
