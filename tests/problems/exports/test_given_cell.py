"""What is handed out runs as it is, with numpy alone: the given cell, then the program."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradgrade.oracle.primitives.table import PRIMITIVES
from gradgrade.problems import ProblemSet, generate, solve
from gradgrade.problems.catalogue import load, names
from gradgrade.problems.documents.exercise import ProgramExercise
from gradgrade.problems.exports.nbgrader import source_files
from gradgrade.problems.exports.notebook import question_notebook
from gradgrade.problems.generate import ungated
from gradgrade.problems.worksheet.copied_givens import as_numpy
from tests.problems.exports.test_notebook import cells
from tests.problems.programs import PROGRAMS, program

DEFINED = [name for name, each in PRIMITIVES.items() if each.definition]

FUNCTIONS = f"""
schema = "gradgrade/problem-set/1"
name = "functions"

[[exercises]]
name = "all"
type = "program"
sizes = {{ N = 3, K = 2, UNREAD = 4 }}
arrays = {{ x = ["N", "K"], z = ["N", "K"], c = [] }}
given = {{ x = [[-700, -680], [-30, 0.5], [680, 700]], z = [[1, 2], [-3, 0.5], [4, -1]], c = -2 }}
program = '''
{"".join(f"a_{name} = {name}(x){chr(10)}" for name in DEFINED)}
{"".join(f"b_{name} = np.{name}(x / N){chr(10)}" for name in DEFINED)}
down = softmax(z, axis=0) + log_softmax(z, 0) * numpy.tanh(c)
across = logsumexp(z, axis=1) + logsumexp(z, axis=(0, 1), keepdims=True)[0, 0]
number = c.sum() + c.T
L = max(down) + sum(across) / K + abs(number)
'''
differentiate = "L"
ask = ["L"]
"""


def variants() -> dict[str, tuple[str, str]]:
    found = {}
    for name in names():
        for each in load(name).exercises:
            if each.type == "program":
                found[f"{name}/{each.name}"] = name, each.name
    return found


OF_THE_CATALOGUE = variants()


def lines_made(text: str, exercise: ProgramExercise, folder: Path) -> dict[str, object]:
    """What the lines of a program are after a text, in a process of their own."""
    wanted = [str(node.name) for node in exercise.graph.lines if "." not in str(node.name)]
    listed = "{name: np.asarray(value).tolist() for name, value in globals().items() if name in "
    code = f"{text}\n{exercise.program}\nprint(json.dumps({listed}{wanted}}}))\n"
    file = folder / "handed_out.py"
    file.write_text(f"import json\n{code}", "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", file], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(text: str, exercise: ProgramExercise, folder: Path) -> None:
    found, solution = lines_made(text, exercise, folder), solve(exercise, digits=20)
    assert found
    # The givens are what the first iteration begins with.
    first = "" if exercise.iterations == 1 and exercise.until is None else "@1"
    for name, value in found.items():
        right = solution[f"{name}{first}"].float64
        np.testing.assert_allclose(value, right, rtol=1e-9, atol=1e-15, err_msg=name)


def given_cell(notebook: str) -> str:
    (found,) = (
        each.source for each in cells(notebook) if each.metadata.nbgrader.grade_id == "givens"
    )
    return found


@pytest.mark.parametrize("name", OF_THE_CATALOGUE)
def test_a_program_of_the_catalogue_runs_after_the_given_cell(name: str, tmp_path: Path):
    problem_set, exercise = OF_THE_CATALOGUE[name]
    variant = generate(load(problem_set), exercise, student="1", secret=b"0")
    assert isinstance(variant, ProgramExercise)
    check(given_cell(question_notebook(variant)), variant, tmp_path)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_after_what_is_copied(name: str, tmp_path: Path):
    check(as_numpy(program(name)), program(name), tmp_path)


def test_sizes_and_every_function_that_numpy_has_not_are_defined_stably(tmp_path: Path):
    exercise = ungated(ProblemSet.from_toml(FUNCTIONS), "all", student="1", secret=b"0")
    assert isinstance(exercise, ProgramExercise)
    text = given_cell(question_notebook(exercise))
    check(text, exercise, tmp_path)
    check(as_numpy(exercise), exercise, tmp_path)
    assert "UNREAD" not in text


def test_an_assignment_for_all_has_sizes_and_functions_too(tmp_path: Path):
    exercise = ungated(ProblemSet.from_toml(FUNCTIONS), "all", student="1", secret=b"0")
    assert isinstance(exercise, ProgramExercise)
    files = source_files(["ann"], [exercise])
    (tmp_path / "all.variants.json").write_text(
        files["source/functions/all.variants.json"], "utf-8"
    )
    text = given_cell(files["source/functions/all.ipynb"])
    check(f'student = "ann"\n{text}', exercise, tmp_path)
