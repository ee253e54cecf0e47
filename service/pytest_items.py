"""The tests that the pytest plugin adds: one for each exercise of a problem set.

They run in one process with whatever pytest loads, which makes of their outcomes what it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gradgrade.oracle.errors import OracleError
from gradgrade.problems import DocumentError, ExerciseError
from gradgrade.service.cli.check_code import source_of
from gradgrade.service.cli.errors import BadInput, CannotGrade
from gradgrade.service.client.connection import ClientError
from gradgrade.service.code_grading.checking.check import check_program
from gradgrade.service.code_grading.checking.document import told
from gradgrade.service.code_grading.checking.server_source import NOT_SEARCHED
from gradgrade.service.code_grading.errors import CodeGradingError
from gradgrade.service.code_grading.sandbox.sandbox import Bubblewrap, Unconfined
from gradgrade.service.pytest_options import student_file


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
    file = student_file(config)
    if not file.exists():
        raise pytest.UsageError(
            f"--gradgrade-file: {file}: no such file or folder; write where what is graded lies"
        )
    try:
        source = source_of(problem_set, name=exercise, **given)
        for each in source.names:
            yield ExerciseItem.from_parent(
                session, name=f"gradgrade::{each}", source=source, exercise=each
            )
    except (DocumentError, OSError, BadInput, CannotGrade) as error:
        raise pytest.UsageError(f"--gradgrade: {error}") from None
