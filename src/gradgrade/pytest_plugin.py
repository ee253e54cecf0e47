"""The pytest plugin: `pytest --gradgrade SET` grades `student.py` beside a student's own tests.

Every exercise of the set is one test. Under xdist each worker grades the exercises that it is
given. With `--gradgrade-server` the set is one of a course's server, which grades. pytest loads
this module in every run of every project beside which gradgrade is installed: nothing of ours is
imported before the option is there.

A student's own conftest and tests run in the same process and decide what pytest reports: this is a
self-check, and never a source of grades. So nothing that is secret goes in here.
"""

from __future__ import annotations

import pytest

OPTION = "--gradgrade"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all of which begin with `--gradgrade`."""
    group = parser.getgroup("gradgrade", "grading of student code")
    group.addoption(OPTION, metavar="SET", help="grade the student's file on a problem set")
    group.addoption(
        "--gradgrade-file",
        metavar="STUDENT",
        default="student.py",
        help="what is handed in: a file, folder, zip archive or notebook",
    )
    group.addoption(
        "--gradgrade-server", metavar="URL", help="a server, which has the set and grades"
    )
    group.addoption("--gradgrade-exercise", metavar="NAME", help="one exercise of the set")
    group.addoption(
        "--gradgrade-variants", metavar="N", type=int, default=10, help="variants of each exercise"
    )
    group.addoption("--gradgrade-seed", metavar="S", help="what the variants depend on")
    group.addoption(
        "--gradgrade-unsafe", action="store_true", help="run the file without a sandbox"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what is secret where a student's files run, and draw a seed where none is stated."""
    if config.getoption(OPTION) is not None:
        from gradgrade.service.pytest_options import prepare

        prepare(config)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Tell the seed, and that this is a self-check."""
    if config.getoption(OPTION) is None:
        return None
    seed = config.getoption("--gradgrade-seed")
    return f"gradgrade: a self-check, no source of grades; seed {seed}"


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add a test for every exercise."""
    problem_set = config.getoption(OPTION)
    if problem_set is not None:
        from gradgrade.service.pytest_items import graded_exercises

        items.extend(graded_exercises(session, config, problem_set))
