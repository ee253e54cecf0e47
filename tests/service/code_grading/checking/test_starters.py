"""The starters that ship, handed in as they are: told plainly what is still to be written."""

import json

import pytest

from gradgrade.problems import generate
from gradgrade.problems.catalogue import load
from gradgrade.service.code_grading.starters import starter
from tests.catalogue import CATALOGUE
from tests.examples import spread
from tests.service.cli.run import run
from tests.service.code_grading.conftest import needs_bubblewrap

UNFIT = ("unsupported: ", "missing: ")
"""How it begins where an exercise is none for a shape of code."""


@needs_bubblewrap
@pytest.mark.parametrize("shape", ["solve", "functions", "layers"])
@pytest.mark.parametrize(("problem_set", "name"), spread(CATALOGUE))
def test_a_starter_is_told_what_is_to_be_written_and_nothing_else(
    tmp_path, problem_set, name, shape
):
    exercise = generate(load(problem_set), name, student="1", secret=b"0")
    (tmp_path / "e.json").write_text(exercise.to_json())
    (tmp_path / "student.py").write_text(starter(shape))
    done = run("check-code", "e.json", "student.py", cwd=tmp_path)
    assert done.exit_code == 1, done.output
    cause, note, *rest = done.stdout.splitlines()
    is_told = cause.startswith("exception: NotImplementedError: TODO: ")
    assert is_told or (shape != "solve" and cause.startswith(UNFIT)), cause
    assert note == "Less than full marks on 1 of 1 variants."
    assert "Traceback" not in done.output
    assert "A test to paste" not in done.output
    # The heading of the table, all parts, and the sum.
    assert len(rest) == 3, done.output
    found = run("check-code", "e.json", "student.py", "--format", "json", cwd=tmp_path).stdout
    assert json.loads(found)["exercises"][0]["findings"] == []
