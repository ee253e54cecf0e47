"""`gradgrade audit`: its formats, its exit codes, and what it refuses."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jsonschema
import pytest

from tests import ROOT
from tests.service.cli.run import COMMAND, assert_refused, run

PYTEST = ("--", sys.executable, "-m", "pytest", "-q")

SECONDS = 60

SLOW = """
import os
import time
from pathlib import Path

import pytest

@pytest.fixture(autouse=True)
def waiting():
    # The first two runs are beside the right module, one after the other.
    if os.environ["GRADGRADE_AUDIT_RUN"] not in ("run-1", "run-2"):
        begun = Path(os.environ["BEGUN"])
        written = begun.with_suffix(f".{os.getpid()}")
        written.write_text(str(os.getpid()))
        written.replace(begun)
        time.sleep(1000)
"""


@pytest.fixture
def example(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    others = shutil.ignore_patterns("*normalization.py")
    return shutil.copytree(ROOT / "examples/audit", tmp_path / "audit", ignore=others)


def test_the_example_is_told_what_its_tests_let_pass(example):
    mistakes = ("--mistakes", "bias_left_out", "--mistakes", "dx_zero", "--mistakes", "dW1_sign")
    found = run("audit", "week-2.toml", *mistakes, *PYTEST, cwd=example)
    assert found.exit_code == 1
    assert "of 3 mistakes in layers, 2 tests found 1, and let 2 pass" in found.stdout
    assert "b1 is 0 in every call" in found.stdout
    assert "remedy: draw biases and weights of ordinary size, between -1 and 1" in found.stdout
    assert "told and accepted: affine_backward" in found.stdout


def test_as_json_it_is_a_document_whose_tests_tell_what_passed(example):
    mistakes = ("--mistakes", "bias_left_out", "--mistakes", "first_cache")
    found = run("audit", "week-2.toml", *mistakes, "--format", "json", *PYTEST, cwd=example)
    document = json.loads(found.stdout)
    jsonschema.validate(document, json.loads(run("schema", "audit").stdout))
    assert not document["is_sound"]
    assert len(document["pasted"]) == 2
    for at, each in enumerate(document["pasted"]):
        (example / f"test_pasted_{at}.py").write_text(each["text"])
    assert run("audit", "week-2.toml", *mistakes, *PYTEST, cwd=example).exit_code == 0


def test_as_markdown_it_has_a_heading_for_each_cause(example):
    mistakes = ("--mistakes", "bias_left_out")
    found = run("audit", "week-2.toml", *mistakes, "--format", "markdown", *PYTEST, cwd=example)
    assert "## Not told by the inputs: `affine_forward`" in found.stdout
    assert "```python\nimport numpy as np\nfrom layers import" in found.stdout


def test_tests_that_never_import_the_module_cannot_be_audited(example):
    found = run("audit", "week-2.toml", "--module", "other", *PYTEST, cwd=example)
    assert found.exit_code == 3
    assert "the tests never import other" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mistakes", "no_such"), "--mistakes: there is no 'no_such' here; there are "),
        (("--exercise", "other"), "week-2 has no exercise 'other'; it has affine"),
    ],
)
def test_bad_input_is_told_in_a_line(example, arguments, said):
    found = run("audit", "week-2.toml", *arguments, *PYTEST, cwd=example)
    assert found.exit_code == 2
    assert said in found.stderr


def test_an_expression_that_cannot_be_stood_in_for_is_named(example):
    path = example / "week-2.toml"
    path.write_text(path.read_text().replace("affine_forward(x,", "affine_forward(2 * x,"))
    found = run("audit", "week-2.toml", *PYTEST, cwd=example)
    assert found.exit_code == 2
    assert "the script of affine: line 1: 2 * x cannot be stood in for" in found.stderr


def test_a_module_has_to_be_named_where_the_set_names_no_file(example):
    path = example / "week-2.toml"
    path.write_text(path.read_text().replace('main = "layers.py"\n', ""))
    found = run("audit", "week-2.toml", *PYTEST, cwd=example)
    assert found.exit_code == 2
    assert "write --module with the dotted name" in found.stderr


def test_a_set_without_a_script_is_told_that_one_is_needed(tmp_path):
    result = run("audit", "first-steps", "--", "true", cwd=tmp_path)
    assert_refused(result, "no exercise of first-steps has a script", "[exercises.code]")


@pytest.fixture
def folder():
    """A folder with a short name: sockets are made in it, whose names may not be long."""
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_audit_that_is_ended_ends_the_tests_and_leaves_no_folder(
    example, tmp_path, folder, number
):
    begun = tmp_path / "begun"
    (example / "conftest.py").write_text(SLOW)
    with subprocess.Popen(
        [str(COMMAND), "audit", "week-2.toml", *PYTEST],
        cwd=example,
        env=os.environ | {"TMPDIR": str(folder), "BEGUN": str(begun)},
        # Whoever runs the tests in the background ignores the signal, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        while not begun.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(SECONDS) == 130
    assert list(folder.iterdir()) == []
    _wait_for_the_end(int(begun.read_text()))


def _wait_for_the_end(process):
    """Wait until there is no such process: a moment passes until what was ended is gone."""
    deadline = time.monotonic() + SECONDS
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
