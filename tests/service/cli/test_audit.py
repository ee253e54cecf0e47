"""`gradgrade audit`: its formats, its exit codes, and what it refuses."""

import json
import shutil
import sys

import jsonschema
import pytest

from tests import ROOT
from tests.service.cli.run import assert_refused, run

PYTEST = ("--", sys.executable, "-m", "pytest", "-q")


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
