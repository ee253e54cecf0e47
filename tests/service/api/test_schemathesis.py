"""What a machine makes of the OpenAPI document, sent to a real server: what it says is so.

All of schemathesis's checks run but one: a document may fit its schema and still be refused, since
its parts must fit each other.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.examples import examples
from tests.service.api.live import live_server

EXAMPLES = examples(6)
FEWEST = 50
SECONDS = 120

UNCHECKED = "positive_data_acceptance"

LIAR = """
from gradgrade.service.http.server import create_server
from gradgrade.service.settings import Settings
from tests.service.api.shelf import lying_app
server = create_server(lying_app(settings=Settings(general_rate="1000000/minute")), port=0)
print("port", server.effective_port, flush=True)
server.run()
"""


REFUSED = (*(400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428, 429), "5xx")
"""What is no success: also 412, where what is to be changed is not the version that was meant."""


def run(
    directory: Path,
    port: int,
    *options: str,
    parameters: dict[str, str],
    without_limits: Sequence[str] = (),
) -> None:
    """Send what fits the document of a server and what does not; fail where an answer is wrong.

    Args:
        directory: an empty one.
        port: where the server is.
        options: further ones of schemathesis.
        parameters: what path variables are to be: `{"path.name": "week-3"}`.
        without_limits: the operations that are sent drawn bodies alone, not every limit of every
            field, since another operation with the same body is.
    """
    lines = ["[parameters]", *(f'"{name}" = "{value}"' for name, value in parameters.items())]
    lines += ["[checks.negative_data_rejection]", f"expected-statuses = {list(REFUSED)}"]
    for name in without_limits:
        lines += ["[[operations]]", f'include-operation-id = "{name}"']
        lines += ["phases.coverage.enabled = false"]
    (directory / "schemathesis.toml").write_text("\n".join(lines))
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run"),
        f"http://127.0.0.1:{port}/openapi.json",
        *("--checks", "all", "--exclude-checks", UNCHECKED),
        *("--max-examples", str(EXAMPLES), "--generation-deterministic", "--no-color"),
        *options,
    ]
    done = subprocess.run(
        command, cwd=directory, timeout=SECONDS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert generated, done.stdout
    assert int(generated[2]) >= FEWEST, done.stdout


def with_token(token: str) -> tuple[str, ...]:
    """The options of whoever has a token."""
    return "--header", f"Authorization: Bearer {token}"


def test_what_needs_no_course_is_as_described(live, tmp_path):
    run(tmp_path, live.port, parameters={"path.name": "seeds"})


def test_what_is_not_as_described_is_found(tmp_path):
    with live_server(tmp_path, LIAR) as server, pytest.raises(AssertionError) as failure:
        run(tmp_path, server.port, *with_token("student-1"), parameters={})
    assert "Undocumented status code" in str(failure.value)
    assert "Response violates schema" in str(failure.value)
