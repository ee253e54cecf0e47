"""The ways in that a stranger has: the Makefile's targets, README's commands, the demonstration."""

import re
import subprocess
import sys

import pytest

from tests import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = (
    *("help", "demo", "serve", "test", "quick", "full", "check"),
    *("bench", "evidence", "promises", "verify", "durations", "lock", "clean"),
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


def test_ci_runs_the_checks_the_demonstration_and_the_verification():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111 == 0o111
    text = script.read_text("utf-8")
    assert "set -euo pipefail" in text
    assert re.findall(r"^make (\w+)", text, re.MULTILINE) == ["check", "demo", "verify"]


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
    assert "Every verdict is what it has to be." in result.stdout
