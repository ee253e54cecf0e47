"""The examples: they parse, call commands that exist, and the Gradescope one grades."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from gradgrade.service.cli.program import program
from gradgrade.service.cli.results import FORMATS
from tests import ROOT
from tests.service.cli.run import COMMAND
from tests.service.code_grading.conftest import needs_bubblewrap
from tests.service.code_grading.results.test_json_formats import checked

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted((EXAMPLES / "gradescope").iterdir())
WORKFLOW = EXAMPLES / "github" / "gradgrade.yml"
PIPELINE = EXAMPLES / "gitlab" / "gradgrade.gitlab-ci.yml"

Files = dict[str, Path]


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def workflow_steps() -> list[dict[str, Any]]:
    return loaded(WORKFLOW)["jobs"]["grade"]["steps"]


def command_lines() -> list[list[str]]:
    """Every call of gradgrade that an example makes, in words."""
    calls = [step.get("run", "") for step in workflow_steps()]
    calls += loaded(PIPELINE)["grade"]["script"]
    script = (EXAMPLES / "gradescope" / "run_autograder").read_text("utf-8")
    shared = re.search(r'exec "\$\{grading\[@\]\}" (.*)\n\Z', script.replace("\\\n", ""))
    assert shared is not None
    calls += [f"{call} {shared[1]}" for call in re.findall(r"grading=\((.*)\) ;;", script)]
    values = {"$visibility": "visible"}
    return [
        [values.get(word, word) for word in shlex.split(call)]
        for call in calls
        if call.startswith("gradgrade ")
    ]


def test_every_example_calls_gradgrade():
    called = [words[1] for words in command_lines()]
    assert called == ["check-code", "check-code", "check-code", "grade"]


WORKFLOWS = (
    WORKFLOW,
    EXAMPLES / "github" / "gradgrade-server.yml",
    EXAMPLES / "course" / ".github" / "workflows" / "check.yml",
)
CLASSROOM50 = EXAMPLES / "classroom50"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_a_workflow_uses_is_pinned(path: Path):
    steps = [step for job in loaded(path)["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each) for each in used)
    assert loaded(path)["env"]["GRADGRADE"] == PINNED


PINNED = f"gradgrade=={version('gradgrade')}"


def test_the_other_pipelines_are_pinned_too():
    job = loaded(PIPELINE)["grade"]
    assert job["variables"]["GRADGRADE"] == PINNED
    assert re.search(r":\d+\.\d+\.\d+", job["image"])
    assert (CLASSROOM50 / "requirements.txt").read_text() == f"{PINNED}\n"


def test_what_grades_takes_set_and_harness_from_the_instructor_and_no_known_seed():
    graded = [words for words in command_lines() if words[1] == "check-code"]
    sets = [words[2] for words in graded]
    assert sets == ["course/week-3.toml", "/course/week-3.toml", "$source/problem-set.toml"]
    assert not [words for words in graded if "--seed" in words]
    assert "GRADGRADE_SECRET" in workflow_steps()[-1]["env"]


RUNNER = {
    **{"CLASSROOM": "networks", "ASSIGNMENT": "week-3", "SUBMISSION_TAG": "submission-1"},
    "COMMIT_URL": "https://example.org/commit/1",
    "RELEASE_URL": "https://example.org/release/1",
}
"""What Classroom 50 tells a job."""


@needs_bubblewrap
def test_classroom_50_s_script_grades_beside_what_a_student_changed(tmp_path: Path):
    harness, submission = tmp_path / "harness", tmp_path / "submission"
    shutil.copytree(CLASSROOM50, harness)
    shutil.copy(EXAMPLES / "course" / "week-3.toml", harness)
    submission.mkdir()
    shutil.copy(EXAMPLES / "course" / "solution.py", submission / "student.py")
    # A student's own set, easier, is looked at by nobody.
    (submission / "week-3.toml").write_text("nonsense")
    done = subprocess.run(
        [sys.executable, str(harness / "autograder.py")],
        cwd=submission,
        env=os.environ | RUNNER | {"PATH": f"{COMMAND.parent}:{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    value = checked("classroom50", (submission / "result.json").read_text("utf-8"))
    assert value["score"] == value["max-score"] == 1000


@pytest.mark.parametrize("words", command_lines(), ids=" ".join)
def test_what_the_examples_call_is_a_command_with_these_options(words: list[str]):
    _, name, *arguments = words
    parsed = program.commands[name].make_context(name, arguments).params
    assert parsed["form"] in FORMATS


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_scripts_are_bash_and_executable(path: Path):
    assert os.access(path, os.X_OK)
    assert path.read_text("utf-8").startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", str(path)], check=True)


def autograder(files: Files, tmp_path: Path, answers: str, *, submitted: str = "answers") -> Any:
    """Run Gradescope's script in its layout, below another root."""
    root = tmp_path / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(files["exercise"], root / "source" / "exercise.json")
    shutil.copy(files[answers], root / "submission" / "answers.json")
    script = (EXAMPLES / "gradescope" / "run_autograder").read_text("utf-8")
    (root / "run_autograder").write_text(
        script.replace("submitted=code", f"submitted={submitted}"), encoding="utf-8"
    )
    return subprocess.run(
        ["bash", str(root / "run_autograder")],
        env=os.environ
        | {"AUTOGRADER": str(root), "PATH": f"{COMMAND.parent}:{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("answers", "is_full"), [("right", True), ("partly", False)])
def test_gradescope_s_script_writes_the_results_and_exits_with_0(
    files: Files, tmp_path: Path, answers: str, is_full: bool
):
    done = autograder(files, tmp_path, answers)
    assert (done.returncode, done.stderr) == (0, "")
    results = tmp_path / "autograder" / "results"
    value = checked("gradescope", (results / "results.json").read_text("utf-8"))
    assert (value["score"] == 10) == is_full
    assert [path.name for path in results.iterdir()] == ["results.json"]


def test_gradescope_s_script_writes_nothing_where_nothing_is_graded(files: Files, tmp_path: Path):
    done = autograder(files, tmp_path, "refused")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not list((tmp_path / "autograder" / "results").iterdir())
    assert autograder(files, tmp_path, "right", submitted="essays").returncode == 2


def test_the_workflow_can_only_read_and_hands_no_credentials_to_a_student():
    assert loaded(WORKFLOW)["permissions"] == {"contents": "read"}
    checkouts = [step for step in workflow_steps() if "checkout" in step.get("uses", "")]
    assert len(checkouts) == 2
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_expression_is_put_into_a_shell_line_of_the_workflow():
    assert not [step for step in workflow_steps() if "${{" in step.get("run", "")]


def test_the_pipeline_keeps_the_report_that_it_writes():
    (job,) = loaded(PIPELINE).values()
    words = shlex.split(job["script"][0])
    assert job["artifacts"] == {
        "when": "always",
        "reports": {"junit": words[words.index("--out") + 1]},
    }
