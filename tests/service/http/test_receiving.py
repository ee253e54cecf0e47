"""A request is received when the server's socket has it, however long it waits for a thread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from gradgrade.service.http.receiving import STAMP, received_at
from tests.service.api.live import live_server

WORK = 1.0

PROGRAM = f"""
import time
from flask import Flask
from datetime import UTC, datetime
from gradgrade.service.http.receiving import received_at
from gradgrade.service.http.server import create_server
app = Flask("slow")

@app.get("/")
def slow():
    moment = received_at(lambda: datetime.now(UTC), header=None)
    time.sleep({WORK})
    return moment.isoformat()

server = create_server(app, port=0, threads=1)
print("port", server.effective_port, flush=True)
server.run()
"""

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def test_a_request_that_waits_for_a_thread_was_received_before(tmp_path):
    with live_server(tmp_path, PROGRAM) as live, ThreadPoolExecutor(3) as pool:
        began = datetime.now(UTC)
        replies = list(pool.map(lambda _: live.get("/"), range(3)))
        assert datetime.now(UTC) - began > timedelta(seconds=3 * WORK)
    moments = [datetime.fromisoformat(each.body.decode()) for each in replies]
    assert all(moment - began < timedelta(seconds=WORK) for moment in moments)


@pytest.mark.parametrize(
    ("stamp", "sent", "header", "seconds"),
    [
        (None, None, None, 0),
        (-3, None, None, -3),
        (None, "t={}", None, 0),
        (None, "t={}", "X-Request-Start", -5),
        (-3, "{}", "X-Request-Start", -5),
        (-9, "t={}", "X-Request-Start", -9),
        (None, None, "X-Request-Start", 0),
        (None, "soon", "X-Request-Start", 0),
        (None, "t=nan", "X-Request-Start", 0),
        (None, "t=1e300", "X-Request-Start", 0),
    ],
)
def test_a_proxys_word_is_taken_where_the_settings_name_its_header(stamp, sent, header, seconds):
    proxied = (NOW - timedelta(seconds=5)).timestamp()
    environment = {} if stamp is None else {STAMP: NOW + timedelta(seconds=stamp)}
    headers = {} if sent is None else {"X-Request-Start": sent.format(proxied)}
    with Flask("app").test_request_context(environ_overrides=environment, headers=headers):
        assert received_at(lambda: NOW, header=header) == NOW + timedelta(seconds=seconds)
