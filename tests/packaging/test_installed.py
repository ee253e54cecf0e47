"""The wheel alone, with what it declares to need: no extra, no checkout, no tests."""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.examples import share

from .conftest import Built, Environment
from .test_built import contents

SECONDS = 30


def test_serve_answers_until_it_is_told_to_stop(installed: Environment, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [installed.command, "serve", "--port", "0"],
        cwd=tmp_path,
        env=installed.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{address}/healthz", timeout=SECONDS) as response:
            assert json.load(response) == {"status": "ok"}
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors


def test_the_oracle_proves_itself_check_by_check(installed: Environment, tmp_path: Path) -> None:
    # A check of every kind comes up; `make verify` runs them all, from the checkout.
    program = (
        "import sys\nfrom gradgrade.problems import self_check\n"
        "every = self_check.checks\n"
        f"self_check.checks = lambda *, full: every(full=full)[::{1 if share() >= 1 else 11}]\n"
        "from gradgrade.service.cli import main\n"
        "sys.argv = ['gradgrade', 'verify']\nmain()"
    )
    done = installed.run(installed.python, "-c", program, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    *checks, summary = done.stdout.splitlines()
    assert " passed " in checks[-1]
    assert summary.endswith(" checks, 0 failed")
    assert "FAILED" not in done.stdout


def test_an_exercise_is_generated_solved_and_graded(installed: Environment, tmp_path: Path) -> None:
    generated = installed.run(
        *(installed.command, "generate", "seeds", "--out", tmp_path, "--format", "json"),
        cwd=tmp_path,
    )
    assert generated.returncode == 0, generated.stderr
    exercise = json.loads(generated.stdout)[0]["file"]
    solved = installed.run(installed.command, "solve", exercise, "--format", "json", cwd=tmp_path)
    asked = [part["name"] for part in json.loads(Path(exercise).read_text())["ask"]]
    values = json.loads(solved.stdout)["values"]
    answers = json.dumps({name: values[name]["float64"] for name in asked})
    for text, code in ((answers, 0), ('{"loss": 7}', 1)):
        graded = installed.run(installed.command, "grade", exercise, "-", cwd=tmp_path, stdin=text)
        assert graded.returncode == code, graded.stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("serve --database postgresql://localhost/course", "postgresql"),
        ("generate seeds --out . --cluster tcp://127.0.0.1:1", "cluster"),
        ("worksheet seeds --out . --format pdf", "pdf"),
        ("serve --config redis.toml", "prod"),
    ],
)
def test_what_an_extra_brings_is_asked_for_in_a_line(
    installed: Environment, tmp_path: Path, command: str, extra: str
) -> None:
    (tmp_path / "redis.toml").write_text('redis = "redis://127.0.0.1:6379/0"\n')
    done = installed.run(installed.command, *command.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("gradgrade: error: ")
    assert done.stderr.count("\n") == 1
    assert f"pip install 'gradgrade[{extra}]'" in done.stderr


def test_a_shell_completes_commands(installed: Environment, tmp_path: Path) -> None:
    asked = {
        "_GRADGRADE_COMPLETE": "bash_complete",
        "COMP_WORDS": "gradgrade gen",
        "COMP_CWORD": "1",
    }
    done = installed.run(installed.command, cwd=tmp_path, variables=asked)
    assert done.stdout.splitlines() == ["plain,generate"]


def test_every_module_is_imported_without_an_extra(
    installed: Environment, built: Built, tmp_path: Path
) -> None:
    apart = ("migrations/", "code_grading/child/", "exports/prairielearn/server.py")
    names = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in contents(built.wheel)
        if name.endswith(".py") and not any(each in name for each in apart)
    ]
    # The pytest plugin is pytest's own to import.
    names = [name for name in names if "pytest" not in name]
    program = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    done = installed.run(installed.python, "-c", program, cwd=tmp_path)
    assert len(names) > 300
    assert done.returncode == 0, done.stderr
