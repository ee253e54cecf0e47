"""The nginx example, run by nginx itself before a server of ours; what passes between is kept."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gradgrade.service.http.problem import MEDIA_TYPE
from tests.service.api.live import live_server
from tests.service.operations.test_deploy import DEPLOY, free_port
from tests.service.proxy import Proxy, proxy

NAME = "course.example.org"
HSTS = "max-age=31536000"


@dataclass(frozen=True)
class Nginx:
    """nginx with the example's configuration, and what stands between it and the server."""

    plain: int
    secure: int
    context: ssl.SSLContext
    behind: Proxy

    def connection(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self.secure, timeout=30, context=self.context
        )

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str):
        """Return the status, the headers by small names, and the body of an answer."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = self.connection()
        try:
            connection.request(method, path, body, {"Host": f"{NAME}:8443", **fields})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()

    def passed_on(self) -> dict[str, str]:
        """The headers of the last request that the server was sent."""
        head = self.behind.requests[-1].split(b"\r\n\r\n")[0].decode()
        return {
            name.lower(): value
            for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])
        }


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    context = certificate(folder)
    with live_server(folder) as server, proxy(server.port) as behind:
        made = Nginx(free_port(), free_port(), context, behind)
        process = started(folder, made)
        try:
            yield made
        finally:
            process.terminate()
            process.wait(30)


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for the example's name, and who trusts it."""
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files],
        check=True,
        capture_output=True,
    )
    return ssl.create_default_context(cafile=folder / "certificate.pem")


def started(folder: Path, made: Nginx) -> subprocess.Popen[bytes]:
    """Start nginx on the example, in which ports and the certificate alone are others."""
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    for old, new in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{made.behind.port};"),
        ("listen 80;", f"listen 127.0.0.1:{made.plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{made.secure} ssl;"),
        (f"/etc/ssl/certs/{NAME}.pem", f"{folder}/certificate.pem"),
        (f"/etc/ssl/private/{NAME}.key", f"{folder}/key.pem"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{places}include {folder}/site.conf;\n}}\n",
        encoding="utf-8",
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr.replace('[warn] the "user" directive', "")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", made.secure), 1).close()
            return process
        except OSError:
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_what_comes_in_the_clear_is_sent_to_tls(nginx: Nginx):
    connection = http.client.HTTPConnection("127.0.0.1", nginx.plain, timeout=30)
    connection.request("GET", "/docs", headers={"Host": NAME})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/docs")
    connection.close()


def test_an_answer_of_the_server_comes_through_and_tells_of_hsts(nginx: Nginx):
    status, headers, body = nginx.ask("GET", "/healthz")
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert headers["strict-transport-security"] == HSTS
    assert headers["x-content-type-options"] == "nosniff"


def test_what_a_client_claims_of_itself_is_replaced(nginx: Nginx):
    claims = {
        "X_Request_Start": "t=1",
        "X_Forwarded_For": "192.0.2.1",
        "X_Forwarded_Proto": "http",
        "X_Request_ID": "mine",
    }
    nginx.ask("GET", "/healthz", **claims)
    passed = nginx.passed_on()
    assert passed["host"] == f"{NAME}:8443"
    assert passed["x-forwarded-for"] == "127.0.0.1"
    assert passed["x-forwarded-proto"] == "https"
    assert re.fullmatch("[0-9a-f]{32}", passed["x-request-id"])
    assert float(passed["x-request-start"].removeprefix("t=")) > time.time() - 60


def test_the_moment_that_is_passed_on_is_when_all_of_the_request_was_here(nginx: Nginx):
    connection = nginx.connection()
    connection.putrequest("POST", "/api/v1/grade")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "2")
    connection.endheaders(b"{")
    time.sleep(0.5)
    last_byte = time.time()
    connection.send(b"}")
    assert connection.getresponse().status == 422
    connection.close()
    stated = float(nginx.passed_on()["x-request-start"].removeprefix("t="))
    # nginx reads its clock to the millisecond, once each time that it wakes.
    assert last_byte - 0.01 <= stated <= time.time() + 0.01


def test_a_body_that_is_too_large_is_a_problem_of_nginx(nginx: Nginx):
    before = len(nginx.behind.requests)
    status, headers, body = nginx.ask("POST", "/api/v1/grade", b"x" * (1 << 20) + b"x")
    assert_problem(status, headers, body, 413, "Content Too Large")
    assert len(nginx.behind.requests) == before


def test_a_problem_of_the_server_stays_its_own(nginx: Nginx):
    status, headers, body = nginx.ask("POST", "/api/v1/grade", b"{", Content_Type="text/plain")
    problem = json.loads(body)
    assert (status, problem["status"], headers["content-type"]) == (415, 415, MEDIA_TYPE)
    assert "detail" in problem


def test_a_server_that_is_gone_is_a_problem_that_says_when_to_come_again(nginx: Nginx):
    nginx.behind.faults.append(lambda _: b"")
    status, headers, body = nginx.ask("GET", "/healthz")
    assert_problem(status, headers, body, 502, "Bad Gateway")
    assert headers["retry-after"] == "5"


def assert_problem(status: int, headers: dict[str, str], body: bytes, code: int, title: str):
    problem = json.loads(body)
    assert (status, problem["status"], problem["title"]) == (code, code, title)
    assert problem.keys() == {"type", "title", "status", "detail"}
    assert headers["content-type"] == MEDIA_TYPE
    assert headers["strict-transport-security"] == HSTS
