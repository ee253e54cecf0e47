"""The course server as a process of its own.

Its clock is the system's, unless the file that it is given holds a moment: then that moment.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gradgrade.service.app import create_app
from gradgrade.service.course.backend import Backend
from gradgrade.service.http import logs
from gradgrade.service.http.server import create_server
from gradgrade.service.settings import Settings
from gradgrade.service.store.engine import open_store
from tests.service.remembered import remembered

OFTEN = "1000000000/minute"


def serve(arguments: Sequence[str]) -> None:
    """Serve as it is told, having printed the port."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("secret")
    parser.add_argument("moment", type=Path)
    parser.add_argument("--wait-seconds", type=float, default=10)
    parser.add_argument("--public-grading", choices=["yes", "no"], default="no")
    options = parser.parse_args(arguments)

    def clock() -> datetime:
        stated = options.moment.read_text()
        return datetime.fromisoformat(stated) if stated else datetime.now(UTC)

    logs.start("debug")
    store = open_store(options.database, wait_seconds=options.wait_seconds)
    backend = Backend(
        store=store,
        secret=options.secret.encode(),
        clock=clock,
        contained=remembered,
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
