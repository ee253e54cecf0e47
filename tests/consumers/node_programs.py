"""The programs of npm that read what is written here; `make consumers` installs them."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).with_name("node")
SECONDS = 120


def needed() -> None:
    """Skip what needs them where they are not installed."""
    if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("node's programs are not installed: make consumers")


def run(*command: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program of theirs, without a word to its makers."""
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return subprocess.run(
        ["node", *map(str, command)],
        cwd=FOLDER,
        env={**os.environ, **quiet},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def are_valid(schema: dict[str, Any], *documents: Any) -> list[bool]:
    """Whether ajv, in strict mode of 2020-12, takes each document.

    It takes no schema with a keyword that it doesn't know, or that means nothing where it stands.
    """
    done = run("strict.mjs", stdin=json.dumps({"schema": schema, "documents": documents}))
    if done.returncode:
        raise ValueError(done.stderr)
    return [is_valid for is_valid, _ in json.loads(done.stdout)]


def spectral_errors(document: Path) -> list[str]:
    """What spectral finds wrong."""
    program = FOLDER / "node_modules/@stoplight/spectral-cli/dist/index.js"
    done = run(program, "lint", "--format=json", "--quiet", document)
    assert done.stdout, done.stderr
    return [each["message"] for each in json.loads(done.stdout) if each["severity"] == 0]


def redocly_errors(document: Path) -> list[str]:
    """What redocly finds wrong."""
    program = FOLDER / "node_modules/@redocly/cli/bin/cli.js"
    done = run(program, "lint", "--format=json", "--max-problems=1000", document)
    assert done.stdout, done.stderr
    problems = json.loads(done.stdout)["problems"]
    return [each["message"] for each in problems if each["severity"] == "error"]
