"""The examples of docs/course.md run as they stand."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.service.course_api.live import SECRET

# Nothing here depends on the kind of the database.
pytestmark = pytest.mark.parametrize("server", ["SQLite"], indirect=True)

PAGE = ROOT / "docs" / "course.md"


def test_the_examples_of_the_page_run(classroom, tmp_path):
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    serving, *rest = blocks
    assert serving.startswith("gradgrade serve")

    def run(script):
        return subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=tmp_path,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "SERVER": f"http://127.0.0.1:{classroom.live.port}/api/v1",
                "TOKEN": classroom.instructor.token,
                "GRADGRADE_SECRET": SECRET,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    done = run("\n".join(rest))
    assert done.returncode == 0, done.stderr + done.stdout
    assert "the server took this body at" in done.stdout
    check = next(block for block in rest if "receipt_of" in block)
    (tmp_path / "answers.json").write_text('{"answers": {}}')
    refused = run(check)
    assert (refused.returncode, refused.stderr) == (1, "this receipt is not of this body\n")
    assert "token" not in json.loads((tmp_path / "reply.json").read_text())
    assert json.loads((tmp_path / "reply.json").read_text())["attempts_left"] == 4
    found = classroom.instructor.get("/problem-sets/first-steps").json
    assert (found["attempts"], found["late_penalty"]) == (6, 0.2)
    roster = classroom.instructor.get("/problem-sets/first-steps/students").json
    assert [each["attempts"] for each in roster] == [None, 8]
    assert (tmp_path / "gradebook.xlsx").read_bytes().startswith(b"PK")
