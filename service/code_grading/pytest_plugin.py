"""The pytest plugin: `pytest --gradgrade SET` grades `student.py` beside a student's own tests.

Every exercise of the set is one test. Under xdist each worker grades the exercises that it is
given. Nothing heavy is imported unless the option is there. With `--gradgrade-server` the set is
one of a course's server, which grades.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

OPTION = "--gradgrade"


class NotFullMarks(Exception):
    """The code earned less than full marks; the message is what the student is told."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all of which begin with `--gradgrade`."""
    group = parser.getgroup("gradgrade", "grading of student code")
    group.addoption(OPTION, metavar="SET", help="grade the student's file on a problem set")
    group.addoption(
        "--gradgrade-file", metavar="FILE", default="student.py", help="the student's file"
    )
    group.addoption(
        "--gradgrade-server", metavar="URL", help="a server, which has the set and grades"
    )
    group.addoption("--gradgrade-exercise", metavar="NAME", help="one exercise of the set")
    group.addoption(
        "--gradgrade-variants", metavar="N", type=int, default=10, help="variants of each exercise"
    )
    group.addoption(
        "--gradgrade-seed", metavar="S", default="0", help="another seed, other numbers"
    )
    group.addoption(
        "--gradgrade-unsafe", action="store_true", help="run the file without a sandbox"
    )


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add a test for every exercise."""
    if config.getoption(OPTION) is not None:
        items.extend(_items(session, config))


class GradedExercise(pytest.Item):
    """One exercise, on which a student's file is graded.

    Args:
        source: of its variants.
    """

    def __init__(self, *, source: Any, **rest: Any) -> None:
        super().__init__(**rest)
        self.source = source

    def runtest(self) -> None:
        """Grade the file; fail with what the student is told."""
        from service.code_grading.check import check
        from service.code_grading.code_check import told
        from service.code_grading.sandbox import Bubblewrap, Unconfined
        from service.code_grading.server_source import NOT_SEARCHED

        is_unsafe = self.config.getoption("--gradgrade-unsafe")
        file = Path(self.config.invocation_params.dir, self.config.getoption("--gradgrade-file"))
        (checked,) = check(self.source, file, sandbox=Unconfined() if is_unsafe else Bubblewrap())
        self.add_report_section("call", "points", checked.points)
        if not checked.is_right:
            note = "" if self.source.knows_answers else NOT_SEARCHED
            raise NotFullMarks(told(checked, file=file.name) + note)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Return what the student is told, without our own frames."""
        from oracle.errors import OracleError
        from problems import DocumentError, ExerciseError
        from service.code_grading.errors import CodeGradingError
        from service.connection import ClientError

        told = (NotFullMarks, DocumentError, ExerciseError, OracleError, CodeGradingError, OSError)
        if isinstance(excinfo.value, (*told, ClientError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return what a report calls the test."""
        return self.config.invocation_params.dir, None, self.name


def _items(session: pytest.Session, config: pytest.Config) -> Iterator[GradedExercise]:
    from problems import DocumentError
    from service.cli.check_code import source_of
    from service.cli.errors import BadInput, CannotGrade

    names = ("server", "variants", "seed")
    given = {name: config.getoption(f"--gradgrade-{name}") for name in names}
    exercise = config.getoption("--gradgrade-exercise")
    try:
        for source in source_of(config.getoption(OPTION), name=exercise, **given).one_by_one():
            (name,) = source.names()
            yield GradedExercise.from_parent(session, name=f"gradgrade::{name}", source=source)
    except (DocumentError, OSError, BadInput, CannotGrade) as error:
        raise pytest.UsageError(f"{OPTION}: {error}") from None
