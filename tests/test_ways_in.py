"""The ways in that a stranger has: the Makefile's targets, README's commands, the demonstration."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.service.cli.run import run

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = (
    *("help", "demo", "try", "serve", "test", "consumers", "quick", "full", "check"),
    *("bench", "evidence", "promises", "verify", "durations", "screenshots"),
    *("texts", "lock", "clean"),
)


def _make(*arguments):
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_make_alone_lists_every_target():
    listing = _make().stdout
    assert re.findall(r"^ +make (\w+)", listing, re.MULTILINE) == list(TARGETS)


@pytest.mark.parametrize("target", [*TARGETS, ".venv"])
def test_every_target_can_be_made(target):
    assert _make("--dry-run", target).returncode == 0


def test_the_installation_follows_the_lock_and_the_project_file():
    rule = re.search(r"^\.venv/installed:(.*)$", MAKEFILE, re.MULTILINE)
    assert set(rule[1].split()) == {"requirements.lock", "pyproject.toml"}


def test_the_two_commands_of_the_readme_are_targets():
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = set(re.findall(r"^ *make ([a-z]+)", readme, re.MULTILINE))
    assert len(commands) >= 2
    assert commands <= set(TARGETS)


def test_an_instructors_first_five_minutes_in_the_readme_can_be_lived(tmp_path, monkeypatch):
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.partition("## Instructor")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    assert [(program, command) for program, command, *_ in lines] == [
        ("gradgrade", command)
        for command in ("new", "check", "publish", "enrol", "gradebook", "generate", "worksheet")
    ]
    monkeypatch.chdir(tmp_path)
    roster = "id,name,email\ns001,Ada Lovelace,ada@example.org\ns002,Zoë,zoe@example.org\n"
    Path("students.csv").write_text(roster, encoding="utf-8")
    for _, *arguments in lines:
        # As it stands but for its size.
        result = run(*("2" if each == "30" else each for each in arguments))
        assert result.exit_code == 0, result.output
    assert Path("week-3.xlsx").read_bytes().startswith(b"PK")
    assert Path("tokens.csv").read_text("utf-8").count("/sign-in#gg_") == 2
    assert len(list(Path("sheets").glob("*.answers.html"))) == 2


def test_ci_runs_the_checks_the_demonstration_and_the_verification():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111 == 0o111
    text = script.read_text("utf-8")
    assert "set -euo pipefail" in text
    assert re.findall(r"^make (\w+)", text, re.MULTILINE) == [
        "consumers",
        "check",
        "demo",
        "verify",
    ]


def test_the_demonstration_ends_well():
    result = subprocess.run(
        [sys.executable, "-m", "gradgrade.service.cli.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("exact") == 2
    assert "The shape is" in result.stdout
    assert "Not judged" not in result.stdout  # of every other part of such an answer
    assert "Every verdict is what it has to be." in result.stdout
