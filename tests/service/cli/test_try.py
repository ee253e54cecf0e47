"""`gradgrade try`: a course to look at, from its first line to its last."""

import json
import os
import re
import signal
import subprocess
import time
from http.client import HTTPConnection
from socket import socket
from urllib.parse import urlsplit

import pytest

from gradgrade.service.example_course.seeding import SETS
from tests.service.cli.run import COMMAND, run_process

SECONDS = 200


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """A course that is being looked at: its process, its folder and what it printed."""
    folder = tmp_path_factory.mktemp("temporary")
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(COMMAND), "try", "--port", "0"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)},
        )
    deadline = time.monotonic() + SECONDS
    while "Ctrl-C" not in log.read_text("utf-8"):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.1)
    yield process, folder, log
    process.kill()
    process.wait()


def ask(address: str, token: str, path: str):
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        assert response.status == 200
        return json.loads(response.read())
    finally:
        connection.close()


def test_what_it_prints_opens_a_course_with_work_and_mistakes_and_ctrl_c_removes_it(tried):
    process, folder, log = tried
    told = log.read_text("utf-8")
    address = re.search(r"^(http://\S+) has a course to look at", told, re.MULTILINE)[1]
    instructor, student = re.findall(r"/sign-in#(gg_\S+)", told)
    assert [each["name"] for each in ask(address, student, "/problem-sets")] == [
        each.name for each in SETS
    ]
    for assigned in SETS:
        book = ask(address, instructor, f"/problem-sets/{assigned.name}/gradebook")
        assert len(book["students"]) == 30
        scores = {each["score"] for each in book["students"]}
        assert len(scores) > 5
        found = ask(address, instructor, f"/problem-sets/{assigned.name}/statistics")
        assert found["misconceptions"]
    assert any(each.name.startswith("gradgrade-try-") for each in folder.iterdir())
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert not any(each.name.startswith("gradgrade-try-") for each in folder.iterdir())


def test_a_port_that_is_taken_is_told_before_anything_is_made():
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_process("try", "--port", port)
    assert done.returncode == 2
    assert done.stderr.startswith(f"gradgrade: error: cannot listen on 127.0.0.1:{port}")
    assert done.stderr.count("\n") == 1
