"""The course server as a process of its own: `python -m tests.service.course_api.server …`.

Its clock is the system's, unless the file that it is given holds a moment: then that moment.
"""

import argparse
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gradgrade.service.app import create_app
from gradgrade.service.contained import Contained, here
from gradgrade.service.course.backend import Backend
from gradgrade.service.http import logs
from gradgrade.service.http.server import create_server
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store

OFTEN = "1000000000/minute"


def remembering() -> Contained:
    """Whoever does the same work but once: hundreds of courses publish the same set here.

    Work is a pure function of what crosses to another process, and is told by that.
    """
    kept: dict[bytes, Any] = {}

    def contained(function: Any, *arguments: Any, **named: Any) -> Any:
        work = pickle.dumps((function, arguments, named))
        if work not in kept:
            kept[work] = here(function, *arguments, **named)
        return kept[work]

    return contained


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("secret")
    parser.add_argument("moment", type=Path)
    parser.add_argument("--wait-seconds", type=float, default=10)
    parser.add_argument("--public-grading", choices=["yes", "no"], default="no")
    options = parser.parse_args()

    def clock() -> datetime:
        stated = options.moment.read_text()
        return datetime.fromisoformat(stated) if stated else datetime.now(UTC)

    logs.start("debug")
    store = open_store(options.database, wait_seconds=options.wait_seconds)
    backend = Backend(
        store=store,
        secret=options.secret.encode(),
        clock=clock,
        contained=remembering(),
    )
    settings = Settings(general_rate=OFTEN, submission_rate=OFTEN, grading_rate=OFTEN)
    settings = settings.model_copy(
        update={
            "failed_token_rate": OFTEN,
            "metrics_from": "127.0.0.1",
            "public_grading": options.public_grading == "yes",
        }
    )
    server = create_server(
        create_app(backend=backend, settings=settings), port=0, threads=8, clock=clock
    )
    print("port", server.effective_port, flush=True)
    server.run()


if __name__ == "__main__":
    main()
