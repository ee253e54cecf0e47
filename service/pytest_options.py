"""What the pytest plugin is told, and whether it may be: what is secret is for no student.

A student's conftest, plugins and tests can read what the process can in which pytest loads them.
Nothing here imports what computes before all that is stated is taken.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradgrade.service.cli.course.asked import TOKEN

SECRETS = (TOKEN, "GRADGRADE_SECRET")
"""Variables of the environment that no student may read."""


def prepare(config: pytest.Config) -> None:
    """Refuse what is secret where a student's files run, and draw a seed where none is stated.

    Raises:
        pytest.UsageError: a token, a secret or a seed is there, and so is what a student wrote.
    """
    secret = [name for name in SECRETS if os.environ.get(name)]
    secret += [f"--gradgrade-{name}" for name in ("server", "seed") if _stated(config, name)]
    if secret and not _is_worker(config) and not _is_apart(config):
        raise pytest.UsageError(
            f"--gradgrade: {secret[0]} is not for a process that runs a student's files: their "
            "conftest and tests could read it. Run gradgrade check-code, or pytest --noconftest "
            "with root, folder and tests outside the folder of the student's file"
        )
    if not _stated(config, "seed"):
        from gradgrade.service.code_grading.checking.seeds import fresh_seed

        # Workers are given the options as they are now.
        config.option.gradgrade_seed = fresh_seed()


def _stated(config: pytest.Config, name: str) -> bool:
    return config.getoption(f"--gradgrade-{name}") is not None


def _is_worker(config: pytest.Config) -> bool:
    """Tell whether xdist started this process, after the first one was looked at."""
    return hasattr(config, "workerinput")


def _is_apart(config: pytest.Config) -> bool:
    """Tell whether pytest loads nothing from the folder of the student's file."""
    handed_in = student_file(config).resolve()
    folder = handed_in if handed_in.is_dir() else handed_in.parent
    start = config.invocation_params.dir
    tests = [start / each.partition("::")[0] for each in config.args]
    loaded = [config.rootpath, start, *tests, *filter(None, [config.inipath])]
    return bool(config.getoption("noconftest")) and not any(
        each.resolve().is_relative_to(folder) for each in loaded
    )


def student_file(config: pytest.Config) -> Path:
    """Return what is graded: a file, folder, zip archive or notebook."""
    return Path(config.invocation_params.dir, config.getoption("--gradgrade-file"))
