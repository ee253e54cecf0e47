"""An assignment released, worked on, validated and graded by nbgrader, in an environment apart."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gradgrade.oracle.nested import flatten
from gradgrade.problems import Exercise, solve
from gradgrade.problems.exports.sheets import sheet_files
from tests import ROOT
from tests.solved import right_answers
from tests.strategies import dense, variant

PYTHON = ROOT / ".nbgrader" / "bin" / "python"
STUDENTS = ("ada", "bob", "eve", "joe")
ASK = ["loss", {"name": "dW2", "points": 3}, "dW1"]

# Reads what every student puts into which cell; writes what nbgrader makes of it.
PROGRAM = """
import json, shutil, sys
from pathlib import Path
import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.validator import Validator
from traitlets.config import Config

config = Config()
config.CourseDirectory.root = str(Path.cwd())
config.CourseDirectory.course_id = "course"
api, told = NbGraderAPI(config=config), {}
for student in json.load(open("typed.json")):
    with api.gradebook as gradebook:
        gradebook.add_student(student)
told["generated"] = api.generate_assignment("set")
told["valid"] = Validator(config=config).validate("source/set/exercise.ipynb") == {}
for student, cells in json.load(open("typed.json")).items():
    shutil.copytree("release/set", f"submitted/{student}/set")
    path = Path(f"submitted/{student}/set/exercise.ipynb")
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.metadata.nbgrader.grade_id, cell.source)
    nbformat.write(notebook, path)
    told[student] = api.autograde("set", student)
with api.gradebook as gradebook:
    told["scores"] = {
        student: {
            grade.name: grade.auto_score
            for grade in gradebook.find_submission_notebook("exercise", "set", student).grades
        }
        for student in json.load(open("typed.json"))
    }
Path("told.json").write_text(json.dumps(told))
"""


def numbers_of(student: str) -> Exercise:
    return variant(layers=[dense(3, "tanh"), dense(1)], points=8, ask=ASK, student=student)


def typed(student: str, answers: dict[str, Any]) -> dict[str, str]:
    return {"student": f"student = {student!r}", "answers": f"answers = {answers!r}"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course's folder, after all."""
    if not PYTHON.exists():
        pytest.skip("nbgrader is not installed: make consumers")
    folder = tmp_path_factory.mktemp("course")
    exercises = [numbers_of(student) for student in STUDENTS]
    for file in sheet_files(exercises, "nbgrader", students=STUDENTS):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(file.content), encoding="utf-8")
    right = {student: right_answers(numbers_of(student)) for student in STUDENTS}
    cells = {
        "ada": typed("ada", right["ada"]),
        "bob": typed("bob", right["bob"] | {"dW1": [[7.0] * 2] * 3}),
        # She works on another's numbers, rightly.
        "eve": typed("ada", right["ada"]),
        # He hands in what he was given.
        "joe": {},
    }
    (folder / "typed.json").write_text(json.dumps(cells))
    done = subprocess.run(
        [PYTHON, "-c", PROGRAM],
        cwd=folder,
        # It runs programs of its own environment by their names.
        env={**os.environ, "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def told(course: Path) -> Any:
    return json.loads((course / "told.json").read_text("utf-8"))


def released(course: Path) -> dict[str, str]:
    notebook = json.loads((course / "release/set/exercise.ipynb").read_text("utf-8"))
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in notebook["cells"]
    }


def test_nbgrader_releases_it_and_validates_its_source(told: Any):
    assert told["generated"]["success"], told["generated"]
    assert told["valid"]


def test_a_released_notebook_says_what_must_be_defined(course: Path):
    cells = released(course)
    assert "student = None" in cells["student"]
    for name, shape in (("loss", "a number"), ("dW2", "1 × 3"), ("dW1", "3 × 2")):
        assert f"    {name!r}: None,  # {shape}\n" in cells["answers"]


def test_no_expected_value_is_released(course: Path):
    texts = [path.read_text("utf-8") for path in (course / "release").rglob("*.*")]
    assert len(texts) == 2
    for student in STUDENTS:
        for values in solve(numbers_of(student), digits=12).values():
            found = [entry for entry in flatten(values.value) if len(entry) > 11]
            assert not [entry for entry in found if any(entry[:9] in text for text in texts)]
    assert not any("HIDDEN" in text or "SOLUTION" in text for text in texts)


def test_every_student_is_graded_on_numbers_of_their_own(told: Any):
    assert all(told[student]["success"] for student in STUDENTS)
    points = {"test-loss": 2.5, "test-dW2": 3, "test-dW1": 2.5}
    assert told["scores"]["ada"] == points
    assert told["scores"]["bob"] == points | {"test-dW1": 0}
    assert set(told["scores"]["eve"].values()) == set(told["scores"]["joe"].values()) == {0}
