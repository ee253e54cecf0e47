"""Requests of which the rest never comes do not keep others from the server."""

import socket
import subprocess
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from tests.service.cli.run import COMMAND

HALF_SENT = 115
HALF = b"POST /api/v1/grade HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{"


def test_half_sent_requests_do_not_stop_the_server(tmp_path: Path):
    with ExitStack() as stack:
        process = subprocess.Popen(
            [str(COMMAND), "serve", "--stateless", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            cwd=tmp_path,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        assert process.stdout is not None
        stack.enter_context(process.stdout)
        address = process.stdout.readline().split()[-1]
        to = urlsplit(address)
        for _ in range(HALF_SENT):
            begun = socket.create_connection((to.hostname, to.port), timeout=10)
            stack.enter_context(begun).sendall(HALF)
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as response:
            assert response.status == 200
