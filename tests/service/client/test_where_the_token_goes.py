"""A token goes to the server that it is for, and is shown nowhere."""

import subprocess
import sys
import time
import traceback

import pytest

from gradgrade.service.client.client import Client
from tests.service.client.asking import client, refusal
from tests.service.proxy import answering, cutting, dropping, proxy


@pytest.mark.parametrize(
    "address",
    [
        "http://course.example.org",
        "http://10.0.0.1:8000",
        "http://localhost.example.org",
        "http://[2001:db8::1]/",
    ],
)
def test_a_token_does_not_go_to_another_machine_in_the_clear(address):
    with pytest.raises(ValueError, match="use https"):
        Client(address, "gg_token")
    assert Client(address, "gg_token", allow_insecure=True)


@pytest.mark.parametrize(
    "address", ["https://course.example.org/gradgrade/", "http://localhost", "http://[::1]:8000"]
)
def test_https_and_this_machine_are_safe(address):
    assert repr(Client(address, "gg_token")) == f"Client({address.rstrip('/')!r})"


@pytest.mark.parametrize(
    "address",
    ["", "course.example.org", "ftp://course.example.org", "https://", "https://x?y", "http://[x"],
)
def test_what_is_no_address_of_a_server_is_refused(address):
    with pytest.raises(ValueError, match="address"):
        Client(address, "gg_token")


def test_the_address_of_the_interface_is_refused_with_that_of_the_course():
    with pytest.raises(ValueError, match=r"write https://course\.example\.org/x$"):
        Client("https://course.example.org/x/api/v1", "gg_token")


def test_a_password_in_an_address_is_refused_and_not_shown():
    with pytest.raises(ValueError, match="address") as caught:
        Client("https://me:hunter2@course.example.org", "gg_token")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "gg secret", "gg_secret\n", "gg_sécret", "secret" * 20])
def test_what_cannot_be_a_token_is_refused_and_not_shown(token):
    with pytest.raises(ValueError, match="token") as caught:
        Client("https://course.example.org", token)
    assert "cret" not in str(caught.value)


def test_no_error_shows_the_token(through, classroom):
    token = classroom.instructor.token
    asker = client(classroom.instructor, port=through.port, retries=0)
    nobody = client(classroom.live.asker("gg_" + "n" * 43), port=through.port)
    with proxy(1) as gone:
        pass
    absent = client(classroom.instructor, port=gone.port, retries=0)
    through.faults.extend([dropping, cutting, answering("500 Internal Server Error")])
    failures = [
        *[asker.problem_sets] * 3,
        lambda: asker.problem_set("absent"),
        absent.problem_sets,
        nobody.problem_sets,
    ]
    for failure in failures:
        error = refusal(failure)
        shown = [str(error), repr(error), repr(error.members), repr(asker), repr(vars(asker))]
        shown += traceback.format_exception(error)
        assert not any(token in text or "n" * 43 in text for text in shown)


def test_a_redirect_is_not_followed(through, classroom):
    with proxy(classroom.live.port) as elsewhere:
        place = f"Location: {elsewhere.address}/api/v1/problem-sets"
        through.faults.append(answering("307 Temporary Redirect", place))
        error = refusal(client(classroom.instructor, port=through.port).problem_sets)
        assert error.status == 307
        assert elsewhere.address in error.detail
        assert elsewhere.requests == []


def test_a_certificate_is_refused_at_once_unless_somebody_vouches_for_it(tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    program = (
        "import http.server, ssl, sys\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)\n"
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
        "context.load_cert_chain(sys.argv[1], sys.argv[2])\n"
        "server.socket = context.wrap_socket(server.socket, server_side=True)\n"
        "print(server.server_port, flush=True)\n"
        "server.serve_forever()\n"
    )
    command = [sys.executable, "-c", program, str(certificate), str(key)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        address = f"https://localhost:{int(server.stdout.readline())}"
        began = time.monotonic()
        error = refusal(Client(address, "gg_token").problem_sets)
        seconds = time.monotonic() - began
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        vouched = refusal(Client(address, "gg_token").problem_sets)
        server.kill()
        assert server.stderr.read().count(b"/api/v1") == 1
    assert "certificate" in error.detail
    assert seconds < 2
    assert vouched.status == 501
