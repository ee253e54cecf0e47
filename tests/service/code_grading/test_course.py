"""The example course, used as its students and its instructor use it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import ROOT
from tests.service.cli.run import COMMAND, assert_refused, run
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.programs import PYTEST

COURSE = ROOT / "examples" / "course"

pytestmark = needs_bubblewrap


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return Path(shutil.copytree(COURSE, tmp_path / "course"))


def ran(course: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=300)


def pytested(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return ran(course, *PYTEST, "--gradgrade", "week-3.toml", *arguments)


def test_what_students_are_handed_out_fails_and_says_what_is_missing(course):
    done = pytested(course)
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "delta2: missing" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_solution_passes_beside_the_students_own_tests(course):
    done = pytested(course, "--gradgrade-file", "solution.py")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_under_xdist_the_same_tests_run(course):
    done = pytested(course, "--gradgrade-file", "solution.py", "-n", "2")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


@pytest.mark.parametrize("name", ["nonsense", "student.py"])
def test_what_is_no_set_is_refused_in_one_line(course, name):
    done = ran(course, *PYTEST, "--gradgrade", name)
    assert done.returncode == 4
    assert "Traceback" not in done.stdout + done.stderr
    assert name in done.stderr


def test_a_students_pytest_configuration_does_not_change_what_the_code_earns(course):
    (course / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    report = yield\n    report.outcome = 'passed'\n    return report\n"
    )
    # Who controls pytest controls what pytest prints; what is graded is what `check-code` finds.
    assert pytested(course).returncode == 0
    done = run("check-code", "week-3.toml", "student.py", "--no-smallest", cwd=course)
    assert done.exit_code == 1


def test_the_instructor_grades_into_a_file_and_sees_the_score(course):
    done = run(
        *("check-code", "week-3.toml", "student.py", "--variants", "3", "--seed", "another"),
        *("--format", "gradescope", "--out", "results.json"),
        cwd=course,
    )
    assert done.exit_code == 1, done.stderr
    results = json.loads((course / "results.json").read_text())
    assert sum(each["score"] for each in results["tests"]) == 0.91
    done = run("check-code", "week-3.toml", "solution.py", "--format", "json", cwd=course)
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert (found["schema"], found["score"], found["confined"]) == (
        "gradgrade/code-check/1",
        10,
        True,
    )


def test_one_exercise_file_is_one_variant(course):
    assert run("generate", "week-3.toml", "--out", "out", cwd=course).exit_code == 0
    (exercise,) = (course / "out").glob("*.exercise.json")
    done = run("check-code", exercise, "solution.py", "--format", "json", cwd=course)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["exercises"][0]["variants"] == 1


def test_without_a_sandbox_nothing_is_graded_and_unsafe_is_marked(course):
    command = ("check-code", "week-3.toml", "solution.py", "--variants", "1")
    bubblewrap = str(shutil.which("bwrap"))
    hidden = ("--dev-bind", "/", "/", "--ro-bind", "/dev/null", bubblewrap)
    done = ran(course, bubblewrap, *hidden, "--", str(COMMAND), *command)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "sandbox" in done.stderr
    assert "Traceback" not in done.stderr
    unsafe = run(*command, "--unsafe", "--format", "json", cwd=course)
    assert unsafe.exit_code == 0
    assert json.loads(unsafe.stdout)["confined"] is False
    assert "without a sandbox" in run(*command, "--unsafe", cwd=course).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("week-3.toml", "absent.py"), "absent.py"),
        (("week-3.toml", "solution.py", "--exercise", "nonsense"), "nonsense"),
        (("nonsense", "solution.py"), "nonsense"),
        (("week-3.toml", "solution.py", "--variants", "0"), "0"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(course, arguments, says):
    assert_refused(run("check-code", *arguments, cwd=course), says)
