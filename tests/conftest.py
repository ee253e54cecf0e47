"""Settings for all tests: what is drawn, and by which marks tests are chosen.

Drawn cases are the same in every run where CI is set. Every test has the mark of its folder; what
is slow or needs PostgreSQL has that too, and `make quick` leaves it out.
"""

import gc
import os
import sys
from collections.abc import Generator
from compileall import compile_dir
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import ROOT
from tests.durations import slow_tests, without_case
from tests.examples import USUAL, examples, share, spread

GARBAGE = 20_000
"""How many more objects there are before garbage is looked for."""

FEW_ROWS = 4
"""Of each table, in a quick run."""

ABOUT_DATABASES = ("tests/service/store/", "tests/promises/")

ABOUT_WHAT_IS_SHOWN = (
    "tests/service/web/",
    *(f"tests/service/course_api/test_{each}.py" for each in ("canaries", "feedback", "previews")),
)
"""What these ask of a database, other tests of a course have asked of each already."""

# Hundreds of processes import the same modules: also where bytecode is not kept, as in many
# containers, they are not compiled for each of them.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# As an installation has them: a sandbox and an audited suite write no bytecode of what they import.
for each in ("code_grading/child", "audit/standin"):
    compile_dir(ROOT / "service" / each, quiet=1)
# Nor do they start threads for matrices, which are small here: that is a third of importing numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

settings.register_profile(
    "local",
    max_examples=examples(100),
    deadline=None,
    # An exercise is drawn in one piece, and solved while it is drawn.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let neighbours run in one process, where they share servers and what is worked out once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage in what is collected, then or later: all of it is needed to the end.

    What tests make is looked through less often than usual: hardly any of it is garbage.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(GARBAGE)
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test; leave out rows of tables that show again what another has shown."""
    slow = slow_tests()
    for item in items:
        if folder := _folder(item):
            item.add_marker(folder)
        if without_case(item.nodeid) in slow:
            item.add_marker("slow")
        if "PostgreSQL" in _case(item):
            item.add_marker("postgresql")
    again = _rows_on_postgresql_again(items) if share() < 1 else []
    beyond = _rows_beyond_a_few(items) if share() < USUAL else []
    config.hook.pytest_deselected(items=[*again, *beyond])
    left_out = {*again, *beyond}
    items[:] = [item for item in items if item not in left_out]


def _rows_beyond_a_few(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return all but a few evenly spread rows of each test's table, for a quick run."""
    by_test: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_test.setdefault(without_case(item.nodeid), []).append(item)
    kept = set()
    for rows in by_test.values():
        few = min(len(rows), FEW_ROWS)
        kept.update(rows[at * len(rows) // few] for at in range(few))
    return [item for item in items if item not in kept]


def _rows_on_postgresql_again(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return all but one row of each test with PostgreSQL, and most tests of what is shown.

    SQLite has shown what each row does; what another database does to that, one tells. Where a
    row may itself be about the database, it is not left out.
    """
    tried: dict[str, pytest.Item] = {}
    again = []
    for item in items:
        if item.get_closest_marker("postgresql") and not _is_within(item, ABOUT_DATABASES):
            test = without_case(item.nodeid)
            if test in tried:
                again.append(item)
            tried.setdefault(test, item)
    on_sqlite = {without_case(item.nodeid) for item in items if "SQLite" in _case(item)}
    shown = [
        item
        for test, item in tried.items()
        if test in on_sqlite and _is_within(item, ABOUT_WHAT_IS_SHOWN)
    ]
    kept = set(spread(shown))
    return [*again, *(item for item in shown if item not in kept)]


def _is_within(item: pytest.Item, places: tuple[str, ...]) -> bool:
    """Return whether a test stands in one of these folders and files."""
    return item.nodeid.startswith(places)


def _folder(item: pytest.Item) -> str | None:
    """Return the folder of the tests, or of the package, in which a test stands."""
    top, *inside, _ = item.nodeid.partition("::")[0].split("/")
    return next(iter(inside[top == "src" :]), None)


def _case(test: pytest.Item) -> tuple[object, ...]:
    """Return what a test is given of a table, by its own or by a fixture's."""
    return tuple(test.callspec.params.values()) if hasattr(test, "callspec") else ()
