"""The tests that the pytest plugin adds: one for each exercise of a problem set.

They run in one process with whatever pytest loads. A student's conftest, plugins and tests can read
what that process can, and make of its outcomes what they like.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gradgrade.oracle.errors import OracleError
from gradgrade.problems import DocumentError, ExerciseError
from gradgrade.service.cli.check_code import source_of
from gradgrade.service.cli.course.asked import TOKEN
from gradgrade.service.cli.errors import BadInput, CannotGrade
from gradgrade.service.client.connection import ClientError
from gradgrade.service.code_grading.checking.check import check_program
from gradgrade.service.code_grading.checking.document import told
from gradgrade.service.code_grading.checking.seeds import fresh_seed
from gradgrade.service.code_grading.checking.server_source import NOT_SEARCHED
from gradgrade.service.code_grading.errors import CodeGradingError
from gradgrade.service.code_grading.sandbox.sandbox import Bubblewrap, Unconfined

SECRETS = (TOKEN, "GRADGRADE_SECRET")
"""Variables of the environment that no student may read."""


class NotFullMarks(Exception):
    """The code earned less than full marks; the message is what the student is told."""


class ExerciseItem(pytest.Item):
    """One exercise, on which a student's file is graded.

    Args:
        source: of its variants.
        exercise: its name there.
    """

    def __init__(self, *, source: Any, exercise: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.source = source
        self.exercise = exercise

    def runtest(self) -> None:
        """Grade the file; fail with what the student is told."""
        is_unsafe = self.config.getoption("--gradgrade-unsafe")
        file = student_file(self.config)
        sandbox = Unconfined() if is_unsafe else Bubblewrap()
        checked = check_program(self.source, self.exercise, file, sandbox=sandbox)
        self.add_report_section("call", "points", checked.points)
        if not checked.is_right:
            note = "" if self.source.knows_answers else NOT_SEARCHED
            raise NotFullMarks(told(checked, file=file.name) + note)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Return what the student is told, without our own frames."""
        told = (NotFullMarks, DocumentError, ExerciseError, OracleError, CodeGradingError, OSError)
        if isinstance(excinfo.value, (*told, ClientError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return what a report calls the test."""
        return self.config.invocation_params.dir, None, self.name


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


def graded_exercises(
    session: pytest.Session, config: pytest.Config, problem_set: str
) -> Iterator[ExerciseItem]:
    """Yield a test for every exercise of a set.

    Raises:
        pytest.UsageError: the set cannot be read, or an option does not go with it.
    """
    names = ("server", "variants", "seed")
    given = {name: config.getoption(f"--gradgrade-{name}") for name in names}
    exercise = config.getoption("--gradgrade-exercise")
    try:
        source = source_of(problem_set, name=exercise, **given)
        for each in source.names:
            yield ExerciseItem.from_parent(
                session, name=f"gradgrade::{each}", source=source, exercise=each
            )
    except (DocumentError, OSError, BadInput, CannotGrade) as error:
        raise pytest.UsageError(f"--gradgrade: {error}") from None
