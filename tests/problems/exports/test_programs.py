"""Programs in what other systems read: notebooks that run, an assignment's numbers, questions."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradgrade.oracle.nested import flatten
from gradgrade.problems import solve
from gradgrade.problems.exports.moodle import write_moodle
from gradgrade.problems.exports.nbgrader import source_files
from gradgrade.problems.exports.notebook import answers_notebook, question_notebook
from gradgrade.problems.exports.prairielearn.question import question_files
from gradgrade.problems.worksheet.copied_givens import as_json, as_matlab, as_numpy
from tests.problems.exports.test_notebook import cells, run
from tests.problems.programs import PROGRAMS, program
from tests.solved import right_answers


def test_indices_are_integers_and_all_else_are_doubles():
    scope: dict[str, np.ndarray] = {}
    exec(as_numpy(program("embedding")), scope)
    assert {name: scope[name].dtype.kind for name in ("E", "ids", "W")} == {
        "E": "f", "ids": "i", "W": "f",
    }  # fmt: skip
    assert json.loads(as_json(program("embedding"))).keys() == {"E", "ids", "W"}
    assert "permute(reshape(" in as_matlab(program("axes"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_notebook_runs_and_its_hidden_tests_take_what_is_right(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    exercise = program(name)
    run(answers_notebook(exercise))
    right = right_answers(exercise)
    run(question_notebook(exercise), right)
    wrong = {**right, exercise.ask[0].name: np.asarray(right[exercise.ask[0].name]) + 1}
    with pytest.raises(AssertionError, match="wrong entry"):
        run(answers_notebook(exercise), wrong)
    description = cells(question_notebook(exercise))[0].source
    assert f"```python\n{exercise.program.rstrip()}\n```" in description


def test_an_assignment_reads_numbers_and_integers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    exercise = program("embedding")
    files = source_files(["ann"], [exercise])
    folder = tmp_path / "source" / "programs"
    folder.mkdir(parents=True)
    for path, text in files.items():
        (tmp_path / path).write_text(text, "utf-8")
    monkeypatch.chdir(folder)
    notebook = cells(files["source/programs/embedding.ipynb"])
    (givens,) = (each.source for each in notebook if each.metadata.nbgrader.grade_id == "givens")
    scope: dict[str, Any] = {"student": "ann"}
    exec(givens, scope)
    kinds = {name: scope[name].dtype.kind for name in ("E", "ids", "W")}
    assert kinds == {"E": "f", "ids": "i", "W": "f"}
    assert scope["E"].tolist() == [
        [float(entry.text) for entry in row] for row in exercise.given["E"]
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_questions_have_a_field_for_every_entry_and_the_listing(name: str):
    exercise = program(name)
    count = sum(len(flatten(solve(exercise)[part.name].float64)) for part in exercise.ask)
    moodle = write_moodle([exercise])
    assert moodle.count(":NUMERICAL:=") == count
    assert exercise.program.splitlines()[0].replace("&", "&amp;") in moodle
    (variant,) = json.loads(question_files([exercise])["variants.json"])
    assert sum(len(part["expected"]) for part in variant["ask"]) == count
    assert '<pre class="code">' in variant["sheet"]
