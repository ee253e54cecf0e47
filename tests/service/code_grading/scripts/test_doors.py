"""A script is used by every door: a command, a server, the self-check, an exercise file."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradgrade.problems import ProblemSet, generate
from tests.service.cli.run import run
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import PYTEST
from tests.service.course_api.classroom import new_classroom
from tests.service.course_api.live import Live, live_server

from .running import LAYER, RIGHT, SCRIPT

pytestmark = needs_bubblewrap

SET = (
    'schema = "gradgrade/problem-set/1"\nname = "scripted"\n[[exercises]]\nname = "layer"\n'
    f"{LAYER}\n[exercises.code]\nscript = '''{SCRIPT}'''\nfiles = [\"course.py\"]\n"
)
USING = f"from course import tanh\n{RIGHT.replace('np.tanh', 'tanh')}"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    directory = tmp_path_factory.mktemp("server")
    with live_server("SQLite", f"sqlite:///{directory}/course.db", directory) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "course.py").write_text("from numpy import tanh\n")
    (tmp_path / "set.toml").write_text(SET)
    (tmp_path / "right.py").write_text(USING)
    (tmp_path / "wrong.py").write_text(USING.replace("(1 - a**2)", "(1 - a)"))
    return tmp_path


@pytest.mark.parametrize(("file", "code"), [("right.py", 0), ("wrong.py", 1)])
def test_a_set_and_an_exercise_grade_by_their_script(folder: Path, file: str, code: int):
    exercise = generate(ProblemSet.from_toml(SET), "layer", student="1", secret=b"0")
    (folder / "exercise.json").write_text(exercise.to_json())
    for source in ("set.toml", "exercise.json"):
        done = run("check-code", folder / source, folder / file, "--variants", "2")
        assert done.exit_code == code, done.output


def test_a_server_draws_the_variants_and_the_script_comes_with_them(live: Live, folder: Path):
    problem_set = ProblemSet.from_toml(SET)
    classroom = new_classroom(live)
    made = classroom.instructor.post("/problem-sets", problem_set.to_json().encode())
    assert made.status == 201
    token = {"GRADGRADE_TOKEN": classroom.ci(of="scripted").token}
    here = ("--server", f"http://127.0.0.1:{live.port}", "--variants", "2")
    asked = ("check-code", "scripted", "right.py", *here)
    assert run(*asked, cwd=folder, variables=token).exit_code == 0
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(folder / "wrong.py", elsewhere)
    asked = ("check-code", "scripted", "wrong.py", *here, "--files", folder)
    assert run(*asked, cwd=elsewhere, variables=token).exit_code == 1
    missing = run(*asked[:-2], cwd=elsewhere, variables=token)
    assert missing.exit_code == 2
    assert "course.py cannot be read" in missing.stderr


def test_a_server_refuses_a_script_by_its_text_alone(live: Live):
    bad = ProblemSet.from_toml(SET.replace("dx, dW1, db1 =", "dx, dW1 ="))
    classroom = new_classroom(live)
    refused = classroom.instructor.post("/problem-sets", bad.to_json().encode())
    assert refused.status == 422
    assert "db1 is asked, and no line of the script binds it" in refused.detail


def test_the_self_check_grades_by_the_script(folder: Path):
    command = (*PYTEST, "--gradgrade", "set.toml", "--gradgrade-variants", "2")
    for file, code in (("right.py", 0), ("wrong.py", 1)):
        done = subprocess.run(
            [*command, "--gradgrade-file", file], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == code, done.stdout
