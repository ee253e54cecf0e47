"""Folders, archives and notebooks graded as a student's file is: by the command, beside pytest."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from gradgrade.service.code_grading.checking.seeds import seed_of
from tests import ROOT
from tests.service.cli.run import assert_refused, run
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import PYTEST

COURSE = ROOT / "examples" / "course"
SET = COURSE / "week-3.toml"
EMPTY_NOTEBOOK = Path(__file__).with_name("notebook.ipynb")

FAILS = "def solve(exercise):\n    return 1 / 0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the solution, in a package that the main file imports."""
    made = tmp_path / "submission"
    (made / "lib").mkdir(parents=True)
    shutil.copy(COURSE / "solution.py", made / "lib" / "net.py")
    (made / "main.py").write_text("import matplotlib\nfrom lib.net import solve\n")
    return made


def archive(folder: Path) -> Path:
    """The zip archive of a folder, as a file manager makes it."""
    path = folder.with_suffix(".zip")
    with ZipFile(path, "w") as made:
        for file in sorted(folder.rglob("*.py")):
            made.write(file, file.relative_to(folder.parent))
    return path


def notebook(path: Path, *cells: str) -> Path:
    """A notebook of some cells of code."""
    made = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    path.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def checked(path: Path, *options: str, **variables: str):
    arguments = ("check-code", SET, path, "--variants", "1", "--no-smallest", *options)
    return run(*arguments, cwd=path.parent, variables=variables)


@needs_bubblewrap
def test_a_folder_its_archive_and_a_notebook_earn_what_the_file_earns(folder):
    solution = (folder / "lib" / "net.py").read_text()
    cells = notebook(folder.parent / "hw.ipynb", "%matplotlib inline\nimport matplotlib", solution)
    for path in (folder, archive(folder), cells):
        done = checked(path)
        assert done.exit_code == 0, done.stdout + done.stderr
        assert "correct" in done.stdout


@needs_bubblewrap
def test_a_notebook_without_answers_is_run_and_lacks_them():
    done = checked(EMPTY_NOTEBOOK, "--format", "json")
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)["exercises"]
    assert found["failure"] is None
    assert {part["outcome"] for part in found["verdict"]["parts"]} == {"missing"}


@needs_bubblewrap
def test_annotations_name_the_file_within(folder):
    (folder / "lib" / "net.py").write_text(FAILS)
    for path in (folder, archive(folder)):
        done = checked(path, "--format", "github", "--seed", "1")
        assert f"file={path}/lib/net.py,line=2::exception: ZeroDivisionError" in done.stdout
        assert "(line 2 of lib/net.py)" in done.stdout


@needs_bubblewrap
def test_a_notebook_is_annotated_with_the_cell_in_the_message(tmp_path):
    done = checked(notebook(tmp_path / "hw.ipynb", "x = 1", FAILS), "--format", "github")
    assert "(line 2 of cell 2)" in done.stdout
    assert "file=" not in done.stdout


@pytest.mark.parametrize("variables", [{}, {"GRADGRADE_SECRET": "a secret of the instructor's"}])
def test_what_cannot_be_handed_in_is_bad_input_in_one_line(folder, variables):
    (folder / "link.py").symlink_to("/etc/passwd")
    assert_refused(checked(folder, **variables), "link.py: a symbolic link is not followed")


def test_the_seed_of_a_folder_is_its_archives_and_changes_with_every_path_and_byte(folder):
    def seed() -> str:
        return seed_of(folder, b"a secret")

    first = seed()
    assert re.fullmatch("[0-9a-f]{32}", first)
    (folder / "lib" / "__pycache__").mkdir()
    (folder / "lib" / "__pycache__" / "net.pyc").write_bytes(b"1")
    assert seed() == first
    (folder / "lib" / "net.py").rename(folder / "lib" / "network.py")
    renamed = seed()
    (folder / "lib" / "network.py").write_bytes(b"")
    assert len({first, renamed, seed()}) == 3


@needs_bubblewrap
def test_pytest_grades_a_folder_beside_tests_outside_of_it(folder, tmp_path):
    (tmp_path / "apart").mkdir()
    options = ("--noconftest", "--rootdir=.", "--gradgrade-variants", "1", "--gradgrade-seed", "a")
    command = (*PYTEST, "--gradgrade", str(SET), "--gradgrade-file", "../submission", *options)
    done = subprocess.run(
        command, cwd=tmp_path / "apart", capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    within = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert within.returncode == 4
    assert "--gradgrade-seed is not for a process" in within.stderr
